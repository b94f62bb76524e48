"""A picture file as the detectors want it: upright, three colours, eight bits, nothing shining through.

The header is read first, so that a picture of absurd size is refused before memory is given to it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import PIL.Image
from PIL import ImageOps, UnidentifiedImageError

from ..errors import SourceError
from ..types import Image
from .heif import primary_of, read_heif
from .jxl import heading, is_jxl, read_jxl
from .kinds import HEAD_BYTES, is_heif

FORMATS = ("AVIF", "BMP", "GIF", "HEIC", "JPEG", "JPEG2000", "JPEG XL", "MPO", "PNG", "PPM", "TIFF", "WEBP")
AVIF = (b"avif", b"avis")
MOVING_JXL = "an animated JPEG XL, which is not read: convert it to a film, or to a WebP or PNG that moves"
MOST_PIXELS = 80_000_000
SIXTEEN_TO_EIGHT = 257
DEEP_MODES = {"I": SIXTEEN_TO_EIGHT, "I;16": SIXTEEN_TO_EIGHT, "I;16B": SIXTEEN_TO_EIGHT, "F": 1 / 255}
"""Modes with more than eight bits a pixel → the divisor to 0–255; floats are taken as 0–1."""


def read_photo(path: Path, most_pixels: int = MOST_PIXELS) -> Image:
    """A picture file as (H, W, 3) BGR; see `decode_photo`."""
    if path.exists() and not path.is_file():
        raise SourceError(f"{path}: a folder, device or pipe, not a picture file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from None
    return decode_photo(data, str(path), most_pixels)


def decode_photo(data: bytes, name: str, most_pixels: int = MOST_PIXELS) -> Image:
    """The bytes of a picture file as (H, W, 3) BGR, turned by its EXIF tag, transparent parts white.

    Args:
        data: the whole file.
        name: what errors call it.
        most_pixels: larger pictures are refused.

    Raises:
        SourceError: it is no picture, damaged, or too large.
    """
    if not is_pillows(data):
        _require_size(size_of(data, name), name, most_pixels)
        return from_pillow(PIL.Image.fromarray(read_jxl(data, name))) if is_jxl(data) else read_heif(data, name)
    with opened(data, name, most_pixels) as picture:
        _require_size(picture.size, name, most_pixels)
        return from_pillow(picture)


def is_pillows(data: bytes) -> bool:
    """Whether Pillow decodes these bytes, if anything does."""
    heif = is_heif(data[:HEAD_BYTES]) and not (_is_avif(data) and "AVIF" in _readable())
    return not (heif or is_jxl(data))


def size_of(data: bytes, name: str) -> tuple[int, int]:
    """Width and height that the heading of a HEIC or JPEG XL names, before it is turned.

    Raises:
        SourceError: it is damaged, or moves.
    """
    if not is_jxl(data):
        primary = primary_of(data, name)
        return primary.width, primary.height
    first = heading(data, name)
    if first.moves:
        raise SourceError(f"{name}: {MOVING_JXL}")
    return first.width, first.height


@contextmanager
def opened(data: bytes, name: str, most_pixels: int) -> Iterator[PIL.Image.Image]:
    """The bytes of a picture file as Pillow opens them, not yet decoded.

    Args:
        data: the whole file.
        name: what errors call it.
        most_pixels: is told where there are so many that Pillow does not open it.

    Raises:
        SourceError: it is no picture, or damaged; also where the body finds that out.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(io.BytesIO(data), formats=_readable()) as picture:
                yield picture
    except PIL.Image.DecompressionBombError:
        raise SourceError(f"{name}: has more than {most_pixels // 10**6} million pixels: make it smaller") from None
    except UnidentifiedImageError:
        raise SourceError(f"{name}: not a picture; EmoScope reads {', '.join(FORMATS)}") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # Pillow's plugins raise all of these
        raise SourceError(f"{name}: the picture is damaged ({error}): save or copy it again") from None


def from_pillow(picture: PIL.Image.Image) -> Image:
    """A Pillow picture as (H, W, 3) BGR, turned by its EXIF tag, transparent parts white."""
    return np.ascontiguousarray(as_rgb(ImageOps.exif_transpose(picture))[:, :, ::-1])


@cache
def _readable() -> tuple[str, ...]:
    """Those of the formats that this Pillow was built with."""
    PIL.Image.init()
    return tuple(form for form in FORMATS if form in PIL.Image.OPEN)


def _is_avif(data: bytes) -> bool:
    """Whether the first box names AVIF among the brands of the file."""
    brands = data[8 : int.from_bytes(data[:4], "big")]
    return any(brands[at : at + 4] in AVIF for at in range(0, len(brands), 4))


def as_rgb(picture: PIL.Image.Image) -> Image:
    """A Pillow picture as (H, W, 3) RGB, transparent parts white."""
    if picture.mode in DEEP_MODES:
        shallow = np.asarray(picture, np.float32) / DEEP_MODES[picture.mode]
        return np.repeat(np.clip(shallow + 0.5, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        return np.asarray(PIL.Image.alpha_composite(PIL.Image.new("RGBA", seen.size, "white"), seen))[:, :, :3]
    return np.asarray(picture.convert("RGB"))


def _require_size(size: tuple[int, int], name: str, most_pixels: int) -> None:
    width, height = size
    if width * height > most_pixels:
        most = most_pixels // 10**6
        raise SourceError(f"{name}: {width}×{height} is more than {most} million pixels: make it smaller")
