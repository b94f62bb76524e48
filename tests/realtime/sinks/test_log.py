"""The log: the rows of `process`, two clocks, events; whole whatever ends the program; never over another one."""

from __future__ import annotations

import csv
import errno
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from time import monotonic

import pytest

from emoscope.errors import ResultError, SystemLibraryError
from emoscope.report.rows import FORMATS
from emoscope.sinks import log as logs
from emoscope.sinks.log import WHEN, Log, check_log, next_log
from tests.realtime.sinks.samples import marker, sample
from tests.realtime.tiny import LABELS

FORMS = ["csv", "jsonl", "parquet"]


def write(path: Path, labels: tuple[str, ...] = LABELS) -> Path:
    """Two faces, a marker, nobody."""
    log = Log(path, labels)
    log(sample(0, prior=0.5))
    log.mark(marker("marker 1", 0))
    log(sample(1, faces=()))
    log.close()
    return path


@pytest.mark.parametrize("form", FORMS)
def test_every_format_is_the_same_table(form: str, tmp_path: Path):
    pandas = pytest.importorskip("pandas")
    if form == "parquet":
        pytest.importorskip("pyarrow")
    begun = datetime.now(timezone.utc)
    path = write(tmp_path / f"a.{form}")
    read = {"csv": pandas.read_csv, "jsonl": lambda path: pandas.read_json(path, lines=True)}
    table = read.get(form, pandas.read_parquet)(path)
    assert list(table.columns) == [*_plain_columns(tmp_path), *WHEN]
    assert table.frame.tolist() == [0, 0, 0, 1]
    assert table.face.dropna().tolist() == [1, 2]
    assert table.event.dropna().tolist() == ["marker 1"]
    assert table.emotion.dropna().tolist() == ["sad", "happy"]
    assert table[table.event.notna()].prior.isna().all() and table.prior.dropna().tolist() == [0.5, 0.5]
    assert table.monotonic_s.is_monotonic_increasing
    when = pandas.to_datetime(table.wall_time, utc=True)
    assert (when.diff().dropna() >= pandas.Timedelta(0)).all()
    assert begun - timedelta(seconds=1) < when.iloc[0] < datetime.now(timezone.utc)


def _plain_columns(folder: Path) -> tuple[str, ...]:
    with FORMATS["csv"](folder / "plain.csv", LABELS) as rows:
        return rows.columns


def test_a_row_is_on_disk_as_soon_as_it_is_taken(tmp_path: Path):
    log = Log(tmp_path / "a.csv", LABELS)
    log(sample())
    found = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8", newline="")))
    assert [row["face"] for row in found] == ["1", "2"] and log.rows == 2
    assert datetime.fromisoformat(found[0]["wall_time"]).utcoffset() is not None
    log.close()
    assert log.news() == [f"logged 2 rows into {tmp_path / 'a.csv'}"] and log.news() == []


def test_a_class_that_is_called_like_a_clock_keeps_its_column(tmp_path: Path):
    labels = ("event", "wall_time", "neutral")
    first = json.loads(write(tmp_path / "a.jsonl", labels).read_text("utf-8").splitlines()[0])
    assert first["event probability"] == pytest.approx(0.15) and first["event"] is None


def test_a_log_is_never_overwritten(tmp_path: Path):
    path = write(tmp_path / "a.csv")
    before = path.read_bytes()
    with pytest.raises(ResultError, match=r"a\.csv exists already, and a log is never overwritten"):
        Log(path, LABELS)
    assert path.read_bytes() == before
    assert next_log(path) == tmp_path / "a-2.csv"
    write(next_log(path))
    assert next_log(path) == tmp_path / "a-3.csv" and next_log(tmp_path / "b.csv") == tmp_path / "b.csv"


@pytest.mark.parametrize("name", ["a", "a.txt", "a.csv.gz"])
def test_a_name_that_says_no_format(name: str, tmp_path: Path):
    with pytest.raises(ResultError, match=r"a log is a \.csv, \.jsonl or \.parquet file"):
        check_log(tmp_path / name)


def test_a_folder_that_cannot_be_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(ResultError, match="cannot be written"):
        Log(tmp_path / "file" / "a.csv", LABELS)


def test_parquet_needs_its_package_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SystemLibraryError, match=r"pip install pyarrow`, or log into a \.csv file"):
        check_log(tmp_path / "a.parquet")
    check_log(tmp_path / "a.csv")


def test_parquet_closes_a_part_every_few_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    now_s = monotonic()
    monkeypatch.setattr(logs, "monotonic", lambda: now_s)
    log = Log(tmp_path / "a.parquet", LABELS)
    for number in range(4):
        now_s += 0.4 * logs.PART_S
        log(sample(number))
    assert [path.name for path in (tmp_path / "a.parquet").iterdir()] == ["part-000000.parquet"]
    assert parquet.read_table(tmp_path / "a.parquet").num_rows == 6, "the open part is not there yet"
    now_s += logs.PART_S
    log.idle()
    assert parquet.read_table(tmp_path / "a.parquet").column("frame").to_pylist() == [0, 0, 1, 1, 2, 2, 3, 3]
    log.close()
    assert len(list((tmp_path / "a.parquet").iterdir())) == 2


def test_parquet_of_nothing_can_be_read(tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    Log(tmp_path / "a.parquet", LABELS).close()
    assert parquet.read_table(tmp_path / "a.parquet").num_rows == 0


def test_of_a_full_disk_no_half_row_stays(tmp_path: Path):
    log = Log(tmp_path / "a.csv", LABELS)
    log(sample())
    before, real = (tmp_path / "a.csv").read_bytes(), log._file._file

    class Full:
        """Takes ten bytes, then no more."""

        def __init__(self) -> None:
            self.room = 10

        def write(self, data: bytes) -> int:
            if not self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            taken, self.room = real.write(data[: self.room]), 0
            return taken

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    log._file._file = Full()
    with pytest.raises(ResultError, match="is the disk full"):
        log(sample(1))
    assert (tmp_path / "a.csv").read_bytes() == before
    real.close()


def test_a_log_whose_heading_finds_no_room_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(self: object, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(ResultError, match="is the disk full"):
        patch.setattr("emoscope.sinks.log._Lines._write", full)
        Log(tmp_path / "a.csv", LABELS)
    assert not (tmp_path / "a.csv").exists()
    Log(tmp_path / "a.csv", LABELS).close()
