"""One page's frames, keys and choices, without a connection."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from emoscope.errors import EmoscopeError, SourceError
from emoscope.network.network import PREDICTED
from emoscope.reading.session import NOBODY
from emoscope.view.actions import PRIOR, REST
from emoscope.view.keys import BINDINGS
from emoscope.view.state import ViewState
from emoscope.web.app_state import AppState
from emoscope.web.client_state import ClientState, Sent
from tests.realtime.tiny import FixedFinder, face, gray
from tests.realtime.web.conftest import jpeg
from tests.realtime.web.talking import opened

STILL = Sent(1, 0.0, still=True)


def test_a_frame_is_answered_with_faces_and_the_insets_heat(client: ClientState) -> None:
    reading = opened(client.read(STILL, jpeg(gray(204))))
    assert (reading["number"], reading["chosen"]) == (1, 0)
    (told,) = reading["faces"]
    assert told["box"] == [40, 30, 60, 50]
    assert (told["label"], told["class"]) == ("happy", 0)
    assert reading["arrays"] == [[4, 4], [2, 2]]  # the crop, and the heat at pool1
    assert reading["gradcam"] == {"layer": "pool1", "target": "happy", "method": "gradcam", "against": "", "array": 1}
    assert reading["bytes"][-4:] == b"\xff" * 4


def test_heat_speaks_at_once_for_the_class_that_is_said_since_the_page_may_be_paused_there(client: ClientState) -> None:
    client.read(STILL, jpeg(gray(204)))
    reading = opened(client.read(Sent(2, 1.9), jpeg(gray(0))))
    assert (reading["faces"][0]["label"], reading["gradcam"]["target"]) == ("sad", "sad")


def test_no_face_is_an_answer_too(app_state: AppState) -> None:
    app_state.open_finder = lambda: FixedFinder()  # type: ignore[assignment,return-value]
    reading = opened(ClientState(app_state).read(STILL, jpeg(gray())))
    assert (reading["faces"], reading["chosen"], reading["arrays"]) == ([], None, [])


def test_the_page_does_all_that_keys_leave_to_it() -> None:
    page = (files("emoscope") / "web" / "page" / "main.js").read_text("utf-8")
    commands = re.search(r"const commands = \{(.*?)\n\};", page, re.DOTALL)
    assert commands is not None
    done = set(re.findall(r"^  (\w+):", commands[1], re.MULTILINE))
    asked = {binding.action(ViewState()).asked for binding in BINDINGS} - {""}
    assert asked - done == {PRIOR, REST, "log", "marker"}, "which the server does"


def test_keys_are_the_windows_own(client: ClientState) -> None:
    assert client.press("a")["view"] == "maps"
    assert client.press("o")["heat"] is True
    assert client.press("2")["target"] == 1
    told = client.press("s")
    assert told["asked"] == "snapshot"
    assert client.state.asked == ""
    assert client.press("nothing")["view"] == "maps"


def test_heat_lies_on_faces_when_asked(client: ClientState) -> None:
    client.press("o")
    reading = opened(client.read(STILL, jpeg(gray(204))))
    assert reading["arrays"][reading["faces"][0]["heat"]] == [2, 2]


def test_maps_come_with_their_channels_and_scale(client: ClientState) -> None:
    client.press("a")
    maps = opened(client.read(STILL, jpeg(gray(204))))["maps"]
    assert maps["channels"] == [0, 1]  # 0.8 before 0.2
    assert maps["peak"] == pytest.approx(0.8, abs=0.01)
    assert maps["signed"] is False


def test_inside_has_the_layer_its_pooling_and_every_method(client: ClientState) -> None:
    client.choose({"layer": 0})
    reading = opened(client.read(Sent(1, 0.0, still=True, inside=True), jpeg(gray(204))))
    assert reading["layer"]["layer"] == "conv1"
    assert reading["pool"]["layer"] == "pool1"
    assert [reading[name]["method"] for name in reading["heats"]] == ["gradcam", "layercam"]


def test_tab_goes_through_the_faces_that_were_seen(app_state: AppState) -> None:
    app_state.open_finder = lambda: FixedFinder(face(track=1), face(x=100, track=2))  # type: ignore[assignment,return-value]
    client = ClientState(app_state)
    client.read(STILL, jpeg(gray()))
    assert [client.press("tab")["face"] for _ in range(3)] == [2, 1, 2]


def test_the_neutral_face_of_whom_the_page_shows(app_state: AppState) -> None:
    app_state.open_finder = lambda: FixedFinder(face(track=1), face(x=100, edge=30, track=2))  # type: ignore[assignment,return-value]
    client = ClientState(app_state)
    assert client.press(";")["said"] == "no face in the picture"
    for number in range(40):
        answer = opened(client.read(Sent(number, number / 10), jpeg(gray())))
        if number == 0:
            told = client.press(";")
            assert (told["at_rest"], told["said"]) == ((2,), "face 2: show your neutral face for 3 s")
    assert [one.get("at_rest") for one in answer["faces"]] == [None, 1.0]


def test_the_prior_is_chosen_by_key_and_by_list(app_state: AppState) -> None:
    assert "does not say what it was trained on" in ClientState(app_state).press("f7")["said"]
    app_state.state = replace(app_state.state, priors=(0.0, 0.5, 1.0), prior=0.5)
    client = ClientState(app_state)
    assert (told := client.press("f7"))["prior"] == 1.0 and "all classes alike" in told["said"]
    assert client.choose({"prior": 0.5})["prior"] == 0.5
    for wrong in (0.3, None, "1", [1], True):
        assert client.choose({"prior": wrong})["prior"] == 0.5


def test_another_source_forgets_the_faces(app_state: AppState) -> None:
    finder = FixedFinder(face())
    app_state.open_finder = lambda: finder  # type: ignore[assignment,return-value]
    client = ClientState(app_state)
    client.read(Sent(1, 5.0), jpeg(gray()))
    client.read(Sent(2, 6.0), jpeg(gray()))
    assert (finder.jumps, finder.resets) == (0, 0)
    client.read(Sent(3, 1.0), jpeg(gray()))
    assert (finder.jumps, finder.resets) == (1, 0)
    client.forget()
    client.read(Sent(4, 2.0), jpeg(gray()))
    assert (finder.jumps, finder.resets, finder.starts) == (1, 1, 1)


def test_another_source_forgets_whose_neutral_face_was_asked_for(client: ClientState) -> None:
    client.choose({"face": 1})
    client.read(Sent(0, 0.0), jpeg(gray()))
    assert client.press(";")["at_rest"] == (1,)
    client.forget()
    assert client.press(";")["said"] == "no face in the picture", "whoever was seen is of the source before"
    assert (client.state.at_rest, client.state.face) == ((), NOBODY)
    client.read(Sent(1, 9.0), jpeg(gray()), 0)
    assert client.press(";")["at_rest"] == (), "a frame of the source before that was still read"
    for number in range(40):
        answer = opened(client.read(Sent(number, number / 10), jpeg(gray())))
        assert "at_rest" not in answer["faces"][0]
    assert client.press(";")["at_rest"] == (1,)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("layer", 0, [-1, 2, "conv1", None, True, 0.5]),
        ("method", 1, [2, -1]),
        ("target", 2, [3, -2]),
        ("unit", 1, [2]),
        ("view", "crop", ["nothing", 3]),
        ("opacity", 0.7, [0, 1.1, "x", float("nan")]),
        ("heat", True, [1, "yes"]),
        ("history", True, [0, "no"]),
        ("colours", 3, [4]),
        ("rule", "guided", ["magic", 3, None]),
        ("against", -2, [-3, 3, "sad"]),
    ],
)
def test_choices_that_do_not_exist_change_nothing(
    client: ClientState, name: str, good: object, bad: list[object]
) -> None:
    assert client.choose({name: good})[name] == good
    for value in bad:
        assert client.choose({name: value})[name] == good
    assert client.choose({"tracks": [9], "labels": []})["target"] in (PREDICTED, 2)
    assert client.state.labels == ("happy", "sad", "neutral")


def test_what_is_no_frame_is_refused(client: ClientState) -> None:
    for picture in (b"", b"no picture", jpeg(gray())[:40], jpeg(np.zeros((2000, 2000, 3), np.uint8))):
        with pytest.raises(SourceError, match="load the page again"):
            client.read(STILL, picture)
    for header in ({}, {"number": "x", "time_s": 0, "still": 0, "inside": 0}, {"number": 1, "time_s": [], "still": 0}):
        with pytest.raises(EmoscopeError, match="not a frame"):
            Sent.of(header)
