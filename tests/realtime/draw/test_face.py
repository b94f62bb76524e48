"""A face's corners and its label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.canvas import Canvas
from emoscope.draw.face import corners, plate, plate_place
from emoscope.draw.layout import Rect
from emoscope.draw.patch import lay
from emoscope.draw.style import Sizes
from emoscope.reading.smoothing import UNSURE
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


def test_an_unsure_label_has_no_percentage():
    sure, unsure = shown(), replace(shown(), label=UNSURE)
    low, high = (plate(replace(unsure, confidence=value), SIZES) for value in (0.11, 0.38))
    np.testing.assert_array_equal(low.sheet, high.sheet)
    first, second = (plate(replace(sure, confidence=value), SIZES) for value in (0.51, 0.78))
    assert (first.sheet.shape != second.sheet.shape) or (first.sheet != second.sheet).any()


FACES = [Rect(x, y, 60, 70) for x in (-90, -20, 100, 380, 420) for y in (-100, -10, 90, 260, 350)]
SIZE = (400, 300)
PLATE = Canvas(120, 33)
"""A plate whose size no font decides."""


def place(rect: Rect, panels: list[Rect] | None = None, faces: list[Rect] | None = None) -> Rect:
    """Where the plate of a face goes in a picture of 400×300."""
    return plate_place(rect, PLATE, 5, 10, (panels or [], faces or []), SIZE)


@pytest.mark.parametrize("rect", FACES)
def test_the_plate_lies_inside_the_picture(rect: Rect):
    assert place(rect).within(*SIZE)


def test_the_plate_stands_above_the_face_where_there_is_room_else_below():
    high = PLATE.height
    above = place(Rect(100, 100, 60, 70))
    assert (above.x, above.bottom) == (100, 95)
    assert place(Rect(100, 5, 60, 70)).y == 5 + 70 + 5 + 10
    assert place(Rect(100, 5, 60, 290)).y == 5 + 5
    assert high < 95


def test_the_plate_gives_way_to_panels_and_where_it_can_to_other_faces():
    rect, neighbour = Rect(100, 100, 60, 70), Rect(90, 40, 80, 58)
    assert place(rect, faces=[neighbour]).overlap(neighbour) == 0
    everywhere = [neighbour, Rect(0, 171, 400, 129), Rect(0, 0, 89, 300), Rect(171, 0, 229, 300)]
    panel = Rect(100, 60, 300, 38)
    assert place(rect, [panel], everywhere).overlap(panel) == 0
    assert place(rect, [Rect(0, 0, *SIZE)]).bottom == 95


def test_a_plate_hides_under_no_panel_and_over_no_other_face_while_a_part_of_its_own_face_is_free():
    rect, status = Rect(100, 30, 280, 200), Rect(60, 0, 140, 300)
    neighbours = [Rect(60, 232, 340, 60)]
    found = place(rect, [status], neighbours)
    assert not any(found.overlap(other) for other in [status, *neighbours])
    assert found.overlap(rect) == found.width * found.height
    assert found.right == rect.right


def test_a_plate_stands_under_a_panel_that_hangs_into_its_face():
    rect, status, chart = Rect(210, 25, 150, 230), Rect(220, 0, 180, 90), Rect(150, 200, 250, 100)
    found = place(rect, [status, chart])
    assert found.overlap(status) == found.overlap(chart) == 0
    assert rect.y < found.y < rect.bottom


def test_a_plate_under_panels_everywhere_stands_where_least_of_it_is_hidden():
    head, foot = Rect(0, 0, SIZE[0], 150), Rect(0, 155, SIZE[0], 145)
    found = place(Rect(100, 100, 60, 80), [head, foot])
    assert found.overlap(head) + found.overlap(foot) < found.width * found.height


def test_a_plate_that_is_left_no_other_place_stands_at_the_foot_of_its_face():
    rect, head = Rect(100, 60, 160, 160), Rect(0, 0, SIZE[0], 110)
    foot = Rect(0, rect.bottom, SIZE[0], SIZE[1] - rect.bottom)
    found = place(rect, [head, foot])
    assert found.overlap(head) == found.overlap(foot) == 0
    assert found.overlap(rect) > 0
