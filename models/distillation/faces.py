"""The file that `pack` made, as arrays: pictures with their labels, votes and eyes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..labels import EMOTIONS


@dataclass(frozen=True, slots=True)
class Faces:
    """Pictures with what is known of them.

    Attributes:
        pictures: (N, 48, 48) uint8.
        labels: (N,) class numbers.
        votes: (N, K) shares of the votes; zeros where nobody voted.
        eyes: (N, 4) x, y, x, y of both eyes in pixels from the picture's corner; NaN where no face was found.
    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.float32]
    eyes: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pictures)

    def first(self, count: int) -> Faces:
        """Some of the pictures, of all classes."""
        chosen = np.random.default_rng(0).permutation(len(self))[: count or None]
        return Faces(self.pictures[chosen], self.labels[chosen], self.votes[chosen], self.eyes[chosen])

    @property
    def majorities(self) -> NDArray[np.int64]:
        """(N,) the class with more than half of the votes, −1 where there is none."""
        return np.where(self.votes.max(1) > 0.5, self.votes.argmax(1), -1)


def unpack(path: Path, limit: int = 0) -> dict[str, Faces]:
    """The sets of a file that `pack` made, by name; with `limit`, that many pictures of each."""
    with np.load(path) as file:
        names = sorted({name.partition(".")[0] for name in file.files})
        return {name: _faces(file, name).first(limit) for name in names}


def _faces(file: np.lib.npyio.NpzFile, name: str) -> Faces:
    labels = file[f"{name}.labels"].astype(np.int64)
    if f"{name}.pictures" in file.files:
        pictures = file[f"{name}.pictures"]
        votes = np.eye(len(EMOTIONS), dtype=np.float32)[labels]
        return Faces(pictures, labels, votes, np.full((len(labels), 4), np.nan, np.float32))
    header, scans = file[f"{name}.header"].tobytes(), file[f"{name}.scans"].tobytes()
    ends = np.cumsum(file[f"{name}.sizes"])
    starts = ends - file[f"{name}.sizes"]
    files = [header + scans[start:end] for start, end in zip(starts, ends, strict=True)]
    decoded: list[Any] = [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_GRAYSCALE) for one in files]
    pictures = np.stack(decoded)
    votes, eyes = (file[f"{name}.{what}"].astype(np.float32) for what in ("votes", "eyes"))
    return Faces(np.asarray(pictures, np.uint8), labels, votes, eyes)


def save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes arrays by name; the file is whole or the old one."""
    partial_file = path.with_suffix(".partial")
    with partial_file.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    partial_file.replace(path)
