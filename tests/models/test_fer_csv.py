"""The FER2013 CSV reader: pictures in, and every broken row named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoscope.errors import DataError
from emoscope.models.data.fer_csv import read_csv
from emoscope.models.labels import EMOTIONS

HEADER = "emotion,pixels,Usage\n"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "fer.csv"
    path.write_text(text)
    return path


def test_rows_become_pictures(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "3,0 1 2 255,Training\n6,9 9 9 9,PublicTest\n4,1 1 1 1,PrivateTest\n")
    happy, neutral, sad = read_csv(path, EMOTIONS)
    assert (happy.label, happy.split) == ("happy", "train")
    assert happy.picture is not None and happy.picture.tolist() == [[0, 1], [2, 255]]
    assert (neutral.label, neutral.split) == ("neutral", "validation")
    assert (sad.label, sad.split) == ("sad", "test")


def test_usage_may_be_missing(tmp_path: Path) -> None:
    (record,) = read_csv(write(tmp_path, "emotion,pixels\n0,1 2 3 4\n"), EMOTIONS)
    assert (record.label, record.split) == ("angry", "")


def test_a_spreadsheets_mark_and_spaces_in_the_header_are_no_matter(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffemotion, Usage, pixels\n3, PublicTest, 1 2 3 4\n")
    (record,) = read_csv(path, EMOTIONS)
    assert (record.label, record.split) == ("happy", "validation")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("7,1 2 3 4,Training", "emotion '7'"),
        ("x,1 2 3 4,Training", "emotion 'x'"),
        ("0,1 2 3,Training", "3 pixels do not make a square"),
        ("0,,Training", "0 pixels"),
        ("0,1 2 3 256,Training", "values 0–255"),
        ("0,1 2 3 four,Training", "not whole numbers"),
        ("0,1 2 3 4,Holiday", "Usage 'Holiday'"),
        ("0", "pixels"),
    ],
)
def test_a_broken_row_is_named_by_its_line(tmp_path: Path, row: str, message: str) -> None:
    path = write(tmp_path, f"{HEADER}0,1 2 3 4,Training\n{row}\n")
    with pytest.raises(DataError, match=f"line 3: .*{message}"):
        list(read_csv(path, EMOTIONS))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 1: no column pixels"):
        list(read_csv(write(tmp_path, "emotion,Usage\n0,Training\n"), EMOTIONS))
