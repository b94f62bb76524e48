"""A face's corners and its label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.face import corners, outline, plate, plate_spots, runner_up
from emoscope.draw.layout import Rect
from emoscope.draw.patch import lay
from emoscope.draw.style import Sizes
from emoscope.reading.smoothing import UNSURE, Shown
from tests.realtime.tiny import face, shown

SIZES = Sizes.of(1280, 720)
YELLOW = (0, 255, 255)


def drawn(rect: Rect) -> np.ndarray:
    """Where the corners of a face change a white picture of 200×160."""
    picture = np.full((160, 200, 3), 255, np.uint8)
    lay(picture, corners(rect, YELLOW, SIZES))
    return (picture != 255).any(axis=2)


def test_corners_frame_the_face_and_leave_its_middle_free():
    rect = Rect(40, 30, 96, 80)
    ink = drawn(rect)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert (columns[0], rows[0], columns[-1], rows[-1]) == (rect.x, rect.y, rect.right - 1, rect.bottom - 1)
    assert not ink[rect.y + 20 : rect.bottom - 20].any()
    assert not ink[:, rect.x + 24 : rect.right - 24].any()


def test_corners_mirror_one_another():
    ink = drawn(Rect(50, 40, 100, 80))
    np.testing.assert_array_equal(ink, ink[:, ::-1])
    np.testing.assert_array_equal(ink, ink[::-1])


def test_corners_have_the_colour_within_a_dark_rim():
    picture = np.full((160, 200, 3), 255, np.uint8)
    lay(picture, corners(Rect(40, 30, 96, 80), YELLOW, SIZES))
    assert picture[33, 43].tolist() == list(YELLOW)
    assert picture[30, 41].max() < 200


@pytest.mark.parametrize("edge", [1, 3, 8, 15, 40])
def test_a_small_face_has_thin_corners(edge: int):
    patches = corners(Rect(10, 10, edge, edge), YELLOW, SIZES)
    assert len(patches) == 4
    assert max(patch.width for patch in patches) <= max(edge // 2, 3)


def test_the_plate_is_as_wide_as_what_it_says():
    numbered, alone = plate(shown(), SIZES), plate(shown(face(track=0)), SIZES)
    assert numbered.width > alone.width > 5 * SIZES.title
    unsure = plate(replace(shown(), label=UNSURE), SIZES)
    assert np.flatnonzero((unsure.sheet[..., :3].min(axis=2) > 150).any(axis=0))[-1] < unsure.width - SIZES.gap // 2


def with_share(one: Shown, share: float) -> Shown:
    return replace(one, probabilities=np.array([share, (1 - share) / 2, (1 - share) / 2], np.float32))


def test_an_unsure_label_has_no_percentage():
    sure, unsure = shown(), replace(shown(), label=UNSURE)
    low, high = (plate(with_share(unsure, value), SIZES) for value in (0.11, 0.38))
    np.testing.assert_array_equal(low.sheet, high.sheet)
    first, second = (plate(with_share(sure, value), SIZES) for value in (0.51, 0.78))
    assert (first.sheet.shape != second.sheet.shape) or (first.sheet != second.sheet).any()


def test_a_plate_has_room_for_its_second_line_and_a_stripe():
    plain, second = plate(shown(), SIZES), plate(shown(), SIZES, "heat: fear, Grad-CAM")
    striped = plate(shown(), SIZES, "", YELLOW)
    assert second.height > plain.height
    assert second.width > plain.width
    assert striped.sheet[10, 1, :3].tolist() == list(YELLOW)


def test_the_runner_up_is_told_where_it_counts():
    reading = shown().reading
    told = replace(shown(), probabilities=np.array([0.6, 0.3, 0.1], np.float32))
    assert told.label == "happy"
    assert runner_up(told) == "sad 30"
    alone = replace(shown(), probabilities=np.array([0.98, 0.01, 0.01], np.float32))
    assert runner_up(alone) == ""
    assert reading.prediction.labels[0] == "happy"


def test_spots_touch_their_face_and_do_not_lie_on_it_before_the_last_ones():
    rect = Rect(100, 100, 80, 90)
    spots = [Rect(rect.x + x, rect.y + y, 70, 20) for x, y in plate_spots(rect, 70, 20, 4)]
    assert spots[0].bottom == rect.y - 4
    outside = [spot for spot in spots if not spot.overlap(rect)]
    assert spots[: len(outside)] == outside
    assert all(spot.distance(rect) <= 4 for spot in spots)


def test_the_outline_is_cut_off_where_the_film_ends():
    film = Rect(0, 0, 200, 160)
    for rect in (Rect(40, 30, 96, 80), Rect(-20, 30, 100, 200)):
        for patch in outline(rect, film, YELLOW, SIZES):
            assert Rect(patch.x, patch.y, patch.width, patch.height).inside(film)
    assert len(outline(Rect(40, 30, 96, 80), film, YELLOW, SIZES)) == 4
    assert outline(Rect(-500, -500, 96, 80), film, YELLOW, SIZES) == []
