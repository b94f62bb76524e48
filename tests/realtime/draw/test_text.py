"""Text: the letters lie whole in the space that was measured for them, in any script."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from emoscope.draw import text as letters
from emoscope.system.bundled import assets, bundled
from emoscope.view.keys import KEYS

WORDS = ["happy", "Ärger ÿg|", "W", "iiii", "удивление", "47 %", "–…•×σ"]


@pytest.mark.parametrize("size", [10, 17, 40])
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("weight", [letters.REGULAR, letters.SEMIBOLD])
def test_a_mask_is_as_large_as_was_measured_and_cuts_off_no_letter(word: str, size: int, weight: int):
    mask = letters.mask(word, size, weight)
    assert mask.shape == (letters.line_height(size), letters.advance(word, size, weight))
    assert mask.max() > 100
    roomy = letters.mask(word + "    ", size, weight)[:, : mask.shape[1] + size]
    assert np.count_nonzero(roomy[:, mask.shape[1] :] > 60) == 0


def test_bolder_letters_have_more_ink_and_larger_ones_are_wider():
    assert letters.mask("happy", 30, letters.SEMIBOLD).sum() > letters.mask("happy", 30).sum()
    assert letters.advance("happy", 40) == pytest.approx(2 * letters.advance("happy", 20), rel=0.1)


def test_nothing_takes_a_column():
    assert letters.advance("", 20) == 1
    assert not letters.mask("", 20).any()


@pytest.mark.parametrize("width", [1, 20, 60, 100, 1000])
def test_fit_never_exceeds_its_room_unless_there_is_none_for_an_ellipsis(width: int):
    text = "a line of some length, • with signs"
    short = letters.fit(text, width, 16)
    assert letters.advance(short, 16) <= max(width, letters.advance("…", 16))
    assert short == text or short.endswith("…")
    assert text.startswith(short.removesuffix("…"))


def test_fit_keeps_as_much_as_there_is_room_for():
    text = "abcdefgh"
    room = letters.advance("abcd…", 16)
    assert letters.fit(text, room, 16) == "abcd…"


def test_many_threads_may_write_at_once():
    jobs = [(f"word {number % 7}", 10 + number % 23) for number in range(300)]
    expected = [letters.mask(*job).copy() for job in jobs]
    letters.advance.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        for mask, right in zip(pool.map(lambda job: letters.mask(*job), jobs), expected, strict=True):
            np.testing.assert_array_equal(mask, right)


def test_a_long_line_is_set_smaller_until_it_fits_but_not_too_small():
    assert letters.size_for("happy", 200, 17) == 17
    text = "Grad-CAM++ • surprise (pinned)"
    width = letters.advance(text, 17) * 4 // 5
    size = letters.size_for(text, width, 17)
    assert size < 17
    assert letters.advance(text, size) <= width
    assert letters.size_for(text, 10, 18) == 12


def signs() -> list[str]:
    """Every sign that the help and the other panels draw beside ASCII."""
    help_text = "".join(f"{title}{keys}{words}" for title, rows in KEYS for keys, words in rows)
    return sorted({sign for sign in help_text + "←→↑↓…·×–•▶■●○✓" if not sign.isspace()})


@pytest.mark.parametrize("weight", [letters.REGULAR, letters.SEMIBOLD])
@pytest.mark.parametrize("sign", signs())
def test_every_sign_that_is_drawn_is_in_our_font(sign: str, weight: int):
    assert letters.legible(sign) == sign
    drawn, missing = (letters.mask(text, 40, weight) for text in (sign, letters.MISSING))
    assert drawn.any()
    assert sign == "?" or drawn.shape != missing.shape or (drawn != missing).any()


@pytest.mark.parametrize("word", ["злой", "Θυμός", "غاضب", "שמח", "怒り", "행복", "ดีใจ"])
def test_a_label_in_another_script_is_drawn_or_transliterated(word: str):
    written = letters.legible(word)
    missing = letters.mask(letters.MISSING, 40)
    for sign in written:
        drawn = letters.mask(sign, 40)
        assert drawn.shape != missing.shape or (drawn != missing).any()
    assert written == word or (written.isascii() and written.strip())


def test_what_this_opencv_cannot_draw_is_written_in_latin_letters_a_word_at_a_time(monkeypatch: pytest.MonkeyPatch):
    letters.legible.cache_clear()
    monkeypatch.setattr(letters, "_has", lambda sign: sign.isascii() or sign in "←é")
    try:
        assert letters.legible("怒り ← café") == "Nuri ← café"
    finally:
        letters.legible.cache_clear()


def test_right_to_left_is_left_alone_only_where_the_engine_begins_at_the_right(monkeypatch: pytest.MonkeyPatch):
    for orders in (True, False):
        letters.legible.cache_clear()
        monkeypatch.setattr(letters, "_orders_right_to_left", lambda orders=orders: orders)
        assert (letters.legible("שמח") == "שמח") is orders
    letters.legible.cache_clear()


def test_the_font_is_the_one_that_is_shipped():
    assert bundled(assets(), letters.FONT).name == letters.FONT
