"""Pictures to measure with: an even choice from a folder of faces, those of PublicTest where there are such."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.network.contract import InputSpec
from emoscope.reading.crops import to_batch
from emoscope.types import Floats

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
HELD_OUT = "PublicTest"


def choose(data: Path, number: int) -> list[Path]:
    """So many pictures, evenly from all in the order of their names; DataError where there are none."""
    found = sorted(path for path in data.rglob("*") if path.suffix.lower() in SUFFIXES)
    found = [path for path in found if HELD_OUT in path.name] or found
    if not found:
        raise DataError(f"{data}: no pictures in it; give a folder of cropped faces, as FER2013's is")
    places = np.linspace(0, len(found) - 1, min(number, len(found)))
    return [found[round(float(place))] for place in places]


def read(path: Path, spec: InputSpec) -> Floats:
    """One picture as the network reads it, (1, …)."""
    flag = cv2.IMREAD_GRAYSCALE if spec.channels == "gray" else cv2.IMREAD_COLOR
    raw = np.fromfile(path, np.uint8)
    image = cv2.imdecode(raw, flag) if raw.size else None
    if image is None:
        raise DataError(f"{path}: not a picture that can be read; take it out of the folder")
    sized: NDArray[np.uint8] = np.asarray(cv2.resize(image, (spec.width, spec.height)), np.uint8)
    return to_batch(sized[None], spec)
