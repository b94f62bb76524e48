"""Keys by what OpenCV reports of them, on several systems and keyboards."""

from __future__ import annotations

import pytest

from emoscope.live.keycodes import key_name

KEYS = {
    ord("b"): "b",
    ord("?"): "?",
    9: "tab",
    13: "enter",
    8: "backspace",
    27: "escape",
    32: "space",
    65361: "left",
    65470: "f1",
    65480: "f11",
    65421: "enter",
    63234: "left",
    63236: "f1",
    127: "backspace",
    0x25 << 16: "left",
    0x7A << 16: "f11",
    0x100000 + 65363: "right",
    0x100000 + ord("h"): "h",
}


@pytest.mark.parametrize("code", KEYS)
def test_a_key_has_its_name(code: int):
    assert key_name(code) == KEYS[code]


@pytest.mark.parametrize("code", [-1, 0, 65505, 65535, 65379])
def test_no_key_and_keys_that_nobody_asks_for_have_none(code: int):
    assert key_name(code) is None


# X key symbols as Qt's window reported them under `setxkbmap ru` and `setxkbmap gr`.
LETTERS = {1734: "a", 1757: "o", 1745: "z", 0x6E6: "a", 0x6A6: "s", 2017: "a", 2034: "s", 2035: "w", 0x7C1: "a"}


@pytest.mark.parametrize("code", LETTERS)
def test_another_keyboards_letter_means_the_latin_one_of_the_same_key(code: int):
    assert key_name(code) == LETTERS[code]
