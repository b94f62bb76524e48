"""What a window reports for a key, as numbers, → the names that the table of keys uses.

OpenCV hands on what each system's window gives: ASCII and, where there is none, X key symbols (Qt, GTK), Apple's
function characters (Cocoa) or Windows' virtual keys; no two systems' numbers meet. On a keyboard that writes other
letters than Latin ones, a key means the Latin letter that stands at the same place of a US keyboard.
"""

from __future__ import annotations

COMMON = {3: "enter", 8: "backspace", 9: "tab", 10: "enter", 13: "enter", 27: "escape", 32: "space", 127: "backspace"}
X11 = {
    65288: "backspace",
    65289: "tab",
    65293: "enter",
    65307: "escape",
    65360: "home",
    65361: "left",
    65362: "up",
    65363: "right",
    65364: "down",
    65365: "pageup",
    65366: "pagedown",
    65367: "end",
    65421: "enter",
    **{65469 + number: f"f{number}" for number in range(1, 13)},
}
"""X key symbols."""
COCOA = {
    63232: "up",
    63233: "down",
    63234: "left",
    63235: "right",
    63273: "home",
    63275: "end",
    63276: "pageup",
    63277: "pagedown",
    **{63235 + number: f"f{number}" for number in range(1, 13)},
}
"""Apple's characters for keys without a sign (NSEvent.h)."""
WIN32 = {
    0x21 << 16: "pageup",
    0x22 << 16: "pagedown",
    0x23 << 16: "end",
    0x24 << 16: "home",
    0x25 << 16: "left",
    0x26 << 16: "up",
    0x27 << 16: "right",
    0x28 << 16: "down",
    **{0x6F + number << 16: f"f{number}" for number in range(1, 13)},
}
"""Windows' virtual keys, as OpenCV shifts them."""
CYRILLIC, LATIN = "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
"""Letters of the Russian keyboard and what stands at the same places of a US one; Greek below, where most agree."""
CYRILLIC_SYMBOLS = "юабцдефгхийклмнопярстужвьызшэщчъ"
"""X key symbols from 0x6c0 on, in the order of KOI8-R; their capitals follow from 0x6e0 on."""
OTHERS = {0x6A6: "s", 0x6A4: "'", 0x6A7: "]", 0x6AD: "`", 0x6A3: "`", 0x6AE: "o"}
"""Ukrainian і, є, ї, ґ; ё; Belarusian ў."""
GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψωςά", "abgdezhuiklmnjoprstyfxcvwa", strict=True))
GREEK_SYMBOLS = "αβγδεζηθικλμνξοπρσςτυφχψω"
"""X key symbols from 0x7e1 on; capitals from 0x7c1 on."""


def _letters() -> dict[int, str]:
    """Key symbols of Cyrillic and Greek letters, small and capital, → the Latin letter of the same key."""
    same_key = dict(zip(CYRILLIC, LATIN, strict=True))
    table = dict(OTHERS)
    for number, letter in enumerate(CYRILLIC_SYMBOLS):
        table[0x6C0 + number] = table[0x6E0 + number] = same_key[letter]
    for number, letter in enumerate(GREEK_SYMBOLS):
        table[0x7E1 + number] = GREEK[letter]
        table[0x7C1 + number] = GREEK[letter]
    return table


SPECIAL = {**_letters(), **X11, **COCOA, **WIN32, **COMMON}
"""All of them in one table."""


def key_name(code: int) -> str | None:
    """The name of a key by what `cv2.waitKeyEx` reports; None for no key, and for keys that have no name here."""
    if code > 0xFFFF and code not in WIN32:
        code &= 0xFFFF  # GTK's windows put Num Lock and the like above the key
    if 32 < code < 127:
        return chr(code)
    return SPECIAL.get(code)
