"""The table: every frame accounted for, in every format."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emoscope.errors import ResultError, SystemLibraryError
from emoscope.report.rows import FORMATS, check_format, rows_of
from emoscope.types import Prediction, Reading
from tests.realtime.tiny import LABELS, face, reading

FRAMES: list[tuple[int, float, list[Reading]]] = [
    (0, 0.0, [reading(face(40, 30, track=2), best=1), reading(face(5, 6.04, track=1, score=0.87654))]),
    (1, 1 / 30, []),
    (5, 0.2, [reading(face(track=1), best=2)]),
]
COLUMNS = ["frame", "time_s", "face", "x", "y", "width", "height", "confidence", "emotion", *LABELS, "quality", "prior"]


def write(path: Path, form: str) -> Path:
    with FORMATS[form](path, LABELS) as rows:
        for index, time_s, readings in FRAMES:
            rows.add(index, time_s, readings)
    return path


def test_csv_has_a_row_per_face_and_one_for_an_empty_frame(tmp_path: Path) -> None:
    lines = list(csv.reader(write(tmp_path / "a.csv", "csv").open(encoding="utf-8", newline="")))
    assert lines[0] == COLUMNS
    assert lines[1][:9] == ["0", "0.0", "1", "5.0", "6.0", "20.0", "20.0", "0.8765", "happy"]
    assert lines[2][:4] == ["0", "0.0", "2", "40.0"] and lines[2][8] == "sad"
    assert lines[3] == ["1", "0.033333", *[""] * 12]
    assert [line[0] for line in lines[1:]] == ["0", "0", "1", "5"]
    assert [float(value) for value in lines[1][9:12]] == pytest.approx([0.7, 0.15, 0.15])


def test_quality_prior_and_what_cannot_be_read(tmp_path: Path) -> None:
    clear, dark = (Prediction(LABELS, reading(best=1).prediction.probabilities, q, q > 0.5) for q in (0.91234, 0.2))
    with FORMATS["csv"](tmp_path / "a.csv", LABELS, 0.5) as rows:
        rows.add(0, 0.0, [replace(reading(), prediction=clear)])
        rows.add(1, 0.1, [replace(reading(), prediction=dark)])
        rows.add(2, 0.2, [])
    found = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8", newline="")))
    assert [row["emotion"] for row in found] == ["sad", "unreadable", ""]
    assert [row["quality"] for row in found] == ["0.9123", "0.2", ""]
    assert [row["prior"] for row in found] == ["0.5", "0.5", ""]
    assert found[1]["sad"] == found[0]["sad"]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_with_baselines_both_answers_stand_in_a_row(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    plain, own = reading(best=2).prediction, reading(best=1).prediction
    with FORMATS[form](tmp_path / "a", LABELS, None, relative=True) as rows:
        rows.add(0, 0.0, [replace(reading(), prediction=own, plain=plain), replace(reading(face(track=2)))])
        rows.add(1, 0.1, [])
        assert len(rows.columns) == len(COLUMNS) + 1 + len(LABELS)
        assert rows.columns[-4:] == ("relative_emotion", "relative_happy", "relative_sad", "relative_neutral")
    if form == "csv":
        found = list(csv.DictReader((tmp_path / "a").open(encoding="utf-8", newline="")))
        assert [(row["emotion"], row["relative_emotion"]) for row in found] == [
            ("neutral", "sad"), ("happy", ""), ("", ""),
        ]  # fmt: skip
        assert [found[1][f"relative_{label}"] for label in LABELS] == [""] * len(LABELS)
        assert (found[0]["sad"], found[0]["relative_sad"]) == ("0.15", "0.7")


def test_json_lines_say_the_same(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in write(tmp_path / "a.jsonl", "jsonl").read_text("utf-8").splitlines()]
    assert [list(line) for line in lines] == [COLUMNS] * 4
    assert lines[0]["face"] == 1 and lines[0]["confidence"] == 0.8765 and lines[0]["happy"] == pytest.approx(0.7)
    assert lines[2] == {"frame": 1, "time_s": 0.033333, **dict.fromkeys(COLUMNS[2:])}


def test_parquet_says_the_same(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(write(tmp_path / "a.parquet", "parquet"))
    assert table.column_names == COLUMNS
    rows: list[dict[str, Any]] = table.to_pylist()
    assert [row["frame"] for row in rows] == [0, 0, 1, 5]
    assert rows[2]["face"] is None and rows[2]["emotion"] is None and rows[2]["happy"] is None
    assert rows[3]["emotion"] == "neutral" and rows[3]["neutral"] == pytest.approx(0.7)


def test_parquet_writes_group_by_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("emoscope.report.rows.ParquetRows.group", 2)
    file = parquet.ParquetFile(write(tmp_path / "a.parquet", "parquet"))
    assert (file.metadata.num_rows, file.num_row_groups) == (4, 2)


def test_parquet_of_nothing_can_be_read(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    FORMATS["parquet"](tmp_path / "a.parquet", LABELS).close()
    assert parquet.read_table(tmp_path / "a.parquet").num_rows == 0


def test_a_missing_pyarrow_is_told_before_work_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    check_format("csv")
    with pytest.raises(SystemLibraryError, match="pip install pyarrow"):
        check_format("parquet")


def test_emotion_is_the_largest_raw_probability() -> None:
    for best, name in enumerate(LABELS):
        (row,) = rows_of(0, 0.0, [reading(best=best)], LABELS)
        assert row[8] == name == LABELS[max(range(3), key=lambda number: row[9 + number])]


@pytest.mark.parametrize("form", FORMATS)
def test_a_folder_that_is_not_there_is_told(form: str, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="cannot be written"):
        FORMATS[form](tmp_path / "nowhere" / "a", LABELS)


def test_a_class_that_is_called_as_a_column_keeps_both_apart(tmp_path: Path) -> None:
    with FORMATS["csv"](tmp_path / "a.csv", ("frame", "happy", "sad")) as rows:
        assert rows.columns[-5:-2] == ("frame probability", "happy", "sad")
