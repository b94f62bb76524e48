"""CK+ as it is handed out: films and files of labels become pictures of classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models.data.folders import read_folder
from emoscope.models.data.groups import grouped
from emoscope.models.data.load import labels_of, load, pictures_in
from emoscope.network.contract import InputSpec

FILMS = {"S005_001": (11, "3.0000000e+00"), "S010_002": (14, "5.0000000e+00"), "S010_003": (2, "2.0000000e+00"),
         "S011_001": (9, "")}  # fmt: skip
"""Pictures of each film, and its label."""


@pytest.fixture
def ck(tmp_path: Path, draw: Callable[..., np.ndarray]) -> Path:
    root = tmp_path / "CK+" / "extended"
    for place, (film, (pictures, label)) in enumerate(FILMS.items()):
        below = root / "cohn-kanade-images" / film.replace("_", "/")
        below.mkdir(parents=True)
        for number in range(1, pictures + 1):
            cv2.imwrite(str(below / f"{film}_{number:08d}.png"), draw(place, number))
        labels = root / "Emotion" / film.replace("_", "/")
        labels.mkdir(parents=True)
        if label:
            (labels / f"{film}_{pictures:08d}_emotion.txt").write_text(f"   {label}\n")
    return tmp_path / "CK+"


def test_the_peak_has_the_label_and_the_first_picture_is_neutral(ck: Path) -> None:
    found = {Path(record.name).stem: record.label for record in read_folder(ck, labels_of(ck))}
    assert found == {
        "S005_001_00000001": "neutral", "S010_002_00000001": "neutral", "S010_003_00000001": "neutral",
        **{f"S005_001_000000{number:02d}": "disgust" for number in (9, 10, 11)},
        **{f"S010_002_000000{number:02d}": "happy" for number in (12, 13, 14)},
        "S010_003_00000002": "contempt",
    }  # fmt: skip
    assert labels_of(ck) == ("disgust", "happy", "neutral", "contempt") and pictures_in(ck) == 10


def test_a_persons_films_stay_on_one_side(ck: Path) -> None:
    split = load(ck, InputSpec(48, 48), labels_of(ck), complete=False).split("test")
    groups, words = grouped(split)
    people = {(str(name).split("/")[1], int(group)) for name, group in zip(split.names, groups, strict=True)}
    assert len(people) == 2 and "10 pictures of 2 people, by CK+'s file names" in words


def test_what_is_no_label_is_named(ck: Path) -> None:
    label = next(ck.rglob("S005*_emotion.txt"))
    label.write_text("9.0\n")
    with pytest.raises(DataError, match=r"S005_001_00000011_emotion\.txt: '9\.0' is no label of CK\+"):
        labels_of(ck)
    label.write_text("3")
    for path in ck.rglob("*.png"):
        path.unlink()
    with pytest.raises(DataError, match=r"has CK\+'s labels, but none of its films"):
        labels_of(ck)
