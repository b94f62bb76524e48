"""Faces to measure with: of folder, archive and table the same, those held out first, and what shows no face told."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models.commands import progress
from emoscope.models.commands.progress import Counter
from emoscope.models.data.faces import read_faces
from emoscope.models.data.load import Pictures
from emoscope.models.data.telling import what_was_read
from emoscope.network.contract import Contract, InputSpec

CONTRACT = Contract(("sad", "glad"), InputSpec(8, 8))


def picture(level: int, edge: int = 8) -> np.ndarray:
    return np.full((edge, edge), level, np.uint8)


def folder(root: Path, **levels: int) -> Path:
    """Pictures of one level each, by their path without the suffix."""
    for place, level in levels.items():
        path = root / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), picture(level))
    return root


def zipped(root: Path) -> Path:
    path = root.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.rglob("*.png")):
            archive.write(file, f"pictures/{file.relative_to(root)}")
    return path


def levels(found: Pictures) -> list[int]:
    return [int(image[0, 0, 0]) for image in found.splits[""].images]


def test_a_folder_and_its_archive_are_the_same(tmp_path: Path):
    root = folder(tmp_path / "some", **{"nobody's/a": 10, "nobody's/b": 20, "deep/er/c": 30})
    here, packed = read_faces(root, CONTRACT), read_faces(zipped(root), CONTRACT)
    assert levels(here) == levels(packed) == [30, 10, 20]
    assert list(here.splits[""].names) == ["deep/er/c.png", "nobody's/a.png", "nobody's/b.png"]


@pytest.mark.parametrize(
    ("places", "wanted"),
    [
        ({"Training_1": 1, "PrivateTest_2": 2, "PublicTest_3": 3}, [3]),
        ({"train/glad/a": 1, "test/glad/b": 2, "test/sad/c": 3}, [2, 3]),
        ({"train/glad/a": 1, "val/glad/b": 2, "test/sad/c": 3}, [2]),
        ({"glad/a": 1, "sad/b": 2}, [1, 2]),
    ],
    ids=["FER2013's names", "train, test", "train, val, test", "nothing said"],
)
def test_what_is_held_out_counts(tmp_path: Path, places: dict[str, int], wanted: list[int]):
    assert levels(read_faces(folder(tmp_path, **places), CONTRACT)) == wanted


def test_a_table_is_read_as_training_reads_it(tmp_path: Path):
    rows = [f"{number},{' '.join(map(str, picture(level).ravel()))}" for number, level in ((0, 5), (3, 6), (6, 7))]
    splits = ("Training", "PublicTest", "PublicTest")
    lines = ["emotion,pixels,Usage", *(f"{row},{split}" for row, split in zip(rows, splits, strict=True))]
    (tmp_path / "fer2013.csv").write_text("\n".join(lines), "utf-8")
    assert levels(read_faces(tmp_path / "fer2013.csv", CONTRACT)) == levels(read_faces(tmp_path, CONTRACT)) == [6, 7]


def test_an_even_choice_of_all(tmp_path: Path):
    root = folder(tmp_path, **{f"{number:02}": number for number in range(21)})
    assert levels(read_faces(root, CONTRACT, 3)) == [0, 10, 20]


def test_charts_are_left_out_and_told(tmp_path: Path):
    folder(tmp_path, a=50)
    cv2.imwrite(str(tmp_path / "chart.png"), picture(255, 400))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    found = read_faces(tmp_path, CONTRACT)
    assert levels(found) == [50]
    told = "\n".join(what_was_read(found))
    assert "no face in 1 picture, left out: chart.png" in told and "not readable pictures (1): broken.png" in told
    assert levels(read_faces(tmp_path, CONTRACT, cut="as-is")) == [50, 255]


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda path: path.mkdir(), "no pictures in it"),
        (lambda path: path.write_bytes(b"words"), "neither a folder of pictures nor a CSV file"),
        (lambda path: None, "no such file or folder"),
    ],
    ids=["empty", "a file", "nothing"],
)
def test_what_holds_none_is_said(tmp_path: Path, make, word: str):
    make(tmp_path / "data")
    with pytest.raises(DataError, match=word):
        read_faces(tmp_path / "data", CONTRACT)


def test_how_far_a_measurement_is_stands_in_a_log(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    now = iter([0.0, 30.0, 61.0, 70.0, 130.0])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(now)))
    with Counter(10, "4 faces") as counter:
        for _ in range(4):
            counter.step(2)
    said = capsys.readouterr()
    assert said.err.splitlines() == ["4 faces    40 %   2 min left", "4 faces    80 %   32 s left"]
    assert said.out == ""
