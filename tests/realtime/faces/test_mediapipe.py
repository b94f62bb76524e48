"""MediaPipe by its public interface: it answers as our BlazeFace does, is quiet, and is never needed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from emoscope.commands.process import process
from emoscope.errors import ModelError, SystemLibraryError
from emoscope.faces import FINDERS, open_finder
from emoscope.faces.blazeface import RANGES, BlazeFace
from emoscope.faces.geometry import boxes, ious
from emoscope.faces.mediapipe import SILENT, MediaPipe, reporting

needs_mediapipe = pytest.mark.skipif(
    importlib.util.find_spec("mediapipe") is None, reason="MediaPipe is not installed (extra `mediapipe`)"
)
USE = """
import numpy, sys
from emoscope.faces import open_finder
with open_finder("{}") as finder:
    finder.find(numpy.zeros((90, 120, 3), numpy.uint8), 0.0)
    print([name for name in ("tensorflow", "mediapipe", "keras", "jax") if sys.modules.get(name)])
"""
BORDER, ROUNDING = 1.0, 2.5
"""Pixels: boxes that end at the picture's border are cut off by MediaPipe; a box is rounded, and then made YuNet's."""


def used(detector: str) -> str:
    """What a process in which a finder was used says of the packages that it imported; it says nothing else."""
    code = USE.format(detector)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


@needs_mediapipe
@pytest.mark.parametrize("name", RANGES)
def test_our_blazeface_finds_the_same_faces_at_the_same_places(shared: Path, name: str):
    ours, theirs, compared = BlazeFace(name), MediaPipe(name), 0
    for path in sorted((shared / "photos").iterdir()):
        photo = cv2.imread(str(path))
        for image in (photo, cv2.resize(photo, (256, 192)), cv2.resize(photo, (384, 384))):
            ((some,), (others,)) = ours.detect([image]), theirs.detect([image])
            assert len(some) == len(others), path.name
            for face in some:
                pair = max(others, key=lambda other: ious(boxes([face]), boxes([other]))[0, 0])
                assert face.score == pytest.approx(pair.score, abs=0.02)
                assert np.array(face.eyes) == pytest.approx(np.array(pair.eyes), abs=0.5)
                if min(pair.box_xyxy[0], pair.box_xyxy[1]) > BORDER + 0.2 * (pair.box_xyxy[2] - pair.box_xyxy[0]):
                    assert face.box_xyxy == pytest.approx(pair.box_xyxy, abs=ROUNDING)
                compared += 1
    theirs.close()
    theirs.close()
    assert compared > 40


@needs_mediapipe
def test_it_writes_nothing_to_the_terminal_and_brings_in_no_tensorflow():
    assert used("mediapipe") == "['mediapipe']"


@pytest.mark.parametrize("detector", sorted(set(FINDERS) - {"mediapipe"}))
def test_no_other_finder_needs_it(detector: str):
    assert used(detector) == "[]"


@needs_mediapipe
def test_a_model_that_it_refuses_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "wrong.tflite").write_bytes(b"no model")
    monkeypatch.setattr("emoscope.faces.mediapipe.bundled", lambda folder, name: tmp_path / "wrong.tflite")
    with pytest.raises(ModelError, match=rf"MediaPipe .* failed .*{SILENT}.*pip install .emoscope\[mediapipe\]."):
        MediaPipe()


def test_without_it_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemLibraryError, match=r"not installed: pip install .emoscope\[mediapipe\]."):
        open_finder("mediapipe")


@needs_mediapipe
def test_a_missing_system_library_names_the_debian_packages(monkeypatch: pytest.MonkeyPatch):
    def refuse(options: object) -> None:
        raise OSError("libGLESv2.so.2: cannot open shared object file: No such file or directory")

    from mediapipe.tasks.python.vision import FaceDetector

    monkeypatch.setattr(FaceDetector, "create_from_options", refuse)
    with pytest.raises(SystemLibraryError, match=r"libGLESv2\.so\.2 is missing: run `apt-get install .*libgles2"):
        MediaPipe()


@pytest.mark.parametrize(
    ("version", "said"), [("0.10.33", ""), ("0.10.21", ""), ("0.10.35", "0.10.35"), ("1.2.3", "1.2.3")]
)
def test_a_version_that_reports_its_use_is_known(monkeypatch: pytest.MonkeyPatch, version: str, said: str):
    monkeypatch.setattr(metadata, "version", lambda name: version)
    assert reporting() == said


def test_a_run_with_a_version_that_reports_its_use_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3")
    for detector, lines in (("mediapipe", 1), ("yunet", 0)):
        said = CliRunner().invoke(process, [str(tmp_path / "none.mp4"), "--detector", detector])
        assert said.output.count("reports its use to its makers") == lines
