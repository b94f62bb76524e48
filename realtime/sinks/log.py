"""The log: the rows of `process` while watching, with the moment on two clocks and the events that were marked.

    frame,time_s,face,x,…,quality,prior,wall_time,monotonic_s,event

An event has a row of its own, with the frame that was shown and everything from `face` to `prior` empty. Lines are
handed to the system whole, at once, so a log that is cut off lacks no more than the last second. A Parquet file can
only be read when it is closed, so there the log is a folder of parts; a part that was open is lost.
"""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic
from typing import Any

from ..errors import ResultError, unwritten
from ..report.rows import EMPTY_FROM, Row, arrow_schema, columns_of, pyarrow_and_parquet, rows_of
from ..system.atomic import atomic_file
from .sample import Marker, Moment, Sample
from .sink import SampleSink

WHEN = ("wall_time", "monotonic_s", "event")
"""Columns behind those of `process`."""
ROOM = 20_000
"""Frames that may wait for a slow disk: more than ten minutes."""
PART_S = 5.0
"""How long a part of a Parquet log stays open, in seconds."""
KINDS = (".csv", ".jsonl", ".parquet")
"""What a log's name may end in."""


class Log(SampleSink):
    """A log of one source, growing.

    Args:
        path: the file, or the folder of a Parquet log; its ending says which.
        labels: class names, in the network's order.
        numbers: names of what else the network says.

    Attributes:
        rows: how many there are.

    Raises:
        ResultError: it exists already, or cannot be written; or its name says no format.
        SystemLibraryError: pyarrow is missing, which Parquet needs.
    """

    room = ROOM

    def __init__(self, path: Path, labels: Sequence[str], numbers: Sequence[str] = ()) -> None:
        check_log(path)
        self.path, self.labels, self.numbers = path, tuple(labels), tuple(numbers)
        self.name = str(path)
        self.columns = (*columns_of(labels, beside=WHEN, numbers=numbers), *WHEN)
        self._file = _FILES[path.suffix.lower()](path, self.columns)
        self.rows = 0
        self._ended: list[str] = []

    def __call__(self, sample: Sample, /) -> None:
        found = rows_of(sample.index, sample.time_s, sample.readings, self.labels, sample.prior, numbers=self.numbers)
        self._add([(*row, *_when(sample.moment), None) for row in found])

    def mark(self, marker: Marker) -> None:
        nobody = [None] * (len(self.columns) - EMPTY_FROM - len(WHEN))
        self._add([(marker.index, round(marker.time_s, 6), *nobody, *_when(marker.moment), marker.event)])

    def idle(self) -> None:
        self._told(self._file.idle)

    def close(self) -> None:
        self._told(self._file.close)
        self._ended = [f"logged {self.rows} rows into {self.path}"]

    def news(self) -> list[str]:
        told, self._ended = self._ended, []
        return told

    def _add(self, rows: list[Row]) -> None:
        self._told(self._file.add, rows)
        self.rows += len(rows)

    def _told(self, act: Any, *what: Any) -> None:
        try:
            act(*what)
        except OSError as error:
            raise unwritten(self.path, error) from None


def check_log(path: Path) -> None:
    """Raises an EmoscopeError where a log of this name cannot be begun: its format, or what is there already."""
    if path.suffix.lower() not in KINDS:
        raise ResultError(f"{path}: a log is a .csv, .jsonl or .parquet file: give it a name that ends so")
    if path.exists():
        raise ResultError(f"{path} exists already, and a log is never overwritten: give it another name")
    if path.suffix.lower() == ".parquet":
        pyarrow_and_parquet("log into a .csv file")


def next_log(path: Path) -> Path:
    """The first name that is free: the given one, else with -2, -3, … before its ending."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


class _File(ABC):
    """Rows on disk."""

    @abstractmethod
    def __init__(self, path: Path, columns: Sequence[str]) -> None: ...

    @abstractmethod
    def add(self, rows: list[Row]) -> None: ...

    def idle(self) -> None:  # noqa: B027
        """Nothing waits."""

    @abstractmethod
    def close(self) -> None: ...


class _Lines(_File):
    """Lines of text, handed over at once; what a full disk takes of them only in part is taken back."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb", buffering=0)
        except OSError as error:
            raise unwritten(path, error) from None

    def add(self, rows: list[Row]) -> None:
        self._write("".join(map(self._line, rows)))

    def close(self) -> None:
        self._file.close()

    def _write(self, text: str) -> None:
        data, start = memoryview(text.encode("utf-8")), self._file.tell()
        try:
            while data:  # a full disk takes a part, then says so
                data = data[self._file.write(data) :]
        except OSError:
            with suppress(OSError):
                self._file.truncate(start)
            raise

    @abstractmethod
    def _line(self, row: Row) -> str: ...


class _Csv(_Lines):
    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        super().__init__(path, columns)
        try:
            self._write(self._line(self._columns))
        except OSError as error:
            self._file.close()
            path.unlink(missing_ok=True)  # an empty log would only be in the way of the next one
            raise unwritten(path, error) from None

    def _line(self, row: Row) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(row)
        return text.getvalue()


class _Json(_Lines):
    def _line(self, row: Row) -> str:
        return json.dumps(dict(zip(self._columns, row, strict=True)), ensure_ascii=False) + "\n"


class _Parquet(_File):
    """A folder of closed parts, which pandas, polars and Arrow read as one table."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._arrow, self._parquet = pyarrow_and_parquet()
        others = {"wall_time": self._arrow.timestamp("ms", "UTC"), "event": self._arrow.string()}
        self._schema = arrow_schema(self._arrow, columns, others | {"monotonic_s": self._arrow.float64()})
        self._when = list(columns).index("wall_time")
        self._folder, self._number = path, 0
        self._held: list[Row] = []
        self._until_s = monotonic() + PART_S
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise unwritten(path, error) from None

    def add(self, rows: list[Row]) -> None:
        self._held += rows
        self.idle()

    def idle(self) -> None:
        if monotonic() >= self._until_s:
            self._close_part()

    def close(self) -> None:
        self._close_part()

    def _close_part(self) -> None:
        self._until_s = monotonic() + PART_S
        if not self._held and self._number:
            return
        columns: list[Any] = [[row[place] for row in self._held] for place in range(len(self._schema))]
        columns[self._when] = [_utc(text) for text in columns[self._when]]
        arrays = [self._arrow.array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
        with atomic_file(self._folder / f"part-{self._number:06}.parquet") as draft:
            self._parquet.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema), draft)
        self._number += 1
        self._held.clear()


_FILES: dict[str, type[_File]] = dict(zip(KINDS, (_Csv, _Json, _Parquet), strict=True))


def _when(moment: Moment) -> tuple[str, float]:
    return moment.wall_time, round(moment.monotonic_s, 6)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(timezone.utc)
