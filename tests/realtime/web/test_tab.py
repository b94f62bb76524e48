"""One page's frames, keys and choices, without a connection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.errors import EmoscopeError, SourceError
from emoscope.network.network import PREDICTED
from emoscope.web.studio import Studio
from emoscope.web.tab import Sent, Tab
from tests.realtime.tiny import FixedFinder, face, gray
from tests.realtime.web.conftest import jpeg
from tests.realtime.web.talking import opened

STILL = Sent(1, 0.0, still=True)


def test_a_frame_is_answered_with_faces_and_the_insets_heat(tab: Tab) -> None:
    reading = opened(tab.read(STILL, jpeg(gray(204))))
    assert (reading["number"], reading["chosen"]) == (1, 0)
    (told,) = reading["faces"]
    assert told["box"] == [40, 30, 60, 50]
    assert (told["label"], told["class"]) == ("happy", 0)
    assert reading["arrays"] == [[4, 4], [2, 2]]  # the crop, and the heat at pool1
    assert reading["gradcam"] == {"layer": "pool1", "target": "happy", "method": "gradcam", "array": 1}
    assert reading["bytes"][-4:] == b"\xff" * 4


def test_no_face_is_an_answer_too(studio: Studio) -> None:
    studio.open_finder = lambda: FixedFinder()  # type: ignore[assignment,return-value]
    reading = opened(Tab(studio).read(STILL, jpeg(gray())))
    assert (reading["faces"], reading["chosen"], reading["arrays"]) == ([], None, [])


def test_keys_are_the_windows_own(tab: Tab) -> None:
    assert tab.press("a")["view"] == "maps"
    assert tab.press("o")["heat"] is True
    assert tab.press("2")["target"] == 1
    told = tab.press("s")
    assert told["asked"] == "snapshot"
    assert tab.state.asked == ""
    assert tab.press("nothing")["view"] == "maps"


def test_heat_lies_on_faces_when_asked(tab: Tab) -> None:
    tab.press("o")
    reading = opened(tab.read(STILL, jpeg(gray(204))))
    assert reading["arrays"][reading["faces"][0]["heat"]] == [2, 2]


def test_maps_come_with_their_channels_and_scale(tab: Tab) -> None:
    tab.press("a")
    maps = opened(tab.read(STILL, jpeg(gray(204))))["maps"]
    assert maps["channels"] == [0, 1]  # 0.8 before 0.2
    assert maps["peak"] == pytest.approx(0.8, abs=0.01)
    assert maps["signed"] is False


def test_inside_has_the_layer_its_pooling_and_every_method(tab: Tab) -> None:
    tab.choose({"layer": 0})
    reading = opened(tab.read(Sent(1, 0.0, still=True, inside=True), jpeg(gray(204))))
    assert reading["layer"]["layer"] == "conv1"
    assert reading["pool"]["layer"] == "pool1"
    assert [reading[name]["method"] for name in reading["heats"]] == ["gradcam", "layercam"]


def test_tab_goes_through_the_faces_that_were_seen(studio: Studio) -> None:
    studio.open_finder = lambda: FixedFinder(face(track=1), face(x=100, track=2))  # type: ignore[assignment,return-value]
    tab = Tab(studio)
    tab.read(STILL, jpeg(gray()))
    assert [tab.press("tab")["face"] for _ in range(3)] == [2, 1, 2]


def test_the_neutral_face_of_whom_the_page_shows(studio: Studio) -> None:
    studio.open_finder = lambda: FixedFinder(face(track=1), face(x=100, edge=30, track=2))  # type: ignore[assignment,return-value]
    tab = Tab(studio)
    assert tab.press(";")["said"] == "no face in the picture"
    for number in range(40):
        answer = opened(tab.read(Sent(number, number / 10), jpeg(gray())))
        if number == 0:
            told = tab.press(";")
            assert (told["at_rest"], told["said"]) == ((2,), "face 2: show your neutral face for 3 s")
    assert [one.get("at_rest") for one in answer["faces"]] == [None, 1.0]


def test_the_prior_is_chosen_by_key_and_by_list(studio: Studio) -> None:
    assert "does not say what it was trained on" in Tab(studio).press("f7")["said"]
    studio.state = replace(studio.state, priors=(0.0, 0.5, 1.0), prior=0.5)
    tab = Tab(studio)
    assert (told := tab.press("f7"))["prior"] == 1.0 and "all classes alike" in told["said"]
    assert tab.choose({"prior": 0.5})["prior"] == 0.5
    for wrong in (0.3, None, "1", [1], True):
        assert tab.choose({"prior": wrong})["prior"] == 0.5


def test_another_source_forgets_the_faces(studio: Studio) -> None:
    finder = FixedFinder(face())
    studio.open_finder = lambda: finder  # type: ignore[assignment,return-value]
    tab = Tab(studio)
    tab.read(Sent(1, 5.0), jpeg(gray()))
    tab.read(Sent(2, 6.0), jpeg(gray()))
    assert finder.resets == 0
    tab.read(Sent(3, 1.0), jpeg(gray()))
    assert finder.resets == 1
    tab.forget()
    tab.read(Sent(4, 2.0), jpeg(gray()))
    assert finder.resets == 2


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
        ("colours", 3, [4]),
    ],
)
def test_choices_that_do_not_exist_change_nothing(tab: Tab, name: str, good: object, bad: list[object]) -> None:
    assert tab.choose({name: good})[name] == good
    for value in bad:
        assert tab.choose({name: value})[name] == good
    assert tab.choose({"tracks": [9], "labels": []})["target"] in (PREDICTED, 2)
    assert tab.state.labels == ("happy", "sad", "neutral")


def test_what_is_no_frame_is_refused(tab: Tab) -> None:
    for picture in (b"", b"no picture", jpeg(gray())[:40], jpeg(np.zeros((2000, 2000, 3), np.uint8))):
        with pytest.raises(SourceError, match="load the page again"):
            tab.read(STILL, picture)
    for header in ({}, {"number": "x", "time_s": 0, "still": 0, "inside": 0}, {"number": 1, "time_s": [], "still": 0}):
        with pytest.raises(EmoscopeError, match="not a frame"):
            Sent.of(header)
