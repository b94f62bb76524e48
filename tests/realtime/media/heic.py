"""HEIF files made for tests: a single HEVC picture, or four of them as the tiles of a grid, with turns as asked."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np

from emoscope.types import Image


def heic(image: Image, turns: bytes = b"", brand: bytes = b"heic") -> bytes:
    """One picture, (H, W, 3) BGR, both edges a multiple of 16.

    Args:
        turns: content of boxes irot and imir, such as b"irot\\x01".
    """
    coded, header = _hevc(image)
    return _file(brand, [(b"hvc1", coded)], _size(image) + _box(b"hvcC", header) + _turns(turns), None)


def tiled_heic(image: Image) -> bytes:
    """A picture, (H, W, 3) BGR, as a grid of two by two tiles."""
    height, width = image.shape[:2]
    tiles = [image[y : y + height // 2, x : x + width // 2] for y in (0, height // 2) for x in (0, width // 2)]
    coded = [_hevc(np.ascontiguousarray(tile)) for tile in tiles]
    grid = bytes((0, 0, 1, 1)) + width.to_bytes(2, "big") + height.to_bytes(2, "big")
    items = [(b"grid", grid), *((b"hvc1", data) for data, _ in coded)]
    return _file(b"heic", items, _size(tiles[0]) + _box(b"hvcC", coded[0][1]), _size(image))


def _hevc(image: Image) -> tuple[bytes, bytes]:
    """An HEVC picture as one sample of MP4, and its hvcC."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        options = {"crf": "4", "x265-params": "log-level=none:bframes=0:pools=none"}
        stream = container.add_stream("libx265", rate=25, options=options)
        stream.height, stream.width = image.shape[:2]
        stream.pix_fmt, stream.codec_context.thread_count = "yuv420p", 1
        stream.codec_context.time_base = Fraction(1, 25)
        frame = av.VideoFrame.from_ndarray(image, "bgr24")
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(io.BytesIO(target.getvalue())) as container:
        packet = next(container.demux(video=0))
        return bytes(packet), bytes(container.streams.video[0].codec_context.extradata or b"")


def _file(brand: bytes, items: list[tuple[bytes, bytes]], coded: bytes, whole: bytes | None) -> bytes:
    """The first item is the picture; `whole` is its own size where it is a grid of the others."""
    count = len(items)
    ftyp = _box(b"ftyp", brand + bytes(4) + b"mif1" + brand)
    properties = coded + (whole or b"")
    last = len(_kinds(properties))
    owned = {n: list(range(1, last + 1 - bool(whole))) for n in range(1, count + 1)}
    if whole:
        owned[1] = [last]
    ipma = bytes(4) + count.to_bytes(4, "big")
    for number, indices in owned.items():
        ipma += number.to_bytes(2, "big") + bytes([len(indices), *indices])
    iprp = _box(b"iprp", _box(b"ipco", properties) + _box(b"ipma", ipma))
    infe = b"".join(
        _box(b"infe", bytes((2, 0, 0, 0)) + number.to_bytes(2, "big") + bytes(2) + kind + b"\0")
        for number, (kind, _) in enumerate(items, 1)
    )
    iinf = _box(b"iinf", bytes(4) + count.to_bytes(2, "big") + infe)
    pitm = _box(b"pitm", bytes(4) + (1).to_bytes(2, "big"))
    hdlr = _box(b"hdlr", bytes(8) + b"pict" + bytes(13))
    tiles = b"".join(number.to_bytes(2, "big") for number in range(2, count + 1))
    dimg = _box(b"dimg", (1).to_bytes(2, "big") + (count - 1).to_bytes(2, "big") + tiles)
    iref = _box(b"iref", bytes(4) + dimg) if whole else b""

    def meta(start: int) -> bytes:
        iloc = bytes((0, 0, 0, 0, 0x44, 0)) + count.to_bytes(2, "big")
        for number, (_, data) in enumerate(items, 1):
            iloc += number.to_bytes(2, "big") + bytes(2) + (1).to_bytes(2, "big")
            iloc += start.to_bytes(4, "big") + len(data).to_bytes(4, "big")
            start += len(data)
        return _box(b"meta", bytes(4) + hdlr + pitm + _box(b"iloc", iloc) + iinf + iref + iprp)

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + _box(b"mdat", b"".join(data for _, data in items))


def _size(image: Image) -> bytes:
    height, width = image.shape[:2]
    return _box(b"ispe", bytes(4) + width.to_bytes(4, "big") + height.to_bytes(4, "big"))


def _turns(turns: bytes) -> bytes:
    return b"".join(_box(turns[at : at + 4], turns[at + 4 : at + 5]) for at in range(0, len(turns), 5))


def _kinds(boxes: bytes) -> list[bytes]:
    kinds, at = [], 0
    while at < len(boxes):
        kinds.append(boxes[at + 4 : at + 8])
        at += int.from_bytes(boxes[at : at + 4], "big")
    return kinds


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content
