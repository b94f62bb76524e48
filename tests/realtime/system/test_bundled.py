"""What ships is what was meant to ship, and a changed file is noticed before it is used."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from emoscope.errors import ModelError
from emoscope.system.bundled import SUMS, assets, bundled, checksums, pretrained

FOLDERS = (pretrained(), pretrained() / "detectors", assets())


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with one shipped file."""
    (tmp_path / "net.onnx").write_bytes(b"weights")
    (tmp_path / SUMS).write_text(f"{hashlib.sha256(b'weights').hexdigest()}  net.onnx\n")
    return tmp_path


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_shipped_file_is_whole(folder: Path):
    assert checksums(folder)
    for name in checksums(folder):
        assert bundled(folder, name).is_file()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_binary_that_ships_has_a_checksum(folder: Path):
    binaries = {path.name for path in folder.iterdir() if path.suffix in {".onnx", ".tflite", ".mp4"}}
    assert binaries <= set(checksums(folder))


def test_the_right_file_is_given(shelf: Path):
    assert bundled(shelf, "net.onnx").read_bytes() == b"weights"


def test_a_changed_file_is_refused(shelf: Path):
    (shelf / "net.onnx").write_bytes(b"Weights")
    with pytest.raises(ModelError, match=r"net\.onnx is not the file that was shipped \(SHA-256 differs\)"):
        bundled(shelf, "net.onnx")


@pytest.mark.parametrize("name", ["net.onnx", "other.onnx"])
def test_a_missing_file_is_refused(shelf: Path, name: str):
    (shelf / "net.onnx").unlink()
    with pytest.raises(ModelError, match="missing from this installation: install EmoScope again, as you did"):
        bundled(shelf, name)


def test_a_folder_without_a_list_ships_nothing(tmp_path: Path):
    assert checksums(tmp_path) == {}
