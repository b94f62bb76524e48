"""JPEG XL pictures: what their first bits say of them, and their pixels by imagecodecs, the extra `jxl`.

A file is a bare codestream, or boxes that hold one. Size and kind stand in its first bits (ISO/IEC 18181-1, SizeHeader
and ImageMetadata), so that a picture of absurd size, or one that moves, is refused before it is decoded. How it is
turned stands there too, and the decoder turns it; an EXIF tag does not.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SourceError

BARE, BOXED = b"\xff\x0a", b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"
RATIOS = ((1, 1), (6, 5), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Width to height, by the number that stands for them, from 1."""
EDGE_BITS = (9, 13, 18, 30)
DEPTHS = (8, 10, 12)
PREVIEW_EDGES = ((6, 1), (8, 65), (10, 321), (12, 1345))
PREVIEW_EIGHTHS = ((0, 16), (0, 32), (5, 1), (9, 33))
"""Bits of a number, and what is added to it, by the two bits before it."""
PACKAGE = "imagecodecs"
NEEDS = 'a JPEG XL picture: install imagecodecs (pip install "emoscope[jxl]")'


@dataclass(frozen=True, slots=True)
class Heading:
    """What a JPEG XL file says first.

    Attributes:
        width, height: as it is stored, in pixels.
        depth: bits of a sample.
        moves: whether it is an animation.
    """

    width: int
    height: int
    depth: int = 8
    moves: bool = False


def is_jxl(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a JPEG XL."""
    return head.startswith((BARE, BOXED))


def reads_jxl() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec(PACKAGE) is not None


def heading(data: bytes, name: str) -> Heading:
    """What the bytes of a file say first; SourceError where they end before."""
    try:
        return _heading(_Bits(_codestream(data)[len(BARE) :]))
    except (IndexError, ValueError):
        raise SourceError(f"{name}: the picture is damaged (its heading): save or copy it again") from None


def read_jxl(data: bytes, name: str) -> NDArray[np.uint8]:
    """The pixels of a file, upright: (H, W) grey, or (H, W, C): grey or RGB, opacity behind them where there is any.

    Raises:
        SourceError: it is damaged, or needs imagecodecs, which is not installed.
    """
    try:
        import imagecodecs
    except ImportError:
        raise SourceError(f"{name}: {NEEDS}, or save the picture as JPEG") from None
    try:
        pixels: NDArray[Any] = imagecodecs.jpegxl_decode(data, index=0)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise SourceError(f"{name}: the picture is damaged ({error}): save or copy it again") from None
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    white = 1 if pixels.dtype.kind == "f" else 2 ** heading(data, name).depth - 1
    shallow = np.clip(np.nan_to_num(pixels) * np.float32(255 / white) + 0.5, 0, 255)
    return np.asarray(shallow, np.uint8)


class _Bits:
    """Numbers out of bytes, the lowest bit first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def __call__(self, count: int = 1) -> int:
        value = 0
        for place in range(count):
            value |= (self._data[self._at >> 3] >> (self._at & 7) & 1) << place
            self._at += 1
        return value


def _codestream(data: bytes) -> bytes:
    """The beginning of the codestream in the file."""
    at = 0
    while not data.startswith(BARE, at):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        if kind in (b"jxlc", b"jxlp"):
            return data[body + 4 * (kind == b"jxlp") :]  # a part has its number before it
        if size < 8:  # 0: up to the end of the file
            raise ValueError("no codestream")
        at += size
    return data[at:]


def _heading(bits: _Bits) -> Heading:
    width, height = _size(bits)
    if bits():  # all else is as usual
        return Heading(width, height)
    if bits():
        bits(3)  # how it is turned
        if bits():
            _size(bits)  # that it is meant to be shown at
        if bits():
            _skip_preview(bits)
        if bits():
            return Heading(width, height, moves=True)
    return Heading(width, height, depth=_depth(bits))


def _depth(bits: _Bits) -> int:
    if bits():
        return 32  # or 16: floating point, whose white is 1
    choice = bits(2)
    return DEPTHS[choice] if choice < len(DEPTHS) else 1 + bits(6)


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits()

    def edge() -> int:
        return 8 * (1 + bits(5)) if small else 1 + bits(EDGE_BITS[bits(2)])

    height, ratio = edge(), bits(3)
    across, down = RATIOS[ratio - 1]
    return (height * across // down if ratio else edge()), height


def _skip_preview(bits: _Bits) -> None:
    choices = PREVIEW_EIGHTHS if bits() else PREVIEW_EDGES

    def edge() -> None:
        bits(choices[bits(2)][0])

    edge()
    if not bits(3):
        edge()
