"""The drawing board, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.draw.canvas import Canvas, rounded

RED = (0, 0, 255)
BLUE = (255, 0, 0)


def covered(board: Canvas) -> np.ndarray:
    """Opacity 0–255 of each pixel."""
    return 255 - board.sheet[:, :, 3]


def test_an_empty_board_is_transparent():
    board = Canvas(3, 2)
    assert (board.width, board.height) == (3, 2)
    assert not board.sheet[:, :, :3].any()
    assert not covered(board).any()


def test_no_board_is_smaller_than_a_pixel():
    assert (Canvas(0, -4).width, Canvas(0, -4).height) == (1, 1)


def test_a_box_fills_its_pixels_and_no_others():
    board = Canvas(6, 5)
    board.box(1, 2, 3, 2, RED)
    expected = np.zeros((5, 6), np.uint8)
    expected[2:4, 1:4] = 255
    np.testing.assert_array_equal(covered(board), expected)
    np.testing.assert_array_equal(board.sheet[:, :, 2], expected)
    assert not board.sheet[:, :, :2].any()


@pytest.mark.parametrize(("width", "last"), [(2.0, 0), (2.25, 64), (2.5, 128), (2.96, 245), (0.5, None)])
def test_a_fraction_of_a_pixel_is_drawn_as_such(width: float, last: int | None):
    board = Canvas(5, 1)
    board.box(0, 0, width, 1, RED)
    if last is None:
        assert covered(board)[0].tolist() == [128, 0, 0, 0, 0]
    else:
        assert covered(board)[0].tolist() == [255, 255, last, 0, 0]


@pytest.mark.parametrize(("x", "y"), [(-2, -2), (4, 3), (-50, 0), (0, 50)])
def test_what_reaches_beyond_the_board_is_cut_off(x: int, y: int):
    board, wide = Canvas(5, 4), Canvas(105, 104)
    board.box(x, y, 3, 3, RED, 0.5)
    wide.box(x + 50, y + 50, 3, 3, RED, 0.5)
    np.testing.assert_array_equal(covered(board), covered(wide)[50:54, 50:55])


def test_colours_are_laid_over_one_another_as_light_passes():
    board = Canvas(1, 1)
    board.box(0, 0, 1, 1, RED, 0.5)
    board.box(0, 0, 1, 1, BLUE, 0.5)
    assert int(covered(board)[0, 0]) == pytest.approx(191, abs=1)
    assert board.sheet[0, 0, :3].tolist() == pytest.approx([128, 0, 64], abs=1)


def test_a_picture_is_opaque_and_cut_off():
    board = Canvas(3, 3)
    picture = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    board.image(1, 1, picture)
    np.testing.assert_array_equal(board.sheet[1:, 1:, :3], picture[:2, :2])
    assert covered(board).tolist() == [[0, 0, 0], [0, 255, 255], [0, 255, 255]]


def test_a_panel_has_round_corners():
    board = Canvas(20, 10)
    board.panel(RED, 1.0, radius=4)
    shape = covered(board)
    assert shape[0, 0] == shape[0, -1] == shape[-1, 0] == shape[-1, -1] == 0
    assert (shape[4:6] == 255).all()
    assert (shape[:, 4:16] == 255).all()
    np.testing.assert_array_equal(shape, shape[::-1])
    np.testing.assert_array_equal(shape, shape[:, ::-1])


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (7, 4), (40, 30)])
@pytest.mark.parametrize("radius", [0, 1, 3, 50])
def test_a_panel_is_as_a_colour_laid_over_all_of_an_empty_board(size: tuple[int, int], radius: int):
    panel, board = Canvas(*size), Canvas(*size)
    panel.panel((12, 200, 77), 0.72, radius)
    shape = np.zeros((board.height, board.width), np.uint8)
    rounded(shape, (0, 0, *size), radius, round(255 * 0.72))
    board.cover(0, 0, shape, (12, 200, 77))
    np.testing.assert_array_equal(panel.sheet, board.sheet)


@pytest.mark.parametrize("radius", [0, 1, 3, 50])
def test_rounding_never_leaves_its_box(radius: int):
    shape = np.zeros((12, 14), np.uint8)
    rounded(shape, (2, 3, 12, 9), radius, 200)
    outside = shape.copy()
    outside[3:9, 2:12] = 0
    assert not outside.any()
    assert shape[6, 7] == 200
    assert shape.max() == 200


def test_text_stays_in_the_box_that_it_says_it_takes():
    board = Canvas(200, 40)
    width = board.text(10, 5, "surprise", 16, RED)
    drawn = covered(board)
    assert drawn.any()
    columns, rows = np.flatnonzero(drawn.any(axis=0)), np.flatnonzero(drawn.any(axis=1))
    assert columns.min() >= 10
    assert columns.max() < 10 + width
    assert rows.min() >= 5
    assert rows.max() < 5 + 17


def test_a_patch_carries_the_board_to_its_place():
    board = Canvas(3, 2)
    patch = board.patch(4.4, 5.6)
    assert (patch.x, patch.y, patch.width, patch.height) == (4, 6, 3, 2)
    assert patch.sheet is board.sheet
