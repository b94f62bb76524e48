"""Tiny data sets, drawn on the spot: each class is a pattern that a small network learns in a few steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoscope.models.data.dataset import Split
from emoscope.models.labels import EMOTIONS

Picture = NDArray[np.uint8]


def pattern(number: int, seed: int, edge: int = 48) -> Picture:
    """A bright bar at a place of its own for every class, in noise."""
    picture = np.random.default_rng((number, seed)).integers(0, 90, (edge, edge)).astype(np.uint8)
    top = number * edge // len(EMOTIONS)
    picture[top : top + edge // 8] += 150
    return picture


@pytest.fixture(scope="session")
def draw() -> Callable[..., Picture]:
    return pattern


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """train/ and test/ with FER2013's file names: 12 pictures a class to learn, 4 public, 4 private."""
    counts = {"Training": ("train", 12), "PublicTest": ("test", 4), "PrivateTest": ("test", 4)}
    for place, (usage, (folder, count)) in enumerate(counts.items()):
        for number, label in enumerate(EMOTIONS):
            target = tmp_path / "faces" / folder / label
            target.mkdir(parents=True, exist_ok=True)
            for index in range(count):
                cv2.imwrite(str(target / f"{usage}_{number}{index}.png"), pattern(number, 100 * place + index))
    return tmp_path / "faces"


@pytest.fixture
def split() -> Split:
    """Ten pictures of the first class, twenty of the second; one label set."""
    classes = np.array([0] * 10 + [1] * 20)
    images = np.stack([pattern(number, index)[..., None] for index, number in enumerate(classes)])
    names = np.array([f"{index}.png" for index in range(30)])
    return Split(images, np.eye(2, dtype=np.float32)[classes][:, None], names, names)
