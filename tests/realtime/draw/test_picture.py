"""The whole picture: any number of faces anywhere, any view, any size, and no ink where none belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.bars import bars
from emoscope.draw.inset import inset_edge, inset_place
from emoscope.draw.layout import Rect
from emoscope.draw.maps import Grid, order
from emoscope.draw.panels import unit_at
from emoscope.draw.patch import Patch, lay
from emoscope.draw.picture import CROWD, annotate, compose
from emoscope.draw.style import Sizes
from emoscope.reading.smoothing import Shown
from emoscope.view.keys import KEYS
from emoscope.view.scene import CORNERS, Scene, Status
from emoscope.view.state import VIEWS, ViewState, first_state
from tests.realtime.tiny import CONTRACT, explained, face, gray, shown

STATE = first_state(CONTRACT)
BUSY = replace(STATE, heat=True, history=True, help=True)
PLAIN = replace(STATE, view="off", bars=False, names=False, hud=False)
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
            product = np.rint(expected[where].astype(np.float64) * part.clear[..., None] / 255)
            expected[where] = np.minimum(product + part.ink, 255).astype(np.uint8)
    assert np.abs(picture.astype(int) - expected).max() <= 1


def test_ink_never_outshines_its_cover():
    for patch in compose(scene(*crowd(6, 640, 480)), BUSY, 640, 480, KEYS):
        assert (patch.ink.astype(int) + patch.clear[..., None] <= 255 + 2).all()


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
    "status": ("hud", True),
    "history": ("history", True),
    "heat": ("heat", True),
    "help": ("help", True),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_switch_adds_something_and_changes_nothing_else(switch: str):
    one = replace(scene(shown(face(300, 200, 120), why=explained())), notice="")
    before = compose(one, PLAIN, 640, 480, KEYS)
    name, value = SWITCHES[switch]
    after = compose(one, replace(PLAIN, **{name: value}), 640, 480, KEYS)
    assert len(after) > len(before)
    assert all(any(_same(patch, other) for other in after) for patch in before)


def panels(patches: list[Patch], width: int = 1920, height: int = 1080) -> list[Rect]:
    """The panels of bars, known by their size."""
    board = bars(CONTRACT.labels, np.full(3, 1 / 3, np.float32), "", Sizes.of(width, height))
    return [Rect(p.x, p.y, p.width, p.height) for p in patches if (p.width, p.height) == (board.width, board.height)]


def test_panels_cover_neither_one_another_nor_a_face():
    faces = [shown(face(x, 400, 110, track)) for track, x in enumerate((500, 1000, 1500), 1)]
    patches = compose(scene(*faces, notice=""), replace(STATE, view="crop"), 1920, 1080)
    found = [*panels(patches), inset_place(1920, 1080, Sizes.of(1920, 1080))]
    assert len(found) == 4
    for number, panel in enumerate(found):
        assert panel.within(1920, 1080)
        assert not any(panel.overlap(other) for other in found[:number])
        assert not any(panel.overlap(Rect.around(one.reading.face.box_xyxy)) for one in faces)


def test_no_corner_of_a_face_shines_through_a_panel():
    status = Status(source="film.mp4", model="gmp", provider="CPU")
    one = shown(face(300, 20, 330))
    bare, full = (
        compose(Scene((one,), 0, status=told), replace(PLAIN, hud=True, names=False), 640, 480)
        for told in (None, status)
    )
    panel = full[-1]
    under = [p for p in bare if p.x + p.width > panel.x and p.y < panel.y + panel.height]
    assert len(bare) == 4
    assert len(under) == 1
    assert len(full) == 4


@pytest.mark.parametrize("corner", CORNERS)
def test_a_notice_covers_no_inset(corner: str):
    one = shown(face(300, 200, 60))
    for frame in ((640, 480), (480, 900), (1280, 720)):
        *_, patch = compose(Scene((one,), 0, notice="paused", corner=corner), replace(PLAIN, view="crop"), *frame)
        place = Rect(patch.x, patch.y, patch.width, patch.height)
        assert place.within(*frame)
        assert place.overlap(inset_place(*frame, Sizes.of(*frame), corner)) == 0


def test_the_panel_of_bars_covers_no_small_bars_of_another_face():
    faces = [shown(face(700, 500, 120, 1)), *(shown(face(x, 330, 120, x)) for x in (420, 560, 860, 1000, 1140))]
    patches = compose(Scene(tuple(faces), 0), replace(PLAIN, bars=True), 1920, 1080)
    (panel,) = panels(patches)
    small = [Rect(p.x, p.y, p.width, p.height) for p in patches if p.width == 120]
    assert len(small) == 5
    assert not any(panel.overlap(one) for one in small)


def test_the_chosen_face_of_a_tall_picture_has_its_bars_under_it():
    one = face(120, 300, 300)
    (panel,) = panels(compose(Scene((shown(one),), 0), replace(PLAIN, bars=True), 540, 960), 540, 960)
    assert panel.y > one.box_xyxy[3]
    assert panel.within(540, 960)


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (CROWD, CROWD), (CROWD + 1, 1)])
def test_in_a_crowd_only_the_chosen_face_has_a_panel_of_bars(count: int, expected: int):
    faces = [shown(face(60 + 500 * number, 300, 60, number + 1)) for number in range(count)]
    assert len(panels(compose(Scene(tuple(faces), 0), replace(PLAIN, bars=True), 3000, 1080))) == expected


def test_faces_without_a_panel_have_small_bars_unless_they_are_tiny():
    large = [shown(face(60 + 500 * number, 300, 64, number + 1)) for number in range(6)]
    tiny = shown(face(60, 600, 20, 9))
    patches = compose(Scene((*large, tiny), 0), replace(PLAIN, bars=True), 3000, 1080)
    small = {patch.x: patch for patch in patches if patch.width == 64}
    assert set(small) == {60 + 500 * number for number in range(1, 6)}
    assert all(364 <= patch.y <= 370 for patch in small.values())
    assert not any(patch.width == 20 for patch in patches)


def test_small_bars_of_a_face_at_the_lower_border_stay_in_the_picture():
    large = [shown(face(60 + 300 * number, 1000, 90, number + 1)) for number in range(6)]
    patches = compose(Scene(tuple(large), 0), replace(PLAIN, bars=True), 1920, 1080)
    assert all(patch.y + patch.height <= 1080 for patch in patches if patch.width == 90)


def test_a_click_on_a_map_finds_its_number():
    maps = np.random.default_rng(2).random((6, 6, 30), dtype=np.float32)
    one = scene(shown(why=replace(explained(), maps=maps)))
    state = replace(STATE, view="maps")
    place, sizes = inset_place(1280, 720, Sizes.of(1280, 720)), Sizes.of(1280, 720)
    grid = Grid.of(30, inset_edge(1280, 720))
    for spot, unit in enumerate(order(maps, True)[: grid.shown]):
        x, y = grid.corner(spot)
        middle = (place.x + sizes.gap + x + grid.cell / 2, place.y + sizes.gap + y + grid.cell / 2)
        assert unit_at(*middle, one, state, 1280, 720) == unit
    assert unit_at(5, 5, one, state, 1280, 720) is None
    assert unit_at(*middle, one, replace(state, view="gradcam"), 1280, 720) is None
    assert unit_at(*middle, scene(), state, 1280, 720) is None


def test_a_class_beyond_the_known_labels_is_drawn():
    odd = replace(shown(), label="bored")
    annotate(gray(), Scene((odd,), 0), ViewState(labels=CONTRACT.labels, view="off"))


def _same(a: Patch, b: Patch) -> bool:
    return (a.x, a.y) == (b.x, b.y) and np.array_equal(a.sheet, b.sheet)
