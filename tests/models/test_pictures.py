"""What a network says of each picture: the table, and the sheet of its surest mistakes."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.models.data.dataset import Split
from emoscope.models.evaluation.pictures import mistakes, write_pictures

LABELS = ("grin", "frown")


@pytest.fixture
def answers(split: Split) -> np.ndarray:
    """All right but pictures 3, 4 and 20."""
    told = np.where(split.classes()[:, None] == np.arange(2), 0.9, 0.1).astype(np.float32)
    told[3], told[4], told[20] = (0.3, 0.7), (0.01, 0.99), (0.8, 0.2)
    return told


def test_mistakes_come_the_surest_first(split: Split, answers: np.ndarray) -> None:
    assert mistakes(answers, split.classes()).tolist() == [4, 20, 3]


def test_every_picture_is_in_the_table(split: Split, answers: np.ndarray, tmp_path: Path) -> None:
    write_pictures("mine", LABELS, split, answers, tmp_path)
    with (tmp_path / "mine.predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["picture"] for row in rows] == list(split.names)
    assert rows[20] == {"picture": "20.png", "labelled": "frown", "called": "grin", "right": "0",
                        "confidence": "0.8000", "grin": "0.8000", "frown": "0.2000"}  # fmt: skip
    assert sum(int(row["right"]) for row in rows) == 27


@pytest.mark.parametrize("channels", [1, 3])
def test_the_sheet_shows_the_pictures_and_goes_when_there_is_nothing_to_show(
    split: Split, answers: np.ndarray, tmp_path: Path, channels: int
) -> None:
    images = np.repeat(split.images, channels, axis=-1)
    coloured = Split(images, split.targets, split.names, split.digests)
    write_pictures("mine", LABELS, coloured, answers, tmp_path)
    sheet = cv2.imread(str(tmp_path / "mine.mistakes.png"))
    assert sheet is not None
    third = sheet.shape[1] // 6
    cells = [sheet[:, column * third : (column + 1) * third] for column in range(6)]
    inked = [bool((cell[60:] < 250).mean() > 0.2) for cell in cells]
    assert inked == [True] * 3 + [False] * 3, "three mistakes, three pictures"
    write_pictures("mine", LABELS, coloured, np.eye(2, dtype=np.float32)[split.classes()], tmp_path)
    assert not (tmp_path / "mine.mistakes.png").exists()
