"""Probability bars: their lengths are the probabilities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.bars import Caption, Form, bars, bars_size, class_at, form_for
from emoscope.draw.layout import Rect
from emoscope.draw.percent import percents
from emoscope.draw.style import EMOTIONS, Sizes

SIZES = Sizes.of(1280, 720)
NAMES = ("happy", "sad", "surprise")
FORM = Form(round(SIZES.text * 6), 3, False, False, False)
ROW = round(SIZES.text * 1.55)


def lengths(probabilities: list[float]) -> list[float]:
    """The length of each bar in pixels, fractions included, found by its colour."""
    board = bars(NAMES, np.array(probabilities, np.float32), Caption(NAMES[0]), FORM, SIZES)
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
        bars(NAMES, np.array(values, np.float32), Caption(said), FORM, SIZES)
        for values, said in (([1, 0, 0], "happy"), ([0, 0.1, 0.9], "surprise"))
    )
    assert first.sheet.shape == second.sheet.shape
    rows = [int(np.flatnonzero((first.sheet != second.sheet).any(axis=(1, 2)))[place]) for place in (0, -1)]
    assert 0 < rows[0] < rows[1] < first.height


def test_every_row_is_named_and_measured_in_letters():
    board = bars(NAMES, np.full(3, 1 / 3, np.float32), Caption("sad"), FORM, SIZES)
    row = ROW
    for number in range(3):
        strip = board.sheet[SIZES.gap + number * row : SIZES.gap + number * row + SIZES.text, :, :3]
        name, percent = strip[:, : 3 * SIZES.text], strip[:, -3 * SIZES.text :]
        assert min(name.min(axis=2).max(), percent.min(axis=2).max()) > 180


def test_the_class_that_is_said_stands_out_though_another_is_more_probable():
    values, row = np.array([0.4, 0.45, 0.15], np.float32), ROW
    plain, said = (bars(NAMES, values, Caption(word), FORM, SIZES).sheet for word in ("unsure", "happy"))
    changed = (plain != said).any(axis=(1, 2))
    assert changed[: SIZES.gap + row].any()
    assert not changed[SIZES.gap + row :].any()


def test_percentages_add_up_to_100():
    random = np.random.default_rng(0)
    for _ in range(300):
        shares = random.dirichlet(np.full(8, 0.4)).astype(np.float32)
        whole = percents(shares)
        assert sum(whole) == 100
        assert np.abs(np.array(whole) - 100 * shares).max() < 1
    assert percents(np.array([1 / 3, 1 / 3, 1 / 3], np.float32)) == (34, 33, 33)
    assert percents(np.array([np.nan, 0, 0], np.float32)) == (0, 0, 0)


@pytest.mark.parametrize("room", [(400, 400), (200, 200), (150, 150), (130, 90), (100, 40), (10, 10)])
def test_a_panel_gives_up_bars_and_rows_but_no_words(room: tuple[int, int]):
    form = form_for(NAMES, SIZES, room, keys=True)
    board = bars(NAMES, np.array([0.2, 0.1, 0.7], np.float32), Caption("surprise", "face 1", "note"), form, SIZES)
    assert (board.width, board.height) == bars_size(NAMES, form, SIZES)
    assert form.rows >= 1
    if room[0] >= 130:
        assert board.width <= room[0]
        assert board.height <= room[1]


def test_a_click_on_a_row_finds_its_class():
    form = form_for(NAMES, SIZES, (500, 500), keys=True)
    shares = np.array([0.2, 0.1, 0.7], np.float32)
    place = Rect(40, 30, *bars_size(NAMES, form, SIZES))
    found = [class_at(60, place.y + y, place, NAMES, shares, form, SIZES) for y in range(place.height)]
    assert [number for number in dict.fromkeys(found) if number is not None] == [0, 1, 2]
    assert class_at(5, 5, place, NAMES, shares, form, SIZES) is None


def test_further_numbers_have_rows_of_their_own_and_go_first():
    numbers = {"valence": -0.2, "arousal": 0.5}
    form = form_for(NAMES, SIZES, (500, 500), keys=True, numbers=tuple(numbers))
    assert form.numbers == tuple(numbers) and form.rows == 3
    plain = form_for(NAMES, SIZES, (500, 500), keys=True)
    assert bars_size(NAMES, form, SIZES)[1] > bars_size(NAMES, plain, SIZES)[1]
    shares = np.array([0.2, 0.1, 0.7], np.float32)
    one, other = (bars(NAMES, shares, Caption("happy"), form, SIZES, said).sheet for said in (numbers, {}))
    assert (one != other).any()
    place = Rect(0, 0, *bars_size(NAMES, form, SIZES))
    rows = [class_at(60, y, place, NAMES, shares, form, SIZES) for y in range(place.height)]
    assert {*rows} == {None, 0, 1, 2} and rows[-1] is None
    low = form_for(NAMES, SIZES, (500, bars_size(NAMES, form, SIZES)[1] // 2), keys=True, numbers=tuple(numbers))
    assert low.numbers == () and low.rows == 3


def test_a_panel_looks_the_same_whatever_was_drawn_before():
    """Only rows that have changed are drawn anew, and what is said to have changed is all that has."""
    random, said, form = (
        np.random.default_rng(1),
        Caption("sad", "face 1", "note"),
        replace(FORM, keys=True, header=True),
    )
    shares = [random.dirichlet(np.full(3, 0.4)).astype(np.float32) for _ in range(12)]
    shares += [shares[-1], np.array([1, 0, 0], np.float32), np.array([0, 1, 0], np.float32)]
    first = [bars(NAMES, one, said, form, SIZES) for one in shares]
    for board, before in zip(first[1:], first[:-1], strict=True):
        if board is not before:
            assert board.since is not None and board.since.sheet is before.sheet
            part = board.since.changed
            rest = board.sheet.copy()
            place = slice(part.y, part.bottom), slice(part.x, part.right)
            rest[place] = before.sheet[place]
            np.testing.assert_array_equal(rest, before.sheet)
    assert first[12] is first[11], "nothing has changed"
    for number in random.permutation(len(shares)):
        np.testing.assert_array_equal(bars(NAMES, shares[number], said, form, SIZES).sheet, first[number].sheet)
