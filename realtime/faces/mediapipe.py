"""MediaPipe's own BlazeFace, through its public interface; the extra `mediapipe` installs it.

It answers as `BlazeFace` does, but for boxes of whole pixels that end at the picture's border. It is here to be
compared with, and for whoever has to use it. Release 0.10.33 opens no connection; later ones report each detector to
their makers.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np

from ..errors import ModelError, SystemLibraryError
from ..system.bundled import bundled, pretrained
from ..system.libraries import missing_library
from ..types import Face, Image
from .blazeface import OVERLAP, like_yunet
from .quiet import quiet

SILENT = "0.10.33"
CURE = 'pip install "emoscope[mediapipe]"'


class MediaPipe:
    """MediaPipe's face detector, ready to look.

    Args:
        name: "short" or "full", the range.
        min_score: faces below it are not reported, 0–1.

    Raises:
        SystemLibraryError: MediaPipe or a library that it needs is missing.
        ModelError: MediaPipe refuses the model.
    """

    def __init__(self, name: str = "short", min_score: float = 0.5) -> None:
        model = bundled(pretrained() / "detectors", f"blazeface_{name}.tflite").read_bytes()
        with quiet(), _told():
            self._mediapipe = _imported()
            tasks = self._mediapipe.tasks
            options = tasks.vision.FaceDetectorOptions(
                base_options=tasks.BaseOptions(model_asset_buffer=model),
                min_detection_confidence=min_score,
                min_suppression_threshold=OVERLAP,
            )
            self._task = tasks.vision.FaceDetector.create_from_options(options)
            self.detect([np.zeros((64, 64, 3), np.uint8)])  # what it logs, it logs by the end of the first picture

    def detect(self, pictures: Sequence[Image]) -> list[list[Face]]:
        """The faces of each picture; see `Detector.detect`."""
        return [self._look(picture) for picture in pictures]

    def close(self) -> None:
        """Frees MediaPipe's detector; a second call does nothing."""
        if self._task is not None:
            with quiet():
                self._task.close()
        self._task = None

    def _look(self, picture: Image) -> list[Face]:
        rgb = np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        image = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=rgb)
        height, width = picture.shape[:2]
        found = [_face(detection, width, height) for detection in self._task.detect(image).detections]
        return sorted(found, key=lambda face: -face.score)


def reporting() -> str:
    """The installed version, where it is one that reports its use to its makers; else "". Imports nothing."""
    version = _version()
    return version if version and _numbers(version) > _numbers(SILENT) else ""


def _face(detection: Any, width: int, height: int) -> Face:
    box, (left, right) = detection.bounding_box, detection.keypoints[:2]
    edges = (box.origin_x, box.origin_y, box.origin_x + box.width, box.origin_y + box.height)
    eyes = ((left.x * width, left.y * height), (right.x * width, right.y * height))
    return like_yunet(Face(edges, eyes, detection.categories[0].score))


def _imported() -> Any:
    if importlib.util.find_spec("mediapipe") is None:
        raise SystemLibraryError(f"MediaPipe is not installed: {CURE}, or choose another --detector")
    with _without_tensorflow():
        import mediapipe

    return mediapipe


@contextmanager
def _without_tensorflow() -> Iterator[None]:
    """MediaPipe imports all of TensorFlow where that is installed, for the sake of its documentation."""
    if "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["tensorflow"]


@contextmanager
def _told() -> Iterator[None]:
    """What MediaPipe raises, as one of our errors."""
    try:
        yield
    except (ImportError, OSError) as error:
        lacks = missing_library(error)
        raise lacks or SystemLibraryError(f"MediaPipe cannot be loaded ({error}): {CURE}") from error
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(f"MediaPipe {_version()} failed ({error}); {SILENT} is known to work: {CURE}") from error


def _version() -> str:
    try:
        return importlib.metadata.version("mediapipe")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _numbers(version: str) -> tuple[int, ...]:
    """1.0.2rc1 → (1, 0, 2)."""
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in version.split(".")[:3])
