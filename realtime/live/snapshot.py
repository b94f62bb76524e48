"""A snapshot: the annotated picture, the clean one, and the readings as JSON, under one number; written aside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2

from ..draw.picture import annotate
from ..errors import EmoscopeError, ResultError
from ..network.network import PREDICTED
from ..reading.session import Session
from ..reading.smoothing import Shown
from ..system.atomic import atomic_write
from ..system.versions import versions
from ..types import Explanation, Floats, Frame
from ..view.scene import Scene
from ..view.state import ViewState
from ..view.told import rival
from .naming import next_name
from .notes import Notes


class Snapshots:
    """Takes snapshots on a thread of its own, so that a large picture never holds the window.

    Args:
        folder: where they go.
        notes: where it says what it has written.
    """

    def __init__(self, folder: Path, notes: Notes) -> None:
        self._folder, self._notes = folder, notes
        self._writer = ThreadPoolExecutor(1, "snapshot")

    def save(self, frame: Frame, scene: Scene, state: ViewState, about: Mapping[str, Any]) -> None:
        """Begins to write one; says so when it is done, or why it could not be.

        Args:
            frame: the picture.
            scene: what is drawn on it, in pixels of the frame.
            state: how it is drawn.
            about: what else the JSON tells, such as source and model.
        """
        self._writer.submit(self._save, frame, scene, state, about)

    def close(self) -> None:
        """Waits until all are written."""
        self._writer.shutdown()

    def _save(self, frame: Frame, scene: Scene, state: ViewState, about: Mapping[str, Any]) -> None:
        try:
            name = save_snapshot(self._folder, frame, scene, state, about)
            self._notes.tell(f"saved {self._folder / name}.png, .clean.png and .json")
        except EmoscopeError as error:
            self._notes.tell(str(error))


def save_snapshot(
    folder: Path, frame: Frame, scene: Scene, state: ViewState, about: Mapping[str, Any] | None = None
) -> str:
    """Writes the three files, each whole or not at all, and returns their common name.

    Args:
        folder: where they go; made where it is missing.
        frame: the picture.
        scene: in pixels of the frame.
        state: how it is drawn.
        about: what else the JSON tells, such as source and model.

    Raises:
        ResultError: the folder cannot be written to.
    """
    told = {**(about or {}), **describe(frame, scene, state.prior)}
    with next_name(folder) as name:
        _write_picture(folder / f"{name}.png", annotate(frame.image, scene, state))
        _write_picture(folder / f"{name}.clean.png", frame.image)
        atomic_write(folder / f"{name}.json", f"{json.dumps(told, indent=1, ensure_ascii=False)}\n")
    return name


def circumstances(frame: Frame, session: Session, state: ViewState, why: Explanation | None = None) -> dict[str, Any]:
    """Under which circumstances a snapshot is taken: all that is needed to take it again.

    Args:
        frame: the picture, which knows what it was taken from.
        session: reads it.
        state: what is wanted.
        why: what is shown, which for a moment is still another layer or method.
    """
    network, target = session.network, state.target
    why = why or Explanation("")
    return {
        "source": frame.source,
        "position": frame.position,
        "taken": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "model": network.name,
        "provider": network.provider,
        "view": state.view,
        "layer": why.layer or state.layer_name,
        "method": why.method or state.method_name,
        "target": "the predicted class" if target == PREDICTED else state.labels[target],
        "against": rival(state),
        "map": state.unit,
        "mirror": state.mirror,
        "versions": versions(),
    }


def describe(frame: Frame, scene: Scene, prior: float | None = None) -> dict[str, Any]:
    """The readings of one frame as plain values: pixels of the frame, seconds, probabilities 0–1.

    Of each face `shown` is what the picture says, smoothed over time, and `network` the raw answer to this one frame;
    `plain` is the same without the person's own baseline, where one is taken off. `prior` is how much of the training
    pictures' prior was taken off, null where the model does not say it. Number and time are those in the file.
    """
    picture, (number, time_s) = frame.picture, frame.in_file or (frame.index, frame.time_s)
    faces = [_face(shown) for shown in scene.faces]
    return {
        "frame": number,
        "time_s": round(time_s, 3),
        "width": picture.width,
        "height": picture.height,
        "prior": prior,
        "faces": faces,
    }


def _face(shown: Shown) -> dict[str, Any]:
    face, raw = shown.reading.face, shown.reading.prediction
    plain = shown.reading.plain
    own = {} if plain is None else {"plain": _said(plain.emotion, plain.confidence, plain.labels, plain.probabilities)}
    return {
        "face": face.track,
        "box_xyxy": [round(float(edge), 1) for edge in face.box_xyxy],
        "quality": None if raw.quality is None else round(raw.quality, 4),
        **({"numbers": {name: round(value, 4) for name, value in raw.numbers.items()}} if raw.numbers else {}),
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
