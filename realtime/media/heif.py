"""HEIC and HEIF pictures, as telephones write them: one coded picture, or a grid of tiles that make one.

    meta ── pitm   which item is the picture        iinf   what each item is: hvc1, av01, jpeg; grid, iovl, iden
         ── iprp   size (ispe), quarter turns (irot) and mirroring (imir), and which belong to which item

A file of one coded picture is decoded by PyAV. Tiles, and what is made of other pictures, need a library that puts
them together: pillow-heif, the extra `heif`. An EXIF tag does not turn such a picture: irot and imir do (ISO/IEC
23008-12).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import av
import cv2
import numpy as np
from av.stream import Disposition

from ..errors import SourceError
from ..types import Image

CODED = (b"hvc1", b"hev1", b"av01", b"jpeg")
"""Items that are one coded picture."""
TILED = 'made of tiles, as most telephones write it: install pillow-heif (pip install "emoscope[heif]")'


@dataclass(frozen=True, slots=True)
class Primary:
    """The picture that a HEIF file is.

    Attributes:
        kind: of its item, such as b"hvc1" or b"grid".
        width, height: before it is turned, in pixels; 0 where nothing is said.
        turns: properties that turn or mirror it, in their order: (b"irot", quarters against the clock) or
            (b"imir", 0 for top and bottom exchanged, 1 for left and right).
    """

    kind: bytes
    width: int = 0
    height: int = 0
    turns: tuple[tuple[bytes, int], ...] = ()


def read_heif(data: bytes, name: str) -> Image:
    """The bytes of a HEIF file as (H, W, 3) BGR, upright.

    Raises:
        SourceError: it is damaged, or needs pillow-heif, which is not installed.
    """
    if primary_of(data, name).kind in CODED:
        return _coded(data, name)
    return _tiled(data, name)


def primary_of(data: bytes, name: str) -> Primary:
    """What the file says of its picture; SourceError where it says nothing that can be understood."""
    try:
        meta = next(body for kind, body in _boxes(data) if kind == b"meta")[4:]
        return _primary(dict(_boxes(meta)))
    except (StopIteration, KeyError, IndexError, ValueError):
        raise SourceError(f"{name}: the picture is damaged (its table of contents): save or copy it again") from None


def _coded(data: bytes, name: str) -> Image:
    try:
        with av.open(io.BytesIO(data)) as container:
            films = container.streams.video
            stream = next((one for one in films if one.disposition & Disposition.default), films[0])
            decoded = next(container.decode(stream))
    except (av.FFmpegError, StopIteration, IndexError, ValueError) as error:
        raise SourceError(f"{name}: the picture is damaged ({error}): save or copy it again") from None
    image = np.asarray(decoded.to_ndarray(format="bgr24"), np.uint8)
    for kind, value in primary_of(data, name).turns:
        image = np.rot90(image, value) if kind == b"irot" else np.asarray(cv2.flip(image, value), np.uint8)
    return np.ascontiguousarray(image)


def _tiled(data: bytes, name: str) -> Image:
    try:
        import pillow_heif
    except ImportError:
        raise SourceError(f"{name}: {TILED}, or save the picture as JPEG") from None
    try:
        picture = pillow_heif.read_heif(io.BytesIO(data))
        # Pillow would hold it three times.
        pixels = np.asarray(picture if picture.mode == "RGB" else picture.to_pillow().convert("RGB"), np.uint8)
    except (OSError, ValueError, EOFError, RuntimeError) as error:
        raise SourceError(f"{name}: the picture is damaged ({error}): save or copy it again") from None
    return np.ascontiguousarray(pixels[:, :, ::-1])


def _primary(meta: dict[bytes, bytes]) -> Primary:
    pitm = meta[b"pitm"]
    number = int.from_bytes(pitm[4:6] if pitm[0] == 0 else pitm[4:8], "big")
    kind = _kinds(meta[b"iinf"])[number]
    iprp = list(_boxes(meta.get(b"iprp", b"")))
    properties = [one for name, body in iprp if name == b"ipco" for one in _boxes(body)]
    width = height = 0
    turns: list[tuple[bytes, int]] = []
    for index in (one for name, body in iprp if name == b"ipma" for one in _owned(body).get(number, ())):
        if not 0 < index <= len(properties):
            continue
        what, body = properties[index - 1]
        if what == b"ispe":
            width, height = int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big")
        elif what in (b"irot", b"imir"):
            turns.append((what, body[0] & (3 if what == b"irot" else 1)))
    return Primary(kind, width, height, tuple(turns))


def _kinds(iinf: bytes) -> dict[int, bytes]:
    """Kind of each item by its number."""
    kinds = {}
    for name, body in _boxes(iinf[6 if iinf[0] == 0 else 8 :]):
        if name == b"infe" and body[0] >= 2:
            wide = 2 if body[0] == 2 else 4
            kinds[int.from_bytes(body[4 : 4 + wide], "big")] = body[6 + wide : 10 + wide]
    return kinds


def _owned(ipma: bytes) -> dict[int, list[int]]:
    """Numbers of the properties of each item, from 1."""
    owned: dict[int, list[int]] = {}
    wide, large = (2 if ipma[0] == 0 else 4), ipma[3] & 1
    at = 8
    for _ in range(int.from_bytes(ipma[4:8], "big")):
        item, count = int.from_bytes(ipma[at : at + wide], "big"), ipma[at + wide]
        at += wide + 1
        step = 2 if large else 1
        numbers = [int.from_bytes(ipma[at + step * n : at + step * (n + 1)], "big") for n in range(count)]
        owned[item] = [number & (0x7FFF if large else 0x7F) for number in numbers]
        at += step * count
    return owned


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of the boxes that stand one behind another."""
    at = 0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or len(data) - at
        if size < head:
            raise ValueError("box without content")
        yield kind, data[at + head : at + size]
        at += size
