"""What is said of a file that is read as one picture and holds several: everywhere, and only where it is so."""

from __future__ import annotations

import re
import struct
import sys
import warnings
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from emoscope import EmoscopeError, annotate
from emoscope.cli import run
from emoscope.live.pictures import PictureFiles
from emoscope.media.further import is_animated, pages_of, told_further
from emoscope.media.memory_file import MemoryFile

TOLD = "holds 3 pages, and the first is looked at"


def write(path: Path, pages: int = 3, **how: object) -> Path:
    first, *rest = (PIL.Image.fromarray(np.full((48, 48, 3), 80 * page, np.uint8)) for page in range(pages))
    first.save(path, **({"save_all": True, "append_images": rest} if rest else {}), **how)
    return path


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write(tmp_path / "scan.tif")


@pytest.mark.parametrize("how", [{}, {"big_tiff": True}, {"compression": "jpeg"}])
def test_pages_of_a_tiff_are_counted(how: dict[str, object], tmp_path: Path) -> None:
    assert pages_of(write(tmp_path / "a.tif", **how)) == 3
    assert pages_of(write(tmp_path / "b.tif", 1, **how)) == 1
    assert told_further(tmp_path / "b.tif") == ""


def test_both_orders_of_bytes_smaller_copies_and_circles() -> None:
    def page(kind: int, after: int) -> bytes:
        return bytes.fromhex(f"0001 00fe 0004 00000001 {kind:08x} {after:08x}")

    at = (8, 26, 44, 62)
    head = bytes.fromhex(f"4d4d 002a {at[0]:08x}")
    copies = page(1, at[2]) + page(0, at[3]) + page(4, 0)
    assert pages_of(MemoryFile("a", head + page(0, at[1]) + copies)) == 2
    assert pages_of(MemoryFile("a", head + page(0, at[1]) + page(0, at[0]))) == 2
    assert pages_of(MemoryFile("a", head + page(0, at[1]) + page(0, at[2])[:7])) == 1


def test_a_page_that_is_said_to_lie_where_no_file_reaches_is_none(tmp_path: Path) -> None:
    tag, place = struct.pack("<HHQQ", 254, 4, 1, 0), struct.pack("<Q", 2**64 - 1)
    file = MemoryFile("a", b"II" + struct.pack("<HHHQQ", 43, 8, 0, 16, 1) + tag + place)
    (tmp_path / "a.tif").write_bytes(file.data)
    assert pages_of(file) == pages_of(tmp_path / "a.tif") == 1


def test_a_damaged_gif_is_told_of_as_far_as_it_can_be_followed(tmp_path: Path) -> None:
    data = write(tmp_path / "a.gif", duration=100).read_bytes()
    told = [is_animated(MemoryFile("a", data[:end])) for end in range(len(data))]
    assert told == sorted(told) and 0 < told.index(True) < len(data)
    absurd = bytearray(data)
    absurd[6:10] = b"\xff" * 4  # Pillow does not open so large a picture
    assert is_animated(MemoryFile("a", bytes(absurd)))


def test_what_is_one_picture_is_told_nothing_of(tmp_path: Path) -> None:
    for name in ("a.png", "a.gif", "a.webp", "a.jpg", "a.avif", "a.bmp"):
        assert told_further(write(tmp_path / name, 1)) == "", name
    assert told_further(write(tmp_path / "a.mpo")) == "", "the second eye's picture, or one for other screens"
    (tmp_path / "a.tif").write_bytes(b"II*\0")
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    assert told_further(tmp_path / "a.tif") == told_further(tmp_path / "a.gif") == ""
    assert told_further(tmp_path / "nobody") == ""


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.avif"])
def test_animations_are_known(name: str, tmp_path: Path) -> None:
    assert is_animated(write(tmp_path / name, duration=100))
    assert "is an animation" in told_further(tmp_path / name)


def test_process_notes_it(scan: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["process", str(scan), "--model", tiny]) == 0
    assert f"note: scan.tif: {TOLD}" in capsys.readouterr().err


def test_explain_notes_it(scan: Path, tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moving = write(tmp_path / "moving.gif", duration=100)
    assert run(["explain", str(scan), str(moving), "--crop", "--model", tiny]) == 0
    told = capsys.readouterr().err
    assert f"note: scan.tif: {TOLD}" in told
    assert re.search(r"note: moving.gif: is an animation, .*`emoscope process` and `live` read all of it", told)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_explain_says_names_in_one_line(tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", str(write(tmp_path / "a\nb.tif")), "--crop", "--model", tiny]) == 0
    told, noted = capsys.readouterr()
    assert told.startswith(f"{tmp_path}/a\\nb.explain") and told.count("\n") == 1
    assert noted.startswith(r"note: a\nb.tif: holds 3 pages") and noted.count("\n") == 1


def test_the_window_notes_it(scan: Path, tmp_path: Path) -> None:
    write(tmp_path / "single.tif", 1)
    with PictureFiles(tmp_path) as source:
        source.read()
        assert source.notice.startswith(f"scan.tif: {TOLD}")
        source.move(+1)
        source.read()
        assert (source.name, source.notice) == ("single.tif", "")


def test_scripts_are_warned(scan: Path, tmp_path: Path) -> None:
    for given in (scan, scan.read_bytes()):
        with pytest.warns(UserWarning, match=TOLD) as told:
            annotate(given, [])
        assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        annotate(write(tmp_path / "single.tif", 1), [])
        with pytest.raises(EmoscopeError):
            annotate(b"II*\0", [])
