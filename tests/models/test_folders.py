"""The folder reader: forgiving about names, strict about classes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models.data.folders import read_folder
from emoscope.models.labels import EMOTIONS


def put(path: Path, shape: tuple[int, ...] = (8, 6)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full(shape, 77, np.uint8))


def test_official_names_decide_the_split(tree: Path) -> None:
    records = list(read_folder(tree, EMOTIONS))
    splits = [record.split for record in records]
    assert (splits.count("train"), splits.count("validation"), splits.count("test")) == (84, 28, 28)
    assert all(f"/{record.label}/" in record.name for record in records)


def test_other_names_and_cases_are_understood(tmp_path: Path) -> None:
    for folder in ("Anger", "HAPPINESS", "surprised"):
        put(tmp_path / folder / "a.png")
    found = {record.label for record in read_folder(tmp_path, ("happy", "surprise", "angry"))}
    assert found == {"happy", "surprise", "angry"}


def test_an_undivided_folder_names_no_split(tmp_path: Path) -> None:
    put(tmp_path / "sad" / "a.png")
    assert [record.split for record in read_folder(tmp_path, ("sad",))] == [""]


def test_colour_stays_colour_and_a_broken_file_has_no_picture(tmp_path: Path) -> None:
    put(tmp_path / "sad" / "a.png", (8, 6, 3))
    (tmp_path / "sad" / "b.jpg").write_text("no picture")
    (tmp_path / "sad" / "c.jpg").touch()
    pictures = [record.picture for record in read_folder(tmp_path, ("sad",))]
    assert pictures[0] is not None and pictures[0].shape == (8, 6, 3)
    assert pictures[1:] == [None, None]


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (("sad", "grumpy"), "grumpy: unknown class; known are happy, sad"),
        (("sad",), "no folder for happy"),
    ],
)
def test_wrong_classes_are_named(tmp_path: Path, folders: tuple[str, ...], message: str) -> None:
    for folder in folders:
        put(tmp_path / folder / "a.png")
    with pytest.raises(DataError, match=message):
        list(read_folder(tmp_path, ("happy", "sad")))


def test_an_empty_class_stops(tmp_path: Path) -> None:
    (tmp_path / "sad").mkdir()
    with pytest.raises(DataError, match="sad: no pictures in this class"):
        list(read_folder(tmp_path, ("sad",)))
    (tmp_path / "sad" / "broken.png").write_text("no picture")
    with pytest.raises(DataError, match="sad: no pictures in this class that can be read"):
        list(read_folder(tmp_path, ("sad",)))
