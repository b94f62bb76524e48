"""MediaPipe's face detector, called through the C interface of its shared library.

The wheel's Python side is never imported: it would bring in all of TensorFlow where that is installed, matplotlib and
sound besides, and hand each call to a thread of its own. The layout of the structures below is that of 0.10.33, so no
other version is accepted; from 0.10.35 on, MediaPipe also opens a connection to report its use.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
from ctypes import POINTER, Structure, byref, c_char_p, c_float, c_int, c_uint32, c_void_p
from functools import cache
from pathlib import Path

import numpy as np

from ..errors import ModelError, SystemLibraryError
from ..types import Image
from .no_screen import no_screen
from .quiet import quiet

VERSION = "0.10.33"
LIBRARY = "tasks/c/libmediapipe.so"
SRGB, IMAGE_MODE, HOST_PYTHON, HOST_LINUX = 1, 1, 3, 1
SUPPRESSION = 0.3


class _Base(Structure):
    _fields_ = (
        ("model", c_char_p),
        ("model_size", ctypes.c_uint),
        ("model_path", c_char_p),
        ("delegate", c_int),
        ("host", c_int),
        ("system", c_int),
        ("host_version", c_char_p),
    )


class _Options(Structure):
    _fields_ = (
        ("base", _Base),
        ("mode", c_int),
        ("min_score", c_float),
        ("suppression", c_float),
        ("callback", c_void_p),
    )


class _Category(Structure):
    _fields_ = (("index", c_int), ("score", c_float), ("name", c_char_p), ("display_name", c_char_p))


class _Keypoint(Structure):
    _fields_ = (("x", c_float), ("y", c_float), ("label", c_char_p), ("score", c_float))


class _Detection(Structure):
    _fields_ = (
        ("categories", POINTER(_Category)),
        ("categories_count", c_uint32),
        ("left", c_int),
        ("top", c_int),
        ("bottom", c_int),
        ("right", c_int),
        ("keypoints", POINTER(_Keypoint)),
        ("keypoints_count", c_uint32),
    )


class _Result(Structure):
    _fields_ = (("detections", POINTER(_Detection)), ("count", c_uint32))


Row = tuple[float, ...]
"""score, left, top, right, bottom in pixels, then x, y of the two eyes as fractions of the picture."""


class Task:
    """One MediaPipe face detector; `close` frees it.

    Args:
        model: the .tflite file's bytes.
        min_score: detections below it are not reported, 0–1.

    Raises:
        SystemLibraryError: MediaPipe or a library it needs is missing.
        ModelError: MediaPipe refuses the model.
    """

    def __init__(self, model: bytes, min_score: float) -> None:
        self._library = shared_library()
        self._handle = c_void_p()
        base = _Base(model, len(model), None, 0, HOST_PYTHON, HOST_LINUX, b"3")
        options = _Options(base, IMAGE_MODE, min_score, SUPPRESSION, None)
        with quiet(), no_screen():
            self._call("MpFaceDetectorCreate", byref(options), byref(self._handle))
            self.detect(np.zeros((64, 64, 3), np.uint8))  # what it logs, it logs by the end of the first picture

    def detect(self, picture_rgb: Image) -> list[Row]:
        """The faces of one contiguous (H, W, 3) RGB picture."""
        height, width = picture_rgb.shape[:2]
        picture, result = c_void_p(), _Result()
        pixels = c_void_p(picture_rgb.ctypes.data)
        self._call("MpImageCreateFromUint8Data", SRGB, width, height, pixels, picture_rgb.size, byref(picture))
        try:
            self._call("MpFaceDetectorDetectImage", self._handle, picture, None, byref(result))
            return [_row(result.detections[index]) for index in range(result.count)]
        finally:
            self._library.MpFaceDetectorCloseResult(byref(result))
            self._library.MpImageFree(picture)

    def close(self) -> None:
        """Frees the detector; a second call does nothing."""
        if self._handle:
            self._call("MpFaceDetectorClose", self._handle)
            self._handle = c_void_p()

    def _call(self, name: str, *arguments: object) -> None:
        message = c_char_p()
        status = getattr(self._library, name)(*arguments, byref(message))
        if status:
            raise ModelError(f"MediaPipe's face detector failed: {(message.value or b'no reason given').decode()}")


@cache
def shared_library() -> ctypes.CDLL:
    """The wheel's shared library.

    Raises:
        SystemLibraryError: it is missing, of another version, or lacks a library of the system.
    """
    path = _installed() / LIBRARY
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError as error:
        cure = "install what it names, on Debian: apt install libgl1 libegl1 libgles2 libglib2.0-0"
        raise SystemLibraryError(f"MediaPipe cannot be loaded ({error}): {cure}") from None
    loaded.MpFaceDetectorCloseResult.argtypes = [POINTER(_Result)]
    loaded.MpFaceDetectorCloseResult.restype = None
    loaded.MpImageFree.argtypes = [c_void_p]
    loaded.MpImageFree.restype = None
    return loaded


def _installed() -> Path:
    cure = f"pip install mediapipe=={VERSION}"
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or not spec.submodule_search_locations:
        raise SystemLibraryError(f"MediaPipe is not installed: {cure}")
    version = importlib.metadata.version("mediapipe")
    if version != VERSION:
        raise SystemLibraryError(f"MediaPipe is {version}, EmoScope needs {VERSION}: {cure}")
    return Path(next(iter(spec.submodule_search_locations)))


def _row(detection: _Detection) -> Row:
    left, right = detection.keypoints[0], detection.keypoints[1]
    box = (detection.left, detection.top, detection.right, detection.bottom)
    return (detection.categories[0].score, *box, left.x, left.y, right.x, right.y)
