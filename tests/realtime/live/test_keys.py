"""Each key does what the table says of it: its words, written down here once more beside what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from emoscope.live import viewer as loop
from emoscope.live.viewer import Viewer
from emoscope.network.network import PREDICTED, RUNNER_UP
from emoscope.reading.session import Session
from emoscope.view.keys import BINDINGS, Binding, press
from emoscope.view.state import ViewState
from tests.realtime.live.doubles import ListSource, ListWindow
from tests.realtime.tiny import CONTRACT, gray

KINDS = ("pool", "conv", "norm", "conv", "pool")
LAYERS = tuple(replace(CONTRACT.layers[0], name=f"l{n}", kind=kind, channels=4) for n, kind in enumerate(KINDS))
STATE = ViewState(
    labels=(*"abcdefgh", "neutral"),
    layers=LAYERS,
    methods=("gradcam", "layercam", "saliency"),
    view="map",
    layer=2,
    method=1,
    unit=1,
    page=1,
    page_size=1,
    target=8,
    face=5,
    tracks=(3, 5, 8),
    heat=True,
    opacity=0.5,
    colours=1,
    subject=5,
    priors=(0.0, 0.5, 1.0),
    prior=0.5,
)

CHANGES: dict[str, dict[str, object]] = {
    "heat: where the network looks": {"view": "gradcam"},
    "feature maps of the layer": {"view": "maps"},
    "one feature map, large": {"view": "off"},
    "the crop the network sees": {"view": "crop"},
    "next view, off among them": {"view": "crop"},
    "layer towards the input": {"layer": 1, "page": 0},
    "layer towards the output": {"layer": 3, "page": 0},
    "first convolution": {"layer": 1, "page": 0},
    "last convolution": {"layer": 3, "page": 0},
    "previous feature map": {"unit": 0, "page": 0, "cursor": True},
    "next feature map": {"unit": 2, "page": 2, "cursor": True},
    "most active first, held, by number": {"held": True},
    "pixels that drive the map": {"rule": "gradient"},
    "rather than another class": {"against": RUNNER_UP},
    "inset small, half, whole": {"inset": "half"},
    "previous page of maps": {"view": "maps"},
    "next page of maps": {"view": "maps"},
    "size of text and panels": {"text_scale": 1.25},
    "all layers in a strip": {"all_layers": True},
    "again and again": {"loop": True},
    "next CAM method": {"method": 2},
    "previous CAM method": {"method": 0},
    "heat on the faces": {"heat": False},
    "more heat": {"opacity": 0.6},
    "less heat": {"opacity": 0.4},
    "next colour map": {"colours": 2},
    **{f"explain class {number}": {"target": number - 1} for number in range(1, 9)},
    "explain class 9": {},
    "explain the prediction": {"target": PREDICTED},
    "my neutral face, on or off": {"at_rest": (5,), "asked": "rest"},
    "prior: 0, default, 1": {"prior": 1.0, "asked": "prior"},
    "next face, or click one": {"face": 8},
    "probability bars": {"bars": False},
    "labels": {"names": False},
    "probabilities over time": {"history": True},
    "status: a line, a table, off": {"hud": "table"},
    "this help": {"help": True},
    "mirror": {"mirror": True},
    "pause": {"paused": True},
}
"""What a key of these words changes in `STATE`, in which class 9 is explained already."""

DEEDS: dict[str, str] = {
    "full screen": "full screen",
    "one frame on": "step 1",
    "one frame back": "step -1",
    "from the start": "seek 0.0",
    "5 s back, or previous picture": "move -1",
    "5 s on, or next picture": "move 1",
    "next camera": "change of camera",
    "snapshot": "snapshot",
    "record what is shown": "recording, clean: False",
    "record the clean picture": "recording, clean: True",
    "log the readings": "log",
    "mark this moment": "marker",
}
"""What the viewer does for keys that change nothing in the state; leaving is not among them."""


@pytest.fixture
def done() -> list[str]:
    """What was done, in order."""
    return []


@pytest.fixture
def viewer(session: Session, tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch) -> Viewer:
    """A viewer that only notes what it would do."""

    def noting(what: str) -> Callable[..., None]:
        return lambda *how: done.append(" ".join([what, *map(str, how)]))

    viewer = Viewer(ListSource([gray()]), session, ListWindow(), STATE, tmp_path)
    monkeypatch.setattr(viewer.window, "toggle_fullscreen", noting("full screen"))
    monkeypatch.setattr(viewer.source, "step", noting("step"), raising=False)
    monkeypatch.setattr(viewer.source, "move", noting("move"), raising=False)
    monkeypatch.setattr(viewer.source, "seek", noting("seek"), raising=False)
    monkeypatch.setattr(type(viewer.source), "is_camera", True)
    monkeypatch.setattr(viewer, "_snapshot", noting("snapshot"))
    monkeypatch.setattr(viewer.recording, "toggle", lambda clean: done.append(f"recording, clean: {clean}"))
    monkeypatch.setattr(viewer, "_log", noting("log"))
    monkeypatch.setattr(viewer, "_mark", noting("marker"))
    monkeypatch.setattr(loop, "next_camera", lambda _: done.append("change of camera"))
    monkeypatch.setattr(viewer.feed, "change", lambda opener, _: opener())
    return viewer


def test_every_row_is_known_here():
    words = [binding.help for binding in BINDINGS]
    assert sorted(words) == sorted([*CHANGES, *DEEDS, "leave", "leave full screen, then leave"])


def keyed(table: Iterable[str]) -> list[object]:
    """Each key of the rows with these words, with its row."""
    rows = [(key, binding) for binding in BINDINGS if binding.help in table for key in binding.keys]
    return [pytest.param(key, binding, id=key) for key, binding in rows]


@pytest.mark.parametrize(("key", "binding"), keyed(CHANGES))
def test_a_key_changes_what_its_words_say(key: str, binding: Binding):
    after = press(STATE, key)
    names = [field.name for field in fields(ViewState)]
    changed = {name: getattr(after, name) for name in names if getattr(after, name) != getattr(STATE, name)}
    assert changed == CHANGES[binding.help]


@pytest.mark.parametrize(("key", "binding"), keyed(DEEDS))
def test_a_key_makes_the_viewer_do_what_its_words_say(key: str, binding: Binding, viewer: Viewer, done: list[str]):
    after = press(STATE, key)
    assert replace(after, asked="") == STATE
    viewer._commands()[after.asked]()
    assert done == [DEEDS[binding.help]]


def test_the_keys_that_leave(viewer: Viewer, done: list[str], monkeypatch: pytest.MonkeyPatch):
    assert press(STATE, "q") == replace(STATE, asked="quit")
    assert press(STATE, "escape") == replace(STATE, asked="escape")
    monkeypatch.setattr(type(viewer.window), "fullscreen", True)
    viewer._commands()["escape"]()
    assert done == ["full screen"]
    assert not viewer.controls.leaving
    monkeypatch.setattr(type(viewer.window), "fullscreen", False)
    viewer._commands()["escape"]()
    assert viewer.controls.leaving
