"""The table: every frame accounted for, in every format."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from emoscope.errors import ResultError, SystemLibraryError
from emoscope.report.rows import FORMATS, check_format, rows_of
from emoscope.types import Reading
from tests.realtime.tiny import LABELS, face, reading

FRAMES: list[tuple[int, float, list[Reading]]] = [
    (0, 0.0, [reading(face(40, 30, track=2), best=1), reading(face(5, 6.04, track=1, score=0.87654))]),
    (1, 1 / 30, []),
    (5, 0.2, [reading(face(track=1), best=2)]),
]
COLUMNS = ["frame", "time_s", "face", "x", "y", "width", "height", "confidence", "emotion", *LABELS]


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
    assert lines[3] == ["1", "0.033333", *[""] * 10]
    assert [line[0] for line in lines[1:]] == ["0", "0", "1", "5"]
    assert [float(value) for value in lines[1][9:]] == pytest.approx([0.7, 0.15, 0.15])


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
        assert rows.columns[-3:] == ("frame probability", "happy", "sad")
