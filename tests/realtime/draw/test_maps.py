"""Numbers as colours, and the grid they stand in."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from emoscope.draw import maps
from emoscope.draw.heat import heat_patch
from emoscope.draw.layout import Rect
from emoscope.draw.maps import Grid
from emoscope.draw.patch import lay

SCALE = maps.POSITIVE.reshape(256, 3)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 9, 16, 17, 64, 256, 2048])
@pytest.mark.parametrize("edge", [64, 100, 207, 700])
def test_a_grid_lies_in_its_square_and_each_cell_is_found_again(channels: int, edge: int):
    grid = Grid.of(channels, edge)
    assert 1 <= grid.rows <= grid.columns
    assert min(channels, 4) <= grid.shown
    for place in range(grid.shown):
        x, y = grid.corner(place)
        assert x + grid.cell <= edge
        assert y + grid.cell <= edge
        assert grid.place_at(x, y) == grid.place_at(x + grid.cell - 1, y + grid.cell - 1) == place


@pytest.mark.parametrize("channels", [1, 2, 4, 9, 16, 64, 192, 256, 2048])
@pytest.mark.parametrize(("edge", "wide"), [(64, 300), (240, 480), (440, 900), (1000, 1340)])
def test_a_wide_grid_fills_its_room_and_shows_all_maps_where_they_can_be_read(channels: int, edge: int, wide: int):
    grid = Grid.of(channels, edge, wide)
    width, height = grid.size
    assert width <= wide
    assert height <= edge
    assert grid.cell >= min(maps.LEAST_CELL, edge // 2 - 1) - grid.line
    assert grid.shown >= min(channels, (wide // maps.LEAST_CELL) * (edge // maps.LEAST_CELL))
    assert grid.shown - channels < grid.columns


@pytest.mark.parametrize("channels", [1, 2, 4, 9])
def test_few_maps_are_all_shown_without_an_empty_row(channels: int):
    grid = Grid.of(channels, 400)
    assert channels <= grid.shown < channels + grid.columns


def test_beside_the_grid_is_no_cell():
    grid = Grid.of(9, 200)
    assert grid.place_at(-1, 5) is None
    assert grid.place_at(5, -0.5) is None
    assert grid.place_at(5, 3 * (grid.cell + grid.line)) is None


def test_order_by_mean_positive_answer_ties_in_order():
    cube = np.zeros((2, 2, 4), np.float32)
    cube[0, 0] = [1, -4, 1, 2]
    assert maps.order(cube, True).tolist() == [3, 0, 2, 1]  # what lies below zero is no answer
    assert maps.order(cube, False).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 0.5, 2], (2.0, False)), ([-3, 1], (3.0, True)), ([0, 0], (0.0, False)), ([-2, -1], (2.0, True))],
)
def test_scale(values: list[float], expected: tuple[float, bool]):
    assert maps.scale(np.array(values, np.float32)) == expected


def test_brighter_is_more_active():
    shades = maps.colour_map(np.linspace(0, 2, 16, dtype=np.float32).reshape(4, 4), 4, 2.0, False)
    assert np.all(np.diff(cv2.cvtColor(shades, cv2.COLOR_BGR2GRAY).ravel().astype(int)) > 0)
    np.testing.assert_array_equal(shades[0, 0], SCALE[0])
    np.testing.assert_array_equal(shades[-1, -1], SCALE[255])


def test_with_negative_values_zero_is_black_and_signs_are_told_apart():
    row = maps.colour_map(np.array([[-1.0, 0.0, 1.0]] * 3, np.float32), 3, 1.0, True)[0]
    blue, red = row[:, 0].astype(int), row[:, 2].astype(int)
    assert row[1].max() == 0
    assert blue[0] > red[0] + 100
    assert red[2] > blue[2] + 100


def test_a_layer_that_says_nothing_is_black_and_divides_by_nothing():
    np.testing.assert_array_equal(
        maps.colour_map(np.zeros((3, 3), np.float32), 9, 0.0, False), np.broadcast_to(SCALE[0], (9, 9, 3))
    )


def test_cells_stay_squares_when_they_are_enlarged():
    values = np.random.default_rng(0).random((3, 3), dtype=np.float32)
    large = maps.colour_map(values, 30, 1.0, False)
    np.testing.assert_array_equal(large, maps.colour_map(values, 3, 1.0, False).repeat(10, 0).repeat(10, 1))


def test_a_grid_of_maps_has_one_scale_for_all():
    cube = np.zeros((2, 2, 4), np.float32)
    cube[:, :, 1], cube[:, :, 2] = 1, 0.5
    grid = Grid(2, 2, 4, 1)
    sheet = maps.colour_grid(cube, np.arange(4), grid)
    assert sheet.shape == (9, 9, 3)
    np.testing.assert_array_equal(sheet[0, 0], SCALE[0])
    np.testing.assert_array_equal(sheet[0, 5], SCALE[255])
    np.testing.assert_array_equal(sheet[5, 0], SCALE[128])
    assert not sheet[4].any()
    assert not sheet[:, 4].any()


def test_one_corner_that_stands_out_leaves_the_others_no_darker():
    cube = np.full((20, 20, 4), 0.5, np.float32)
    cube[0, 0] = 40
    sheet = maps.colour_grid(cube, np.arange(4), Grid(2, 2, 20, 1))
    np.testing.assert_array_equal(sheet[10, 10], SCALE[255])
    np.testing.assert_array_equal(sheet[0, 0], SCALE[255])


def test_a_grid_in_which_few_cells_say_something_shows_them():
    cube = np.zeros((20, 20, 4), np.float32)
    cube[3, 3, 2] = 2
    sheet = maps.colour_grid(cube, np.arange(4), Grid(2, 2, 20, 1))
    np.testing.assert_array_equal(sheet[24, 3], SCALE[255])


def test_enlarging_keeps_the_centre_of_a_cell_in_place():
    heat = np.zeros((5, 5), np.float32)
    heat[1, 3] = 1
    large = maps.enlarge(heat, 50, 100)
    rows, columns = np.indices(large.shape) + 0.5
    assert large.shape == (100, 50)
    assert (rows * large).sum() / large.sum() == pytest.approx(30, abs=0.1)
    assert (columns * large).sum() / large.sum() == pytest.approx(35, abs=0.1)


@pytest.mark.parametrize("colours", maps.COLOUR_MAPS)
def test_heat_leaves_the_face_as_it_is_where_there_is_none(colours: str):
    heat = np.zeros((4, 4), np.float32)
    heat[:, 3] = 1
    face = np.random.default_rng(1).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    picture = face.copy()
    lay(picture, [heat_patch(heat, Rect(0, 0, 40, 40), colours, 0.5, Rect(0, 0, 40, 40))])
    np.testing.assert_array_equal(picture[:, :25], face[:, :25])
    full = maps.TABLES[colours].reshape(256, 3)[255]
    np.testing.assert_allclose(picture[:, 35:], face[:, 35:] * 0.5 + full * 0.5, atol=2)


def test_no_heat_at_all_changes_nothing():
    picture = np.full((8, 8, 3), 77, np.uint8)
    lay(picture, [heat_patch(np.zeros((2, 2), np.float32), Rect(0, 0, 8, 8), "inferno", 1.0, Rect(0, 0, 8, 8))])
    assert (picture == 77).all()


def test_turned_heat_lies_on_the_turned_square():
    picture = np.full((120, 120, 3), 100, np.uint8)
    heat = np.zeros((9, 9), np.float32)
    heat[4, 8] = 1  # the middle of the right edge; a quarter turn clockwise brings it to the foot
    lay(picture, [heat_patch(heat, Rect(30, 30, 60, 60), "inferno", 0.9, Rect(0, 0, 120, 120), math.radians(90))])
    changed = np.argwhere((picture != 100).any(axis=2))
    assert abs(changed[:, 1].mean() - 60) < 2
    assert changed[:, 0].mean() > 80
