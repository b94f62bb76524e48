"""Probability bars: their lengths are the probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.draw.bars import bars, small_bars
from emoscope.draw.style import EMOTIONS, Sizes

SIZES = Sizes.of(1280, 720)
NAMES = ("happy", "sad", "surprise")


def lengths(probabilities: list[float]) -> list[float]:
    """The length of each bar in pixels, fractions included, found by its colour."""
    board = bars(NAMES, np.array(probabilities, np.float32), NAMES[0], SIZES)
    found = []
    for name in NAMES:
        off = np.abs(board.sheet[..., :3].astype(int) - EMOTIONS[name]).max(axis=2)
        found.append(float((off < 25).sum(axis=1).max()))
    return found


def test_a_bar_is_as_long_as_its_probability():
    full = round(SIZES.text * 6)
    assert lengths([0.5, 0.25, 0.25]) == pytest.approx([full / 2, full / 4, full / 4], abs=1.5)
    assert lengths([1.0, 0.0, 0.0])[0] == pytest.approx(full, abs=1.5)


def test_rows_keep_their_order_and_the_panel_its_size():
    first, second = (
        bars(NAMES, np.array(values, np.float32), said, SIZES)
        for values, said in (([1, 0, 0], "happy"), ([0, 0.1, 0.9], "surprise"))
    )
    assert first.sheet.shape == second.sheet.shape
    rows = [int(np.flatnonzero((first.sheet != second.sheet).any(axis=(1, 2)))[place]) for place in (0, -1)]
    assert 0 < rows[0] < rows[1] < first.height


def test_every_row_is_named_and_measured_in_letters():
    board = bars(NAMES, np.full(3, 1 / 3, np.float32), "sad", SIZES)
    row = round(SIZES.text * 1.7)
    for number in range(3):
        strip = board.sheet[SIZES.gap + number * row : SIZES.gap + number * row + SIZES.text, :, :3]
        name, percent = strip[:, : 3 * SIZES.text], strip[:, -3 * SIZES.text :]
        assert min(name.min(axis=2).max(), percent.min(axis=2).max()) > 180


def test_the_class_that_is_said_stands_out_though_another_is_more_probable():
    values, row = np.array([0.4, 0.45, 0.15], np.float32), round(SIZES.text * 1.7)
    plain, said = (bars(NAMES, values, word, SIZES).sheet for word in ("unsure", "happy"))
    changed = (plain != said).any(axis=(1, 2))
    assert changed[: SIZES.gap + row].any()
    assert not changed[SIZES.gap + row :].any()


@pytest.mark.parametrize("width", [1, 7, 40, 300])
@pytest.mark.parametrize("height", [1, 8, 60])
def test_small_bars_fill_exactly_their_space(width: int, height: int):
    board = small_bars(NAMES, np.array([0.0, 1.0, 0.5], np.float32), width, height)
    assert (board.width, board.height) == (width, height)


def test_small_bars_are_as_high_as_their_probability():
    board = small_bars(NAMES, np.array([0.25, 1.0, 0.5], np.float32), 60, 40)
    heights = [
        int((np.abs(board.sheet[..., :3].astype(int) - EMOTIONS[name]).max(axis=2) < 25).any(axis=1).sum())
        for name in NAMES
    ]
    assert heights == [10, 40, 20]
