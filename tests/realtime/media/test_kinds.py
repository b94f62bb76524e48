"""Which files are pictures and which are films, and that every kind of picture is read."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from emoscope.errors import SourceError
from emoscope.media.kinds import is_left_behind, is_ours, is_picture
from emoscope.media.photo import read_photo
from emoscope.types import Image
from tests.realtime.media.heic import heic, tiled_heic

SUFFIXES = (
    *("avif", "bmp", "j2k", "jfif", "jp2", "jpe", "jpeg", "jpf", "jpg", "jpx"),
    *("mpo", "pbm", "pgm", "png", "pnm", "ppm", "tif", "tiff", "webp"),
)
CORNERS = ([10, 20, 200], [200, 30, 20], [30, 180, 40], [120, 120, 120])
"""BGR of the quarters: upper left, upper right, lower left, lower right."""


def quarters(width: int = 64, height: int = 32) -> Image:
    """A picture whose quarters have one colour each."""
    cells = np.array(CORNERS, np.uint8).reshape(2, 2, 3)
    return cells.repeat(height // 2, axis=0).repeat(width // 2, axis=1)


def corners(image: Image) -> list[list[int]]:
    """Colours in the middle of the quarters, in tens."""
    height, width = image.shape[:2]
    at = ((height // 4, width // 4), (height // 4, 3 * width // 4), (3 * height // 4, width // 4))
    return [[round(int(value), -1) for value in image[point]] for point in (*at, (3 * height // 4, 3 * width // 4))]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_of_the_table_that_pillow_writes_is_read(suffix: str, tmp_path: Path) -> None:
    path, form = tmp_path / f"a.{suffix}", {"jfif": "JPEG", "jpe": "JPEG", "mpo": "MPO"}.get(suffix)
    PIL.Image.fromarray(quarters()[:, :, ::-1]).convert("1" if suffix == "pbm" else "RGB").save(path, form)
    assert is_picture(path)
    photo = read_photo(path)
    assert photo.shape == (32, 64, 3)
    if suffix not in ("pbm", "pgm"):
        assert np.abs(np.array(corners(photo)) - np.array(CORNERS)).max() <= 20


@pytest.mark.parametrize(
    ("turns", "order", "shape"),
    [
        (b"", (0, 1, 2, 3), (32, 64)),
        (b"irot\x01", (1, 3, 0, 2), (64, 32)),  # a quarter against the clock
        (b"irot\x02", (3, 2, 1, 0), (32, 64)),
        (b"irot\x03", (2, 0, 3, 1), (64, 32)),
        (b"imir\x00", (2, 3, 0, 1), (32, 64)),
        (b"imir\x01", (1, 0, 3, 2), (32, 64)),
        (b"irot\x01imir\x01", (3, 1, 2, 0), (64, 32)),
    ],
)
def test_a_heic_stands_as_its_own_properties_say(
    turns: bytes, order: tuple[int, ...], shape: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / "a.heic").write_bytes(heic(quarters(), turns))
    photo = read_photo(tmp_path / "a.heic")
    assert photo.shape[:2] == shape
    wanted = [CORNERS[number] for number in order]
    assert np.abs(np.array(corners(photo)) - np.array(wanted)).max() <= 20


def test_a_tiled_heic_names_the_library_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "a.heic").write_bytes(tiled_heic(quarters(128, 128)))
    with pytest.raises(SourceError, match=r"a\.heic: made of tiles.*pip install \"emoscope\[heif\]\""):
        read_photo(tmp_path / "a.heic")


def test_a_tiled_heic_is_put_together_where_the_library_is_there(tmp_path: Path) -> None:
    pytest.importorskip("pillow_heif", reason="the extra `heif` is not installed")
    (tmp_path / "a.heic").write_bytes(tiled_heic(quarters(128, 128)))
    photo = read_photo(tmp_path / "a.heic")
    assert photo.shape == (128, 128, 3)
    assert np.abs(np.array(corners(photo)) - np.array(CORNERS)).max() <= 20


@pytest.mark.parametrize("cut", [30, 200, 400])
def test_half_a_heic_is_refused_in_one_line(cut: int, tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(heic(quarters())[:cut])
    with pytest.raises(SourceError, match=r"a\.heic: the picture is damaged"):
        read_photo(tmp_path / "a.heic")


def test_a_heic_under_another_name_is_no_film(tmp_path: Path) -> None:
    for name in ("a.mov", "a.jpg", "a"):
        (tmp_path / name).write_bytes(heic(quarters()))
        assert is_picture(tmp_path / name)
        assert read_photo(tmp_path / name).shape == (32, 64, 3)


def test_what_moves_is_a_film_whatever_its_name(tmp_path: Path) -> None:
    frames = [PIL.Image.fromarray(np.full((8, 8, 3), value, np.uint8)) for value in (0, 120, 240)]
    for name in ("a.webp", "a.png", "a.avif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=100)
        assert not is_picture(tmp_path / name)
        frames[0].save(tmp_path / name)
        assert is_picture(tmp_path / name)


def test_what_systems_leave_in_folders_is_no_recording() -> None:
    assert all(is_left_behind(Path(name)) for name in ("._clip.mov", ".DS_Store", "Thumbs.db", "desktop.ini"))
    assert not is_left_behind(Path("clip.mov"))


def test_our_own_results_are_known_by_name() -> None:
    ours = "a.emoscope.mp4 a.faces.csv a.faces.partial.jsonl a.timeline.png a.summary.json a.emoscope.mp4.part"
    assert all(is_ours(Path(name)) for name in (*ours.split(), "a.explain-1.png", "emoscope-report.html"))
    others = "faces.csv summary.json a.mp4 my.timeline talk.summary.mp4 two.faces.jpg a.explain-me.png a.lesson-1.mp4"
    assert not any(is_ours(Path(name)) for name in others.split())
