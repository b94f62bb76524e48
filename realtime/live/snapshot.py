"""A snapshot: the annotated picture, the clean one, and the readings as JSON, under one number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2

from realtime.draw.picture import annotate
from realtime.errors import ResultError
from realtime.scene import Scene, Shown
from realtime.types import Frame
from realtime.view import ViewState

NAME = "emoscope-{number:04}"


def save_snapshot(folder: Path, frame: Frame, scene: Scene, state: ViewState) -> str:
    """Writes the three files, each whole or not at all, and returns their common name.

    Args:
        scene: in pixels of the frame.

    Raises:
        ResultError: the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        name = next_name(folder)
        _write_picture(folder / f"{name}.png", annotate(frame.image, scene, state))
        _write_picture(folder / f"{name}.clean.png", frame.image)
        readings = json.dumps(describe(frame, scene), indent=1, ensure_ascii=False)
        _write(folder / f"{name}.json", f"{readings}\n".encode())
    except OSError as error:
        raise ResultError(f"{folder}: the snapshot cannot be written ({error.strerror})") from None
    return name


def describe(frame: Frame, scene: Scene) -> dict[str, Any]:
    """The readings of one frame as plain values: pixels of the frame, seconds, probabilities 0–1."""
    height, width = frame.image.shape[:2]
    faces = [_face(shown) for shown in scene.faces]
    return {"frame": frame.index, "time_s": round(frame.time_s, 3), "width": width, "height": height, "faces": faces}


def next_name(folder: Path) -> str:
    """The first free number's name in a folder; what is only being written, by whatever program, has its number too."""
    number = 1
    while any(any(folder.glob(f"{dot}{NAME.format(number=number)}.*")) for dot in ("", ".")):
        number += 1
    return NAME.format(number=number)


def _face(shown: Shown) -> dict[str, Any]:
    reading = shown.reading
    pairs = zip(reading.prediction.labels, reading.prediction.probabilities, strict=True)
    return {
        "face": reading.face.track,
        "box_xyxy": [round(float(edge), 1) for edge in reading.face.box_xyxy],
        "emotion": reading.prediction.emotion,
        "confidence": round(reading.prediction.confidence, 4),
        "probabilities": {label: round(float(probability), 4) for label, probability in pairs},
    }


def _write_picture(path: Path, image: Any) -> None:
    done, data = cv2.imencode(".png", image)
    if not done:
        raise ResultError(f"{path}: the picture cannot be encoded")
    _write(path, data.tobytes())


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
