"""The whole picture: any number of faces anywhere, any view, any size, and no ink where none belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.patch import Patch, lay
from emoscope.draw.picture import annotate, compose
from emoscope.reading.smoothing import Shown
from emoscope.view.keys import KEYS
from emoscope.view.scene import Scene, Status
from emoscope.view.state import VIEWS, ViewState, first_state
from tests.realtime.tiny import CONTRACT, explained, face, gray, shown

STATE = first_state(CONTRACT)
BUSY = replace(STATE, heat=True, history=True, help=True)
PLAIN = replace(STATE, view="off", bars=False, names=False, hud="off")
FRAMES = [(32, 24), (33, 25), (160, 120), (1280, 720), (720, 1280), (3840, 2160)]


def scene(*faces: Shown, **more: object) -> Scene:
    """A scene that has everything."""
    status = Status("film.mp4", 25, 0.03, 2, "gmp", "CPU", {"draw": 0.001}, True, "0:01")
    history = np.random.default_rng(0).random((20, 3), dtype=np.float32)
    chosen = 0 if faces else None
    return replace(Scene(faces, chosen, gray(90, 50, 50), status, history, 20, "paused"), **more)


def crowd(count: int, width: int, height: int) -> list[Shown]:
    """Faces all over a picture and beyond its borders."""
    random = np.random.default_rng(count)
    edges = random.uniform(0.02, 0.4, count) * height
    places = random.uniform(-0.3, 1.1, (count, 2)) * (width, height)
    return [
        shown(face(x, y, edge, track), best=track % 3, why=explained(track))
        for track, ((x, y), edge) in enumerate(zip(places.tolist(), edges.tolist(), strict=True), 1)
    ]


@pytest.mark.parametrize("frame", FRAMES, ids=str)
@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_everything_at_once_on_any_picture(frame: tuple[int, int], count: int):
    picture = gray(128, *frame)
    drawn = annotate(picture, scene(*crowd(count, *frame)), BUSY, KEYS)
    assert drawn.shape == picture.shape
    assert (picture == 128).all()
    assert (drawn != 128).any()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("why", [explained(channels=16), None], ids=["explained", "preparing"])
def test_every_view_at_every_place(view: str, why: object):
    for x in (-200, -20, 300, 630, 900):
        for y in (-200, -20, 200, 470, 800):
            annotate(gray(90, 640, 480), scene(shown(face(x, y, 60), why=why)), replace(STATE, view=view))


@pytest.mark.parametrize("edge", [0, 0.4, 1, 3, 2000])
def test_faces_of_no_size_and_of_every_size(edge: float):
    annotate(gray(), scene(shown(face(30, 30, edge), why=explained())), BUSY)


def test_laying_is_the_formula():
    frame = (320, 240)
    patches = compose(scene(*crowd(3, *frame)), BUSY, *frame, KEYS)
    expected = np.random.default_rng(5).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    picture = expected.copy()
    lay(picture, patches)
    for patch in patches:
        part = patch.inside(*frame)
        if part is not None:
            where = (slice(part.y, part.y + part.height), slice(part.x, part.x + part.width))
            product = np.rint(expected[where].astype(np.float64) * part.pixels[..., 3:] / 255)
            expected[where] = np.minimum(product + part.pixels[..., :3], 255).astype(np.uint8)
    assert np.abs(picture.astype(int) - expected).max() <= 1


def test_ink_never_outshines_its_cover():
    for patch in compose(scene(*crowd(6, 640, 480)), BUSY, 640, 480, KEYS):
        assert (patch.pixels[..., :3].astype(int) + patch.pixels[..., 3:] <= 255 + 2).all()


def test_nothing_to_show_is_nothing_drawn():
    assert compose(Scene(), STATE, 640, 480, KEYS) == []
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    np.testing.assert_array_equal(annotate(picture, Scene(), STATE), picture)


def test_ink_stays_where_it_belongs():
    """A plain face changes only its own corners."""
    drawn = annotate(gray(128, 320, 240), Scene((shown(face(100, 80, 60)),), 0), PLAIN)
    changed = (drawn != 128).any(axis=2)
    outside = changed.copy()
    outside[80:140, 100:160] = False
    assert changed.any()
    assert not outside.any()


SWITCHES = {
    "bars": ("bars", True),
    "labels": ("names", True),
    "inset": ("view", "crop"),
    "status": ("hud", "line"),
    "history": ("history", True),
    "heat": ("heat", True),
    "help": ("help", True),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_switch_adds_something_and_changes_nothing_else(switch: str):
    one = scene(shown(face(300, 200, 120), why=explained()))
    one = replace(one, notice="", status=replace(one.status, recording=False))
    before = compose(one, PLAIN, 640, 480, KEYS)
    name, value = SWITCHES[switch]
    after = compose(one, replace(PLAIN, **{name: value}), 640, 480, KEYS)
    assert len(after) > len(before)
    assert all(any(_same(patch, other) for other in after) for patch in before)


def test_a_class_beyond_the_known_labels_is_drawn():
    odd = replace(shown(), label="bored")
    annotate(gray(), Scene((odd,), 0), ViewState(labels=CONTRACT.labels, view="off"))


def _same(a: Patch, b: Patch) -> bool:
    return (a.x, a.y) == (b.x, b.y) and np.array_equal(a.sheet, b.sheet)
