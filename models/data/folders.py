"""Reads a folder tree of pictures.

    DATA/train/EMOTION/*.jpg  DATA/test/EMOTION/*.jpg       or       DATA/EMOTION/*.jpg

Class folders may be in any case and order, singular or adjective (`Happy`, `happiness`). FER2013's official
splits stand in its file names (`PublicTest_…`, `PrivateTest_…`) and win over the folder's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError, ResultError
from emoscope.system.atomic import atomic_write

from ..labels import canonical
from .records import OFFICIAL_SPLITS, Record

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
WITHOUT = "leave the class out (--classes of `train`, `tune` and `data`)"
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"})


def read_folder(root: Path, labels: Sequence[str], complete: bool = True) -> Iterator[Record]:
    """Yields every picture below `root`, in a stable order.

    Args:
        root: the folder.
        labels: of the classes that are known.
        complete: whether every class must have a folder.

    Raises:
        DataError: a folder is no known class, a class has no readable pictures, or there are no class folders.
    """
    branches = [(folder, SPLIT_FOLDERS[folder.name.lower()]) for folder in _folders(root) if _is_split(folder)]
    for branch, split in branches or [(root, "")]:
        yield from _read_branch(branch, split, root, labels, complete)


def _read_branch(branch: Path, split: str, root: Path, labels: Sequence[str], complete: bool) -> Iterator[Record]:
    classes = [(folder, _label(folder, labels)) for folder in _folders(branch)]
    _require_complete(branch, {label for _, label in classes}, labels if complete or not classes else ())
    for folder, label in classes:
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
        readable = 0
        for path in files:
            picture = read_picture(path)
            readable += picture is not None
            yield Record(path.relative_to(root).as_posix(), _official(path) or split, label, picture)
        if not readable:
            raise DataError(f"{folder}: no pictures in this class that can be read: add some, or {WITHOUT}")


def read_picture(path: Path) -> NDArray[np.uint8] | None:
    """The picture, (h, w) gray or (h, w, 3) BGR uint8, or None where the file is no picture."""
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError:
        return None
    image = cv2.imdecode(encoded, cv2.IMREAD_ANYCOLOR) if encoded.size else None
    return None if image is None else np.asarray(image, np.uint8)


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Writes a (h, w) gray or (h, w, 3) BGR picture in the format of its suffix; ResultError where it cannot."""
    if path.suffix.lower() not in SUFFIXES:
        raise ResultError(f"{path}: no picture format; end its name in .png")
    _, encoded = cv2.imencode(path.suffix, picture)
    atomic_write(path, encoded.tobytes())


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _is_split(folder: Path) -> bool:
    return folder.name.lower() in SPLIT_FOLDERS


def _official(path: Path) -> str:
    return OFFICIAL_SPLITS.get(path.name.partition("_")[0].lower(), "")


def _label(folder: Path, labels: Sequence[str]) -> str:
    label = canonical(folder.name, labels)
    if label is None:
        known = ", ".join(labels)
        raise DataError(f"{folder}: unknown class; known are {known} (`train` and `data` take others with --classes)")
    return label


def _require_complete(branch: Path, found: set[str], labels: Sequence[str]) -> None:
    missing = [label for label in labels if label not in found]
    if missing:
        raise DataError(f"{branch}: no folder for {', '.join(missing)}: add it, or {WITHOUT}")
