"""A picture file no larger than it is shown, within a bound of memory and time, whoever made it.

    JPEG       decoded at a half, a quarter or an eighth of its size: 48 million pixels of a telephone take 40 MB
    others     decoded whole, and shrunk strip by strip

What a decoder takes depends on the format. It is known from the heading, before memory is given to it.
"""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image
from PIL.JpegImagePlugin import JpegImageFile

from ..errors import SourceError
from ..types import Image
from .jxl import is_jxl
from .photo import as_rgb, decode_photo, from_pillow, is_pillows, opened, size_of

BYTES_A_PIXEL = {
    "BMP": 4, "GIF": 5, "JPEG": 4, "MPO": 4, "PNG": 4, "PPM": 4,
    "WEBP": 6, "AVIF": 9, "TIFF": 12, "HEIC": 9, "JPEG XL": 18, "JPEG2000": 20,
}  # fmt: skip
"""Of memory that decoding takes at most, measured; a TIFF may be one strip of 16 bits."""
MOST_SCANS = 50
"""Of a progressive JPEG; programs make about ten. Each is another way through the whole picture."""
MARK, SCAN, PROGRESSIVE = 0xFF, b"\xff\xda", (0xC2, 0xC6, 0xCA, 0xCE)
"""Markers of JPEG: their first byte, that of a scan, and those of progressive frames (ITU-T T.81, table B.1)."""
LARGEST = 178_000_000
"""Pixels that Pillow opens at all."""
STRIP_PIXELS = 500_000
TURNED = 0x0112
"""The EXIF tag of how a picture is turned."""


def decode_small(data: bytes, name: str, edge: int, most_bytes: int) -> Image:
    """The bytes of a picture file as (H, W, 3) BGR, as `decode_photo` gives it, but shrunk.

    Args:
        data: the whole file.
        name: what errors call it.
        edge: most pixels of its longer edge.
        most_bytes: of memory, the file among it, but not the small picture.

    Raises:
        SourceError: it is no picture, damaged, or takes more memory or time than it may.
    """
    if not is_pillows(data):
        (width, height), form = size_of(data, name), "JPEG XL" if is_jxl(data) else "HEIC"
        taken = width * height * BYTES_A_PIXEL[form] + len(data)
        _require_room(taken, most_bytes, f"{name}: {width}×{height}", form)
        return np.ascontiguousarray(_fitted(decode_photo(data, name), edge))
    with opened(data, name, LARGEST) as picture:
        (width, height), form = picture.size, picture.format or ""
        taken = len(data)
        if isinstance(picture, JpegImageFile):
            taken += _waiting_bytes(picture, data)
            picture.draft(None, _size(width, height, edge))
            if data.count(SCAN) > MOST_SCANS:
                raise SourceError(f"{name}: a JPEG of more than {MOST_SCANS} scans: save it as plain JPEG")
        taken += picture.width * picture.height * BYTES_A_PIXEL[form]
        _require_room(taken, most_bytes, f"{name}: {width}×{height}", form)
        if max(picture.size) <= edge:
            return from_pillow(picture)
        small = PIL.Image.fromarray(_fitted(_strips(picture, data, edge), edge))
        small.getexif()[TURNED] = picture.getexif().get(TURNED, 1)
        return from_pillow(small)


def _require_room(taken: int, most_bytes: int, what: str, form: str) -> None:
    if taken > most_bytes:
        most = f"more than {most_bytes // 10**6} MB of memory to read"
        raise SourceError(f"{what} takes {most} as {form}: make it smaller, or save it as plain JPEG")


def _waiting_bytes(picture: JpegImageFile, data: bytes) -> int:
    """What is held of a JPEG until all of it is there, at whatever size it is read: two bytes for each number.

    That is so where it is progressive, and where its first scan is not of all its layers.
    """
    shares = [across * down for _, across, down, _ in picture.layer]
    pixels = picture.width * picture.height
    return round(2 * pixels * sum(shares) / max(1, *shares)) if _waits(data, len(shares)) else 0


def _waits(data: bytes, layers: int) -> bool:
    at = 2
    while at + 4 < len(data) and data[at] == MARK:
        kind = data[at + 1]
        if kind in PROGRESSIVE:
            return True
        if kind == SCAN[1]:
            return data[at + 4] < layers
        at += 1 if kind == MARK else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return True  # whoever is not understood may do so


def _size(width: int, height: int, edge: int) -> tuple[int, int]:
    factor = edge / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def _fitted(picture: Image, edge: int) -> Image:
    """(H, W, 3) with a longer edge of at most so many pixels."""
    height, width = picture.shape[:2]
    if max(width, height) <= edge:
        return picture
    return np.asarray(cv2.resize(picture, _size(width, height, edge), interpolation=cv2.INTER_AREA), np.uint8)


def _strips(picture: PIL.Image.Image, data: bytes, edge: int) -> Image:
    """The picture as (H, W, 3) RGB, shrunk by a whole number so that its longer edge stays above `edge`.

    Pillow holds a WebP three times; OpenCV decodes it once.

    Raises:
        ValueError: it is damaged.
    """
    width, height = picture.size
    whole = max(width, height) // edge
    rows = whole * max(1, STRIP_PIXELS // (width * whole))
    webp = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if picture.format == "WEBP" else None
    if picture.format == "WEBP" and webp is None:
        raise ValueError("it is not whole")
    strips = []
    for top in range(0, height, rows):
        if webp is None:
            strip = picture.crop((0, top, width, min(top + rows, height)))
        else:
            strip = PIL.Image.fromarray(_from_opencv(np.asarray(webp[top : top + rows], np.uint8)))
        pixels = as_rgb(strip)
        size = max(1, width // whole), max(1, len(pixels) // whole)
        strips.append(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    return np.concatenate(strips)


def _from_opencv(pixels: Image) -> Image:
    """BGR, or BGRA, as Pillow has it."""
    return np.asarray(
        cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB), np.uint8
    )
