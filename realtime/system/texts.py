"""Text files of others: lists and tables, in whatever encoding the system wrote them that they come from.

EF BB BF            UTF-8, as Excel and Windows' editor mark it
FF FE, FE FF        UTF-16, as PowerShell writes it
61 00 2E 00 0D 00   UTF-16 that nobody marked: line ends as it writes them, or zeros in every second place
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

HEAD_BYTES = 4096
USUAL = "utf-8"
WIDE = (("utf-16-le", 1), ("utf-16-be", 0))
"""Encodings whose letters are two bytes, and in which of them that of an ASCII letter is zero."""
MANY, MOST = 4, 0.6
"""From as many letters on, and with so much of them ASCII, it is UTF-16. Names with a zero byte behind each have more
than one letter."""
CURE = "write it again, as UTF-8"


@contextmanager
def open_text(path: Path, errors: str = "strict") -> Iterator[TextIO]:
    """A text file, its line ends as they are.

    Args:
        path: the file.
        errors: what becomes of bytes that are no text, as Python names it.

    Raises:
        OSError: it cannot be read.
        UnicodeError: it is no text, also where the body finds that out; `no_text` says it in a line.
    """
    with path.open("rb") as file:
        encoding = encoding_of(file.peek(HEAD_BYTES))
        with io.TextIOWrapper(file, encoding, errors, newline="") as text:
            yield text


def no_text(place: object, error: UnicodeError) -> str:
    """A line about a file that is no text."""
    return f"{place}: no whole text ({error}): {CURE}"


def encoding_of(head: bytes, usual: str = USUAL) -> str:
    """The encoding of a text.

    Args:
        head: its beginning, as much as there is.
        usual: where nothing tells.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return next((name for name, high in WIDE if _is_wide(head, name, high)), usual)


def _is_wide(head: bytes, encoding: str, high: int) -> bool:
    letters = len(head) // 2
    if "\r\n".encode(encoding) in (head[at : at + 4] for at in range(0, len(head), 2)):
        return True
    highs, lows = head[high : 2 * letters : 2], head[1 - high : 2 * letters : 2]
    lone = any(one and not other for one, other in zip(highs, lows, strict=True))
    return letters >= MANY and not lone and highs.count(0) > MOST * letters
