"""What a file that is read as one picture holds besides it: the pages of a TIFF, the pictures of an animation.

    II*\\0 ── offset ─▶ page │ count │ tag kind number value … │ next ─▶ page … ─▶ 0

A TIFF's smaller copies of its picture, and masks, are no pages (TIFF 6.0, tag 254). The second picture of an MPO is the
first one's, for other glasses or screens, and is not told of.

    GIF89a ── size, palette ─▶ ! extension ─▶ , picture ─▶ , a second one: it moves
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .kinds import moves
from .memory_file import MemoryFile

NO_PAGE = 0b101
"""Bits of a TIFF's tag 254: a smaller copy, or a mask."""
SUBFILE = 254
MOST_PAGES = 100_000
"""So many are counted."""
APART = "save each as a picture of its own to have all of them read"
FILM = "`emoscope process` and `live` read all of it, as a film"


class _Layout(NamedTuple):
    """How a TIFF writes what leads from page to page: numbers as `struct` names them."""

    order: str
    offset: str
    tags: str
    tag: str


CLASSIC, BIG = ("I", "H", "HHI4s"), ("Q", "Q", "HHQ8s")
EXTENSION, PICTURE = b"!", b","
"""How blocks of a GIF begin."""


def told_further(file: Path | MemoryFile) -> str:
    """What else a picture's file holds, and how to have it read, in a line; "" for nothing."""
    pages = pages_of(file)
    if pages > 1:
        return f"holds {pages} pages, and the first is looked at: {APART}"
    return f"is an animation, and its first picture is looked at: {FILM}" if is_animated(file) else ""


def holds_further(file: Path | MemoryFile) -> bool:
    """Whether there are further pages or pictures."""
    return pages_of(file) > 1 or is_animated(file)


def is_animated(file: Path | MemoryFile) -> bool:
    """Whether it is an animation: GIF, PNG, WebP, AVIF or HEIF."""
    return moves(file) or _is_moving_gif(file)


def _is_moving_gif(file: Path | MemoryFile) -> bool:
    try:
        with file.open("rb") as opened:
            head = opened.read(13)
            if len(head) < 13 or head[:4] != b"GIF8":
                return False
            _skip_palette(opened, head[10])
            return sum(1 for _ in islice(_pictures(opened), 2)) > 1
    except OSError:  # whoever reads it will say why
        return False


def _pictures(file: BinaryIO) -> Iterator[bytes]:
    """The headings of a GIF's pictures, as far as they can be followed."""
    while (kind := file.read(1)) in (EXTENSION, PICTURE):
        if kind == PICTURE:
            heading = file.read(9)
            if len(heading) < 9:
                return
            yield heading
            _skip_palette(file, heading[8])
        file.read(1)  # an extension's label, or how long the codes of a picture are
        while (size := file.read(1)) not in (b"", b"\0"):
            file.seek(size[0], 1)


def _skip_palette(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << (flags & 7) + 1, 1)


def pages_of(file: Path | MemoryFile) -> int:
    """How many pages a TIFF has; 0 where it is none, or damaged before the first of them."""
    pages = 0
    try:
        with file.open("rb") as opened:
            for kind in _kinds(opened):
                pages += not kind & NO_PAGE
    except (OSError, OverflowError, ValueError, struct.error):  # of a place that no file has: the two between
        pass
    return pages


def _kinds(file: BinaryIO) -> Iterator[int]:
    """Tag 254 of every page, as far as they can be followed."""
    layout = _layout(file.read(8))
    if layout is None:
        return
    order, offset, count, entry = layout
    file.seek(8 if offset == "Q" else 4)
    seen = {0}
    while len(seen) < MOST_PAGES:
        (at,) = _read(file, order + offset)
        if at in seen:
            return
        seen.add(at)
        file.seek(at)
        (tags,) = _read(file, order + count)
        size = struct.calcsize(order + entry)
        entries = file.read(size * min(tags, 0xFFFF))
        values = {tag: value for tag, _, _, value in struct.iter_unpack(order + entry, entries)}
        yield struct.unpack_from(order + "I", values.get(SUBFILE, bytes(4)))[0]


def _layout(head: bytes) -> _Layout | None:
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    kinds = {42: CLASSIC, 43: BIG}.get(struct.unpack_from(order + "H", head, 2)[0])
    return None if kinds is None else _Layout(order, *kinds)


def _read(file: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
