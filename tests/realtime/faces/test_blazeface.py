"""BlazeFace through MediaPipe's C interface: finds faces, is quiet, brings in no framework, reports to nobody."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import cv2
import numpy as np
import pytest

from emoscope.errors import ModelError, SystemLibraryError
from emoscope.faces import mediapipe_c
from emoscope.faces.blazeface import BlazeFace
from emoscope.faces.geometry import boxes, overlaps
from emoscope.faces.yunet import YuNet

USE = """
import numpy, sys
from emoscope.faces import open_finder
with open_finder("mediapipe") as finder:
    finder.find(numpy.zeros((90, 120, 3), numpy.uint8), 0.0)
"""


@pytest.mark.parametrize("name", ["short", "full"])
def test_it_finds_the_face_that_yunet_finds_with_the_same_box_and_eyes(shared, name):
    image = cv2.imread(str(shared / "photos" / "pyfeat_single_face.jpg"))
    detector = BlazeFace(name)
    ((face,),) = detector.detect([image])
    ((other,),) = YuNet(0.7).detect([image])
    detector.close()
    width = other.box_xyxy[2] - other.box_xyxy[0]
    assert overlaps(boxes([face]), boxes([other]))[0, 0] > 0.7
    assert np.array(face.eyes) == pytest.approx(np.array(other.eyes), abs=0.1 * width)


def test_it_finds_no_face_in_black():
    detector = BlazeFace()
    assert detector.detect([np.zeros((128, 128, 3), np.uint8)] * 2) == [[], []]
    detector.close()
    detector.close()


def test_it_writes_nothing_to_the_terminal():
    result = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("", "")


def test_it_imports_neither_tensorflow_nor_mediapipes_python_side():
    code = USE + "\nprint([name for name in ('tensorflow', 'mediapipe', 'matplotlib', 'keras') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_it_opens_no_socket():
    code = (
        "import sys\n"
        "sys.addaudithook(lambda event, _: event.startswith('socket.') and sys.exit(event))\n"
        + USE
        + "import os\nlinks = [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')"
        " if os.path.exists(f'/proc/self/fd/{n}')]\n"
        "print([link for link in links if link.startswith('socket')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_broken_model_is_one_clear_error():
    with pytest.raises(ModelError, match="MediaPipe's face detector failed"):
        mediapipe_c.Task(b"no model", 0.5)


def test_another_version_is_refused_with_the_cure(monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda name: "0.10.35")
    mediapipe_c.shared_library.cache_clear()
    with pytest.raises(SystemLibraryError, match=r"0\.10\.35.*pip install mediapipe==0\.10\.33"):
        mediapipe_c.shared_library()


def test_a_missing_system_library_names_the_debian_packages(monkeypatch):
    monkeypatch.setattr(mediapipe_c, "LIBRARY", "tasks/c/absent.so")
    mediapipe_c.shared_library.cache_clear()
    with pytest.raises(SystemLibraryError, match=r"apt install .*libgles2"):
        mediapipe_c.shared_library()
