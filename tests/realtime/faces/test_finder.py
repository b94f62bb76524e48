"""The finder, with drawn faces: numbers, new and lost faces, cuts, scores, coordinates, closing."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from emoscope.faces.finder import FaceFinder, Scan
from emoscope.faces.geometry import roll
from emoscope.faces.roll_alignment import RollAligner
from emoscope.faces.schedule import ScanPlan
from emoscope.media.raster import raster_of
from emoscope.types import Face

PLAN = ScanPlan(coarse=480, fine=960, window=(512, 320), overlap=64, per_s=20)
BRIGHT, MIDDLING, DIM = 230, 165, 140
"""Scores of 0.90, enough for any; 0.65, too little for a new face; 0.55, enough for a known one only."""
STEP_S = 1 / 30


@pytest.fixture
def finder(spots) -> FaceFinder:
    return FaceFinder([Scan(spots, PLAN, 0.7)], spots)


def test_faces_stand_still_while_their_places_show_the_same_and_none_is_lost(spots):
    finder = FaceFinder([Scan(spots, PLAN, 0.7)], spots)
    before, nobody = [(150.0, 130.0, 60.0), (450.0, 230.0, 80.0)], drawn_faces()

    def stand_still(*faces: tuple[float, float, float], time_s: float) -> bool:
        finder.changes(raster_of(drawn_faces(*faces)), time_s)
        return finder.stands_still()

    assert not stand_still(*before, time_s=0.0), "no face is known"
    finder.find(drawn_faces(*before), STEP_S)
    assert stand_still(*before, time_s=2 * STEP_S)
    assert not stand_still((158.0, 130.0, 60.0), before[1], time_s=3 * STEP_S), "one moves"
    assert stand_still(*before, time_s=4 * STEP_S)
    assert not stand_still(*before[:1], time_s=5 * STEP_S), "one is gone"
    finder.find(drawn_faces(*before[:1]), 6 * STEP_S)
    assert not stand_still(*before[:1], time_s=7 * STEP_S), "one is lost"
    finder.find(nobody, 3.0)
    assert not stand_still(time_s=3.1), "nobody is there"


def test_a_face_that_stands_still_is_measured_now_and_then_and_one_that_moves_in_every_frame(spots):
    # No looks for new faces: whatever the detector is shown is a known face.
    def measured(*pictures: np.ndarray) -> list[int]:
        finder, counts = FaceFinder([Scan(spots, PLAN, 0.7)], spots), []
        finder.find(pictures[0], 0.0)
        finder._scans = []
        for index, picture in enumerate(pictures, start=1):
            before = spots.seen
            (face,) = finder.find(picture, index * STEP_S)
            assert face.track == 1
            counts.append(spots.seen - before)
        return counts

    still = [drawn_faces((200, 150, 90))] * 12
    assert measured(*still) == [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert measured(*(drawn_faces((200 + 8 * index, 150, 90)) for index in range(12))) == [1] * 12
    # It is measured in the very frame in which it begins to move, and found where it is.
    assert measured(*still[:3], *[drawn_faces((210, 150, 90))] * 3)[2:4] == [0, 1]


class Blind:
    """A detector that finds nothing, and counts what it is shown."""

    count = 0

    def detect(self, pictures):
        self.count += len(pictures)
        return [[] for _ in pictures]

    def close(self):
        pass


def drawn(*faces: tuple[float, float, float], level: int = BRIGHT, size: tuple[int, int] = (640, 360)) -> np.ndarray:
    """A picture with a bright square of an edge about each (x, y, edge); a dim pattern makes it a scene."""
    columns = np.arange(size[0]) * 60 // size[0]
    image = np.repeat(np.tile(columns.astype(np.uint8), (size[1], 1))[..., None], 3, axis=2)
    for x, y, edge in faces:
        half = edge / 2
        image[round(y - half) : round(y + half), round(x - half) : round(x + half)] = level
    return image


def drawn_faces(*faces: tuple[float, float, float]) -> np.ndarray:
    """The same, with something to be seen in each square: its lower part is less bright."""
    image = drawn(*faces)
    for x, y, edge in faces:
        image[round(y + edge / 6) : round(y + edge / 2), round(x - edge / 2) : round(x + edge / 2)] = BRIGHT - 50
    return image


def scenery(seed: int) -> np.ndarray:
    """Soft blotches too dark to be faces."""
    blotches = np.random.default_rng(seed).integers(0, 95, (9, 16, 3), np.uint8)
    return cv2.resize(blotches, (640, 360), interpolation=cv2.INTER_LINEAR)


def run(finder: FaceFinder, pictures: list[np.ndarray], start_s: float = 0.0) -> list[list[int]]:
    """The numbers in each picture, shown at 30 Hz."""
    found = (finder.find(picture, start_s + index * STEP_S) for index, picture in enumerate(pictures))
    return [[face.track for face in faces] for faces in found]


def test_the_first_picture_is_searched_wholly(finder):
    faces = finder.find(drawn((100, 90, 30), (500, 300, 80)), 0.0)
    middles = sorted((face.box_xyxy[0] + face.box_xyxy[2]) / 2 for face in faces)
    assert middles == pytest.approx([100, 500], abs=1)
    assert {face.track for face in faces} == {1, 2}


def test_a_walking_face_keeps_its_number_and_its_box_follows(finder):
    for index in range(60):
        (face,) = finder.find(drawn((50 + 8 * index, 180, 40)), index * STEP_S)
        x = (face.box_xyxy[0] + face.box_xyxy[2]) / 2
        assert face.track == 1
        assert x == pytest.approx(50 + 8 * index, abs=4)


def test_a_new_face_is_found_within_one_round_of_scans(finder):
    alone, together = drawn((100, 100, 40)), drawn((100, 100, 40), (520, 300, 24))
    numbers = run(finder, [alone] * 10 + [together] * 10)
    assert numbers[9] == [1]
    assert numbers[-1] == [1, 2]


def test_a_face_lost_for_a_moment_keeps_its_number(finder):
    there, gone = drawn((300, 200, 50)), drawn()
    numbers = run(finder, [there] * 10 + [gone] * 25 + [there] * 5)
    assert numbers[9] == [1] and numbers[-1] == [1]
    assert numbers[20] == []


def test_a_face_that_was_away_long_is_another(finder):
    there, gone = drawn((300, 200, 50)), drawn()
    assert run(finder, [there] * 10 + [gone] * 60 + [there] * 10)[-1] == [2]


def test_a_face_missed_for_a_frame_does_not_blink(finder):
    there, gone = drawn((300, 200, 50)), drawn()
    assert run(finder, [there] * 10 + [gone] * 2 + [there] * 3)[10:] == [[1]] * 5


def test_a_hard_cut_starts_new_numbers_at_once(finder):
    first, second = scenery(seed=1), scenery(seed=2)
    first[185:215, 285:315] = second[185:215, 285:315] = BRIGHT
    assert run(finder, [first] * 5 + [second] * 3) == [[1]] * 5 + [[2]] * 3


def test_a_picture_that_is_flipped_is_the_same_scene(finder):
    scene = scenery(1)
    scene[60:120, 100:160] = BRIGHT
    assert run(finder, [scene] * 3) == [[1]] * 3
    finder.mirror(640)
    (face,) = finder.find(scene[:, ::-1], 3 * STEP_S)
    assert face.track == 1
    assert face.box_xyxy[0] == pytest.approx(480, abs=2)
    assert face.eyes[0][0] < face.eyes[1][0]


def test_a_reset_starts_new_numbers_and_never_gives_one_twice(finder):
    picture = drawn((300, 200, 50))
    assert run(finder, [picture]) == [[1]]
    finder.reset()
    assert run(finder, [picture]) == [[2]]


def test_a_new_source_is_numbered_from_one_again(finder):
    picture = drawn((300, 200, 50))
    assert run(finder, [picture]) == [[1]]
    finder.reset(anew=True)
    assert run(finder, [picture]) == [[1]]


def test_after_a_jump_back_heads_are_levelled_at_once(spots):
    asked = Blind()
    finder = FaceFinder([Scan(spots, PLAN, 0.7)], spots, RollAligner(asked, 0.6))
    run(finder, [drawn((300, 200, 50))] * 3, start_s=100.0)
    before = asked.count
    run(finder, [drawn((300, 200, 50))] * 2, start_s=0.0)
    assert asked.count > before + 1, "the new face, and the turn of a known one"


def test_time_that_runs_backwards_is_a_new_start(finder):
    assert run(finder, [drawn((300, 200, 50))] * 3, start_s=10.0)[-1] == [1]
    assert run(finder, [drawn((300, 200, 50), (100, 90, 40))] * 3, start_s=2.0) == [[2, 3]] * 3


def test_pictures_of_another_size_are_a_new_start(finder):
    finder.find(drawn((300, 200, 50)), 0.0)
    (face,) = finder.find(drawn((300, 200, 50), size=(800, 600)), 0.1)
    assert face.track == 2


def test_a_dim_face_is_not_taken_up_but_a_known_one_is_kept(finder):
    bright, middling, dim = (drawn((300, 200, 50), level=level) for level in (BRIGHT, MIDDLING, DIM))
    assert run(finder, [middling] * 5) == [[]] * 5
    assert run(finder, [bright] * 5 + [dim] * 10, start_s=1.0)[-1] == [1]


def test_what_no_patch_confirms_is_no_face(spots):
    assert FaceFinder([Scan(spots, PLAN, 0.7)], Blind()).find(drawn((300, 200, 50)), 0.0) == []


def test_a_gray_picture_is_searched_too(finder):
    assert len(finder.find(drawn((300, 200, 50))[..., 0].copy(), 0.0)) == 1


def test_known_faces_cost_patches_not_scans(finder, spots):
    picture = drawn((300, 200, 50))
    run(finder, [picture] * 30)
    before = spots.seen
    run(finder, [picture] * 30, start_s=1.0)
    assert spots.seen - before <= 30 + 21


def test_forty_faces_each_have_a_number(finder):
    picture = drawn(
        *((60 + 110 * column, 80 + 180 * row, 44) for column in range(10) for row in range(4)), size=(1200, 720)
    )
    assert [sorted(numbers) for numbers in run(finder, [picture] * 3)] == [list(range(1, 41))] * 3


def test_it_closes_its_detectors_once_also_when_the_body_raises(spots):
    with pytest.raises(RuntimeError, match="body"), FaceFinder([Scan(spots, PLAN, 0.7)], spots):
        raise RuntimeError("body")
    assert spots.closed == 1


def test_a_fresh_finder_knows_nobody_and_takes_nothing_from_the_first(finder):
    pictures = [drawn((100, 90, 40), (500, 250, 60))] * 3
    assert run(finder, pictures) == [[1, 2]] * 3
    fresh = finder.fresh()
    other = [drawn((300, 200, 50))] * 6
    assert run(fresh, other, 1.0) == [[1]] * 6
    assert run(finder, pictures, 3 * STEP_S) == [[1, 2]] * 3
    assert run(finder, [drawn((100, 90, 40), (500, 250, 60), (300, 100, 50))] * 6, 6 * STEP_S)[-1] == [1, 2, 3]
    assert run(finder.fresh(), pictures) == [[1, 2]] * 3


def test_looks_that_are_put_off_show_who_is_new_in_the_next_frame_and_change_nothing_else(spots):
    pictures = [drawn((100 + 3 * index, 100, 40), *[(520, 300 - 2 * index, 24)] * (index >= 7)) for index in range(40)]
    usual, later = (FaceFinder([Scan(spots, PLAN, 0.7)], spots) for _ in range(2))
    later.puts_off = True
    expected, found = [], []
    for index, picture in enumerate(pictures):
        expected.append(usual.find(picture, index * STEP_S))
        found.append(later.find(picture, index * STEP_S))
        later.catch_up()
    first = next(index for index, faces in enumerate(expected) if len(faces) == 2)
    assert [face.track for face in found[first]] == [1]
    assert found[:first] == expected[:first]
    assert found[first + 1 :] == expected[first + 1 :]


def test_looks_that_are_put_off_hold_no_frame_up(spots, monkeypatch: pytest.MonkeyPatch):
    finder, scan = FaceFinder([Scan(spots, PLAN, 0.7)], spots, gated=False), FaceFinder._scanned
    looked: list[str] = []
    monkeypatch.setattr(FaceFinder, "_scanned", lambda *given: (looked.append(doing), scan(*given))[1])
    finder.puts_off = True
    pictures = [drawn((100, 100, 40))] * 6 + [drawn()] * 3 + [scenery(1)]
    for index, picture in enumerate(pictures):
        doing = f"find {index}"
        finder.find(picture, index * STEP_S)
        doing = f"after {index}"
        finder.catch_up()
    known = [f"after {index}" for index in range(1, 6)]
    assert looked == ["find 0", *known, "find 6", "find 7", "find 8", "find 9"], (
        "put off where all are found again only"
    )


def test_who_does_not_catch_up_loses_no_look(spots):
    finder = FaceFinder([Scan(spots, PLAN, 0.7)], spots)
    finder.puts_off = True
    numbers = run(finder, [drawn((100, 100, 40))] * 10 + [drawn((100, 100, 40), (520, 300, 24))] * 12)
    assert numbers[-1] == [1, 2]


def test_what_was_put_off_is_forgotten_with_the_scene(finder, spots):
    finder.puts_off = True
    run(finder, [drawn((100, 100, 40))] * 3 + [drawn((100, 100, 40), (520, 300, 24))])
    finder.jump()
    seen = spots.seen
    finder.catch_up()
    assert spots.seen == seen


class Tells:
    """A detector that sees the head in the middle of what it is shown, tilted as it is told."""

    def __init__(self) -> None:
        self.tilt_rad, self.asked = 0.0, list[str]()
        self.doing = ""

    def detect(self, pictures):
        self.asked += [self.doing] * len(pictures)
        x, y = 10 * math.cos(self.tilt_rad), 10 * math.sin(self.tilt_rad)
        return [[Face((40, 40, 88, 88), ((64 - x, 64 - y), (64 + x, 64 + y)), 0.9)] for _ in pictures]

    def close(self):
        pass


def test_how_a_head_is_tilted_is_looked_at_after_a_frame_and_shown_in_the_next(spots):
    tells = Tells()
    finder = FaceFinder([Scan(spots, PLAN, 0.7)], spots, RollAligner(tells, 0.6))
    finder.puts_off = True
    tilts = []
    for index in range(6):
        tells.doing, tells.tilt_rad = f"find {index}", math.radians(40) * (index >= 3)
        (face,) = finder.find(drawn((300, 200, 50)), 1.1 * index)  # so far apart that a look is due in each
        tells.doing = f"after {index}"
        finder.catch_up()
        tilts.append(round(math.degrees(roll(face))))
    assert [doing for doing in tells.asked if doing != "find 0"] == [f"after {index}" for index in range(6)]
    assert tilts[:4] == [0] * 4
    assert tilts[4] == pytest.approx(40, abs=2)


def test_a_tilt_that_was_seen_is_forgotten_with_the_scene(spots):
    tells = Tells()
    finder = FaceFinder([Scan(spots, PLAN, 0.7)], spots, RollAligner(tells, 0.6))
    finder.puts_off = True
    finder.find(drawn((300, 200, 50)), 0.0)
    tells.tilt_rad = math.radians(40)
    finder.catch_up()
    finder.mirror(640)
    (face,) = finder.find(drawn((340, 200, 50)), 0.2)
    assert roll(face) == pytest.approx(0, abs=0.01)
