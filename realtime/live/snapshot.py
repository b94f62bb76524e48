"""A snapshot: the annotated picture, the clean one, and the readings as JSON, under one number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2

from ..draw.picture import annotate
from ..errors import ResultError
from ..reading.smoothing import Shown
from ..system.atomic import atomic_write
from ..types import Floats, Frame
from ..view.scene import Scene
from ..view.state import ViewState

NAME = "emoscope-{number:04}"


def save_snapshot(folder: Path, frame: Frame, scene: Scene, state: ViewState) -> str:
    """Writes the three files, each whole or not at all, and returns their common name.

    Args:
        scene: in pixels of the frame.

    Raises:
        ResultError: the folder cannot be written to.
    """
    name = next_name(folder)
    _write_picture(folder / f"{name}.png", annotate(frame.image, scene, state))
    _write_picture(folder / f"{name}.clean.png", frame.image)
    readings = json.dumps(describe(frame, scene, state.prior), indent=1, ensure_ascii=False)
    atomic_write(folder / f"{name}.json", f"{readings}\n")
    return name


def describe(frame: Frame, scene: Scene, prior: float | None = None) -> dict[str, Any]:
    """The readings of one frame as plain values: pixels of the frame, seconds, probabilities 0–1.

    Of each face `shown` is what the picture says, smoothed over time, and `network` the raw answer to this one frame;
    `plain` is the same without the person's own baseline, where one is taken off. `prior` is how much of the training
    pictures' prior was taken off, null where the model does not say it.
    """
    size = {"width": frame.picture.width, "height": frame.picture.height}
    faces = [_face(shown) for shown in scene.faces]
    return {"frame": frame.index, "time_s": round(frame.time_s, 3), **size, "prior": prior, "faces": faces}


def next_name(folder: Path) -> str:
    """The first free number's name in a folder; what is only being written, by whatever program, has its number too."""
    number = 1
    while any(any(folder.glob(f"{dot}{NAME.format(number=number)}.*")) for dot in ("", ".")):
        number += 1
    return NAME.format(number=number)


def _face(shown: Shown) -> dict[str, Any]:
    face, raw = shown.reading.face, shown.reading.prediction
    plain = shown.reading.plain
    own = {} if plain is None else {"plain": _said(plain.emotion, plain.confidence, plain.labels, plain.probabilities)}
    return {
        "face": face.track,
        "box_xyxy": [round(float(edge), 1) for edge in face.box_xyxy],
        "quality": None if raw.quality is None else round(raw.quality, 4),
        "shown": _said(shown.label, shown.confidence, raw.labels, shown.probabilities),
        "network": _said(raw.emotion, raw.confidence, raw.labels, raw.probabilities),
        **own,
    }


def _said(label: str, confidence: float, labels: Sequence[str], probabilities: Floats) -> dict[str, Any]:
    return {
        "label": label,
        "confidence": round(confidence, 4),
        "probabilities": {name: round(float(share), 4) for name, share in zip(labels, probabilities, strict=True)},
    }


def _write_picture(path: Path, image: Any) -> None:
    done, data = cv2.imencode(".png", image)
    if not done:
        raise ResultError(f"{path}: the picture cannot be encoded")
    atomic_write(path, data.tobytes())
