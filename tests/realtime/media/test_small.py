"""Large pictures are read small: the same picture, within a bound of memory; what cannot be is refused in one line."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest

from emoscope.errors import SourceError
from emoscope.media.photo import decode_photo
from emoscope.media.small import MOST_SCANS, decode_small
from emoscope.types import Image

MUCH = 10**9


def drawn(width: int, height: int, mode: str = "RGB") -> PIL.Image.Image:
    """Red to the right, green downwards, a blue disc; where there is opacity, more of it to the right."""
    y, x = np.mgrid[:height, :width]
    disc = (x - width * 0.7) ** 2 + (y - height * 0.3) ** 2 < (min(width, height) / 6) ** 2
    pixels = np.dstack([x * 255 / width, y * 255 / height, disc * 255.0])
    made = PIL.Image.fromarray(pixels.astype(np.uint8))
    if mode == "RGBA":
        made.putalpha(PIL.Image.fromarray((x * 255 / width).astype(np.uint8)))
    return made.convert(mode, dither=PIL.Image.Dither.NONE)


def saved(picture: PIL.Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def away(data: bytes, edge: int) -> float:
    """How far the small picture lies from the large one, shrunk, on the mean of all pixels."""
    large, small = decode_photo(data, "a"), decode_small(data, "a", edge, MUCH)
    assert max(small.shape[:2]) == edge
    height, width = small.shape[:2]
    shrunk = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    return float(np.abs(small.astype(float) - shrunk).mean())


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "JPEG2000", "AVIF"])
def test_a_small_picture_is_the_large_one(form: str) -> None:
    assert away(saved(drawn(1501, 1003), form), 300) < 1.5


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "LA", "1", "I;16"])
def test_whatever_its_pixels_are(mode: str) -> None:
    assert away(saved(drawn(1501, 1003, mode if mode != "I;16" else "L").convert(mode), "PNG"), 300) < 1.5


def test_transparent_parts_of_a_webp_are_white() -> None:
    assert away(saved(drawn(1501, 1003, "RGBA"), "WEBP", lossless=True), 300) < 1.5


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turned", range(1, 9))
def test_it_is_upright(form: str, turned: int) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = turned
    assert away(saved(drawn(900, 500), form, exif=exif), 200) < 2


@pytest.mark.parametrize("size", [(3000, 2), (2, 3000), (3001, 1), (641, 640), (300, 200)])
def test_of_any_shape(size: tuple[int, int]) -> None:
    small = decode_small(saved(drawn(*size), "PNG"), "a", 320, MUCH)
    assert max(small.shape[:2]) == min(320, max(size)) and min(small.shape[:2]) >= 1


def test_a_telephones_jpeg_is_read_within_a_bound_that_a_png_is_refused_by() -> None:
    large = drawn(2016, 1512)
    assert decode_small(saved(large, "JPEG"), "a", 240, 1_000_000).shape == (180, 240, 3)
    with pytest.raises(
        SourceError, match=r"^a: 2016×1512 takes more than 1 MB of memory to read as PNG: make it smaller"
    ):
        decode_small(saved(large, "PNG"), "a", 240, 1_000_000)


def test_a_jpeg_that_is_held_whole_counts_whole() -> None:
    large, most = drawn(2016, 1512), 9_000_000
    assert decode_small(saved(large, "JPEG"), "a", 240, most) is not None
    for options in ({"progressive": True, "subsampling": 0}, {"progressive": True}):
        with pytest.raises(SourceError, match="takes more than 9 MB of memory to read as JPEG"):
            decode_small(saved(large, "JPEG", **options), "a", 240, most)
    assert away(saved(large, "JPEG", progressive=True), 240) < 1.5


def test_scans_without_end_are_refused() -> None:
    data = saved(drawn(640, 480), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(SourceError, match=f"a JPEG of more than {MOST_SCANS} scans"):
        decode_small(data[:-2] + data[last:-2] * MOST_SCANS + data[-2:], "a", 240, MUCH)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_half_a_picture_is_damaged(form: str) -> None:
    noise = PIL.Image.fromarray(np.random.default_rng(0).integers(0, 255, (600, 600, 3), np.uint8))
    data = saved(noise, form)
    with pytest.raises(SourceError, match=r"^a: (the picture is damaged|not a picture)"):
        decode_small(data[: len(data) // 2], "a", 100, MUCH)


def test_pictures_of_other_libraries_are_bounded_too() -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels: Image = np.asarray(drawn(900, 500), np.uint8)
    data = imagecodecs.jpegxl_encode(pixels)
    assert away(data, 200) < 2
    with pytest.raises(SourceError, match="900×500 takes more than 1 MB of memory to read as JPEG XL"):
        decode_small(data, "a", 200, 1_000_000)
