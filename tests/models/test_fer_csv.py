"""The FER2013 CSV reader: pictures in, and every broken row named by its line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from emoscope.errors import DataError
from emoscope.models.data.fer_csv import read_csv
from emoscope.models.data.load import labels_of, records
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


def test_names_in_words_and_an_eighth_class_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "Anger,1 2 3 4,Training\r\n7,1 2 3 4,Training\r\ncontempt,4 3 2 1,PublicTest\n")
    eight = (*EMOTIONS, "contempt")
    assert [record.label for record in read_csv(path, eight)] == ["angry", "contempt", "contempt"]
    assert [record.label for record in read_csv(path, EMOTIONS, others=True)] == ["angry", "contempt", "contempt"]
    assert labels_of(path) == eight


def test_a_file_of_seven_classes_has_the_seven(tmp_path: Path) -> None:
    assert labels_of(write(tmp_path, HEADER + "0,1 2 3 4,Training\n3,1 2 3 4,Training\n")) == EMOTIONS


def test_a_comma_too_many_is_told_in_sixty_characters(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEADER}2,101,{'77 ' * 2000},Training\n")
    with pytest.raises(DataError) as refused:
        list(read_csv(path, EMOTIONS))
    assert (
        str(refused.value)
        == f"fer.csv line 2: more cells than the first line has names: '{('2,101,' + '77 ' * 20)[:60]}…'"
    )


@pytest.mark.parametrize("name", ["fer2013.csv", "icml_face_data.csv"])
def test_the_file_is_found_in_its_folder_and_its_archive(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "archive" / "fer2013"
    folder.mkdir(parents=True)
    (folder / "train.csv").write_text("emotion,pixels\n0,1 2 3 4\n")
    (folder / name).write_text("emotion, Usage, pixels\n3,PublicTest,1 2 3 4\n")
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"fer2013/{path.name}")
    for place in (tmp_path / "archive", tmp_path / "archive.zip"):
        (record,) = records(place)
        assert (record.label, record.split, record.name) == ("happy", "validation", f"{name} line 2")
