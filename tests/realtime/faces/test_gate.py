"""The gate: looks that would show nothing new are left out, none that might show a new face."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.faces.finder import FaceFinder, Scan
from emoscope.faces.gate import GatedSchedule
from emoscope.faces.schedule import ScanPlan, TurnedScanPlan
from emoscope.media.raster import Bgr
from emoscope.types import Face

PLAN = ScanPlan(coarse=480, fine=960, window=(512, 320), overlap=64, per_s=20)
SIZE = (1280, 720)
ROUND = len(PLAN.looks(*SIZE))
FACE = Face((600, 300, 700, 420), ((630, 350), (670, 350)), 0.9)


def board(*spots: tuple[int, int, int], level: int = 200) -> Bgr:
    """A dim picture, brighter to the right, with a square of an edge about each (x, y, edge)."""
    shades = (np.arange(SIZE[0]) * 60 // SIZE[0]).astype(np.uint8)
    image = np.repeat(np.tile(shades, (SIZE[1], 1))[..., None], 3, axis=2)
    for x, y, edge in spots:
        image[max(0, y - edge // 2) : y + edge // 2, max(0, x - edge // 2) : x + edge // 2] = level
    return Bgr(image)


def taken(gate: GatedSchedule, picture: Bgr, faces=(), start: int = 1, frames: int = 30, lost: bool = False) -> int:
    """Looks that are taken in so many pictures at 30 Hz."""
    return sum(len(gate.due(picture, faces, lost, (start + index) / 30)) for index in range(frames))


@pytest.fixture
def gate() -> GatedSchedule:
    made = GatedSchedule(PLAN)
    assert len(made.due(board(), (), False, 0.0)) == ROUND
    return made


def test_a_still_picture_is_looked_at_once_a_second(gate):
    assert taken(gate, board(), frames=30 * 5) == 5 * ROUND


@pytest.mark.parametrize("rate_hz", [10, 24, 25, 29.97, 30, 50, 60])
@pytest.mark.parametrize("size", [(360, 288), (640, 640), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("per_s", [10, 20, 30])
def test_no_look_waits_for_more_than_a_second(rate_hz, size, per_s):
    plan = ScanPlan(coarse=480, fine=960, window=(512, 320), overlap=64, per_s=per_s)
    picture, gate = Bgr(np.zeros((size[1], size[0], 3), np.uint8)), GatedSchedule(plan)
    last = dict.fromkeys(gate.due(picture, (), False, 0.0), 0.0)
    for frame in range(1, int(4 * rate_hz)):
        for look in gate.due(picture, (), False, frame / rate_hz):
            assert frame / rate_hz - last[look] <= 1 + 1.5 / rate_hz
            last[look] = frame / rate_hz
    assert min(last.values()) > 2.5


def test_all_looks_are_taken_where_the_gate_is_off():
    gate = GatedSchedule(PLAN, gated=False)
    gate.due(board(), (), False, 0.0)
    assert taken(gate, board()) == pytest.approx(PLAN.per_s, abs=1)


def test_a_part_that_changes_is_looked_at_when_it_is_due(gate):
    changed = board((100, 100, 80))
    looks = [look for index in range(1, 9) for look in gate.due(changed, (), False, index / 30)]
    assert {look.box for look in looks} == {look.box for look in PLAN.looks(*SIZE) if look.left == look.top == 0}


def test_what_changes_slowly_changes_too(gate):
    levels = [taken(gate, board((100, 100, 80), level=5 + 2 * step), start=step, frames=1) for step in range(1, 25)]
    assert sum(levels) >= 2


def test_what_moves_with_a_known_face_is_no_change(gate):
    gate.restart()
    gate.due(board((650, 360, 100)), [FACE], False, 0.0)
    assert taken(gate, board((655, 365, 100), (650, 290, 60)), [FACE], frames=20) == 0


def test_where_a_face_was_that_is_gone_is_a_change(gate):
    gate.restart()
    gate.due(board((650, 360, 100)), [], False, 0.0)
    assert taken(gate, board(), frames=20) > 0


def test_while_a_face_is_lost_all_looks_are_taken(gate):
    assert taken(gate, board(), lost=True) == pytest.approx(PLAN.per_s, abs=1)


def test_a_doubted_look_is_taken_again(gate):
    doubted = PLAN.looks(*SIZE)[2]
    gate.doubt(doubted)
    assert [look for index in range(1, 9) for look in gate.due(board(), (), False, index / 30)] == [doubted]


def test_a_restart_makes_all_due(gate):
    gate.restart()
    assert len(gate.due(board(), (), False, 0.1)) == ROUND


def test_slow_plans_are_left_as_they_are():
    plan = TurnedScanPlan(edge=320, per_s=0.8)
    gate = GatedSchedule(plan)
    gate.due(board(), (), False, 0.0)
    assert taken(gate, board(), frames=30 * 10) == 8


@pytest.fixture
def finders(spots) -> tuple[FaceFinder, FaceFinder]:
    scans = [Scan(spots, PLAN, 0.7)]
    return FaceFinder(scans, spots, gated=False), FaceFinder(scans, spots)


def test_a_finder_finds_the_same_faces_with_fewer_looks(finders):
    whole, gated = finders
    pictures = [board((300, 300, 60))] * 40 + [board((300, 300, 60), (1000, 500, 60))] * 40
    rows = [[finder.find(picture, index / 30) for index, picture in enumerate(pictures)] for finder in finders]
    assert rows[0] == rows[1]
    assert [face.track for face in rows[1][-1]] == [1, 2]
    assert gated.looks_taken < 0.6 * whole.looks_taken


def test_a_face_that_is_seen_and_not_confirmed_is_looked_at_again(finders):
    # Bright enough to be seen by a scan, too dim to be confirmed.
    pictures = [board((300, 300, 60), level=140)] * 30
    looks = []
    for finder in finders:
        assert not any(finder.find(picture, index / 30) for index, picture in enumerate(pictures))
        looks.append(finder.looks_taken)
    assert ROUND + 6 < looks[1] < looks[0]
