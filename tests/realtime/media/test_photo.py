"""Picture files of every kind become upright BGR of eight bits; others are refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from emoscope.errors import SourceError
from emoscope.media.photo import decode_photo, read_photo

RED_LEFT = np.zeros((4, 8, 3), np.uint8)
RED_LEFT[:, :4, 0] = 255


def test_colours_come_as_bgr(tmp_path: Path) -> None:
    PIL.Image.fromarray(RED_LEFT).save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    assert photo[0, 0].tolist() == [0, 0, 255]
    assert photo[0, 7].tolist() == [0, 0, 0]


def test_exif_turns_the_picture(tmp_path: Path) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by a quarter, clockwise
    PIL.Image.fromarray(RED_LEFT).save(tmp_path / "a.png", exif=exif)
    photo = read_photo(tmp_path / "a.png")
    assert photo.shape == (8, 4, 3)
    assert photo[0, 0].tolist() == [0, 0, 255]
    assert photo[7, 0].tolist() == [0, 0, 0]


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    clear = np.zeros((2, 3, 4), np.uint8)
    clear[0] = (10, 20, 30, 255)
    PIL.Image.fromarray(clear, "RGBA").save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    assert photo[0, 0].tolist() == [30, 20, 10]
    assert photo[1, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "1"])
def test_other_modes_keep_their_brightness(tmp_path: Path, mode: str) -> None:
    kind = "tiff" if mode == "CMYK" else "png"
    PIL.Image.new("RGB", (3, 2), "white").convert(mode).save(tmp_path / f"a.{kind}")
    assert read_photo(tmp_path / f"a.{kind}").tolist() == [[[255] * 3] * 3] * 2


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = np.array([[0, 257 * 100, 65535]], np.uint16)
    PIL.Image.fromarray(deep).save(tmp_path / "a.png")
    assert read_photo(tmp_path / "a.png")[0, :, 0].tolist() == [0, 100, 255]


def test_a_picture_of_absurd_size_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    PIL.Image.new("1", (20000, 20000)).save(tmp_path / "a.png")
    with pytest.raises(SourceError, match="has more than 80 million pixels: make it smaller"):
        read_photo(tmp_path / "a.png")
    PIL.Image.new("1", (4000, 4000)).save(tmp_path / "b.png")
    with pytest.raises(SourceError, match="4000×4000 is more than 9 million pixels"):
        read_photo(tmp_path / "b.png", 9_000_000)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("<html>")
    with pytest.raises(SourceError, match=r"a\.png: not a picture; EmoScope reads AVIF, BMP"):
        read_photo(tmp_path / "a.png")
    with pytest.raises(SourceError, match=r"none\.png: cannot be read"):
        read_photo(tmp_path / "none.png")


def test_half_a_picture_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    PIL.Image.fromarray(noise).save(tmp_path / "a.jpg")
    with pytest.raises(SourceError, match="the picture is damaged"):
        decode_photo((tmp_path / "a.jpg").read_bytes()[:1500], "a.jpg")
