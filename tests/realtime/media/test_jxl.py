"""JPEG XL pictures: read where imagecodecs is there, named with what to install where it is not, never guessed at."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from emoscope.errors import SourceError
from emoscope.media.jxl import Heading, heading, read_jxl
from emoscope.media.kinds import is_picture
from emoscope.media.photo import decode_photo, read_photo

BLACK_8X8 = bytes.fromhex("ff0a 4102")
"""The heading of a picture of 8×8 pixels with all as usual, and nothing behind it."""


def coded(pixels: np.ndarray, **options: object) -> bytes:
    """A JPEG XL without loss."""
    imagecodecs = pytest.importorskip("imagecodecs", reason="the extra `jxl` is not installed")
    return bytes(imagecodecs.jpegxl_encode(pixels, lossless=True, effort=1, **options))


def ramp(height: int, width: int, most: int = 255) -> np.ndarray:
    """Three colours that rise from left to right up to `most`."""
    return np.linspace(0, most, height * width * 3).reshape(height, width, 3).astype(np.uint8 if most < 256 else "u2")


def test_the_library_that_is_needed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    (tmp_path / "a.jxl").write_bytes(BLACK_8X8)
    with pytest.raises(SourceError, match=r"a\.jxl: a JPEG XL.*pip install \"emoscope\[jxl\]\"\), or save"):
        read_photo(tmp_path / "a.jxl")


def test_colours_come_as_bgr_under_any_name(tmp_path: Path) -> None:
    pixels = ramp(12, 20)
    (tmp_path / "a.mov").write_bytes(coded(pixels))
    assert is_picture(tmp_path / "a.mov")
    assert (read_photo(tmp_path / "a.mov") == pixels[:, :, ::-1]).all()


@pytest.mark.parametrize("depth", [10, 12, 16])
def test_white_is_white_at_every_depth(depth: int) -> None:
    data = coded(ramp(8, 8, 2**depth - 1), bitspersample=depth)
    assert heading(data, "a") == Heading(8, 8, depth)
    assert np.abs(read_jxl(data, "a").astype(int) - ramp(8, 8)).max() <= 1


def test_floats_are_of_one_and_what_shines_through_is_white() -> None:
    assert np.abs(decode_photo(coded(ramp(8, 8).astype(np.float32) / 255), "a")[:, :, ::-1] - ramp(8, 8)).max() <= 1
    clear = np.zeros((8, 8, 4), np.uint8)
    assert (decode_photo(coded(clear), "a") == 255).all()


@pytest.mark.parametrize("size", [(8, 8), (264, 8), (1, 700), (48, 64), (360, 640), (3, 9000), (40, 45)])
def test_the_heading_tells_the_size(size: tuple[int, int]) -> None:
    first = heading(coded(ramp(*size)), "a")
    assert (first.height, first.width) == size


def test_what_moves_is_refused_and_so_is_what_is_too_large() -> None:
    with pytest.raises(SourceError, match="a: an animated JPEG XL, which is not read: convert it to"):
        decode_photo(coded(np.stack([ramp(8, 8)] * 3)), "a")
    with pytest.raises(SourceError, match="a: 9000×3 is more than 0 million pixels"):
        decode_photo(coded(ramp(3, 9000)), "a", 1000)


@pytest.mark.parametrize("cut", [2, 4, 20, -9])
def test_a_part_of_a_picture_is_refused_in_one_line(cut: int) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    with pytest.raises(SourceError, match="a: the picture is damaged"):
        decode_photo(coded(noise)[:cut], "a")
