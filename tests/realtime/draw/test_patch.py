"""Laying a patch: the formula of the module, to the pixel, and nothing beyond the border."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.draw.patch import Patch, lay


def patch(x: int, y: int, width: int = 2, height: int = 2, ink: int = 100, clear: int = 128) -> Patch:
    return Patch(x, y, np.full((height, width, 4), (ink, ink, ink, clear), np.uint8))


def test_the_formula_for_every_value_of_picture_and_cover():
    below = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2).repeat(256, axis=1)
    clear = below.transpose(1, 0, 2).copy()
    ink = ((255 - clear) * 0.5).astype(np.uint8)
    picture = below.copy()
    lay(picture, [Patch(0, 0, np.dstack([ink, clear[:, :, 0]]))])
    expected = below.astype(float) * clear / 255 + ink
    assert np.abs(picture - expected).max() <= 0.5


def test_clear_and_inkless_changes_nothing_and_opaque_hides():
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    same = picture.copy()
    lay(same, [patch(0, 0, 4, 4, ink=0, clear=255)])
    np.testing.assert_array_equal(same, picture)
    lay(same, [patch(1, 1, ink=7, clear=0)])
    assert (same[1:3, 1:3] == 7).all()
    np.testing.assert_array_equal(same[0], picture[0])
    np.testing.assert_array_equal(same[:, 3], picture[:, 3])


def test_order_matters():
    picture = np.zeros((2, 2, 3), np.uint8)
    lay(picture, [patch(0, 0, ink=10, clear=0), patch(0, 0, ink=20, clear=0)])
    assert (picture == 20).all()


@pytest.mark.parametrize(("x", "y"), [(x, y) for x in (-1, 0, 3) for y in (-1, 0, 3)])
def test_what_reaches_beyond_is_cut_off_and_the_rest_stays_in_place(x: int, y: int):
    picture = np.zeros((4, 4, 3), np.uint8)
    ink = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) + 1
    lay(picture, [Patch(x, y, np.dstack([ink, np.zeros((2, 2), np.uint8)]))])
    wide = np.zeros((8, 8, 3), np.uint8)
    wide[2 + y : 4 + y, 2 + x : 4 + x] = ink
    np.testing.assert_array_equal(picture, wide[2:6, 2:6])


@pytest.mark.parametrize(("x", "y"), [(-2, 0), (4, 0), (0, -2), (0, 4), (-999, 999)])
def test_what_lies_outside_is_nothing(x: int, y: int):
    assert patch(x, y).inside(4, 4) is None
    picture = np.full((4, 4, 3), 9, np.uint8)
    lay(picture, [patch(x, y)])
    assert (picture == 9).all()


def test_a_patch_larger_than_the_picture_covers_it():
    part = patch(-3, -3, 10, 10).inside(4, 4)
    assert (part.x, part.y, part.width, part.height) == (0, 0, 4, 4)


@pytest.mark.parametrize("clear", [np.zeros(256), np.arange(256)], ids=["opaque", "translucent"])
def test_a_table_looks_as_its_colours_do(clear: np.ndarray):
    table = np.column_stack([*np.arange(768).reshape(3, 256) // 6, clear]).astype(np.uint8).view(np.uint32)[:, 0]
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    with_table, with_pixels = np.full((2, 12, 20, 3), 200, np.uint8)
    lay(with_table, [Patch(-2, -3, levels, table)])
    lay(with_pixels, [Patch(-2, -3, Patch(0, 0, levels, table).pixels)])
    np.testing.assert_array_equal(with_table, with_pixels)
    assert (with_table[:, 14:] == 200).all() and (with_table[:12, :14] != 200).any()
