"""The table of a recording: a row per face and frame, written as it comes, so that memory stays flat.

    frame,time_s,face,x,y,width,height,confidence,emotion,angry,disgust,…,quality,prior,valence,arousal,…

A frame without a face has one row in which everything from `face` on is empty, so every frame is accounted for.
`confidence` is the detector's; the probabilities are the network's own, unsmoothed, and `emotion` is the largest, or
"unreadable". `quality` says how well the face could be read, 0–1, empty where the network does not tell; `prior` how
much of the training pictures' prior was taken off, 0–1, empty where the model does not say what it was. Behind them
stand the numbers that a network says beside the classes, where its conversion kept any.

Where people's own baselines are taken off, all this stays as it would be without, and beside it stands

    …,relative_emotion,relative_angry,relative_disgust,…

which are empty where a face was seen too briefly to tell its rest.
"""

from __future__ import annotations

import csv
import json
import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import SystemLibraryError, unwritten
from ..system.closing import Closing
from ..types import Prediction, Reading

PLACE = ("frame", "time_s", "face", "x", "y", "width", "height", "confidence", "emotion")
"""Columns before the probabilities."""
EMPTY_FROM = 2
"""Columns that a frame without a face fills in."""

ABOUT = ("quality", "prior")
"""Columns behind the probabilities."""
RELATIVE = "relative_"
"""Begins the columns of what is said once a person's own baseline is taken off."""

Row = tuple[Any, ...]


def columns_of(
    labels: Sequence[str], relative: bool = False, beside: Sequence[str] = (), numbers: Sequence[str] = ()
) -> tuple[str, ...]:
    """Names of the columns; a class or a number that is called like another column gets a longer name.

    Args:
        labels: of the classes.
        relative: whether there are columns for what is said beside a person's baseline.
        beside: further columns that the rows come to stand among.
        numbers: names of a network's further outputs.
    """
    taken = (*PLACE, *ABOUT, *beside)
    own = (*(f"{label} probability" if label in taken else label for label in labels),)
    further = (*(f"{name} number" if name in taken else name for name in numbers),)
    baseline = (f"{RELATIVE}emotion", *(f"{RELATIVE}{name}" for name in own)) if relative else ()
    return (*PLACE, *own, *ABOUT, *further, *baseline)


def rows_of(
    index: int,
    time_s: float,
    readings: Sequence[Reading],
    labels: Sequence[str],
    prior: float | None = None,
    relative: bool = False,
    numbers: Sequence[str] = (),
) -> Iterator[Row]:
    """The rows of one frame, faces in order of their numbers; columns as `columns_of` says.

    Args:
        index: number of the frame in its source, from 0.
        time_s: of the frame, in seconds on the source's own clock.
        readings: of its faces; none makes one row without a face.
        labels: class names, in the network's order.
        prior: how much of the prior is taken off, 0–1, or None where that is not known.
        relative: whether the answers relative to persons' own neutral faces are there too.
        numbers: names of what else the network says.
    """
    head = (index, round(time_s, 6))
    if not readings:
        yield (*head, *[None] * (len(columns_of(labels, relative, numbers=numbers)) - EMPTY_FROM))
    for reading in sorted(readings, key=lambda reading: reading.face.track):
        x0, y0, x1, y1 = reading.face.box_xyxy
        box = (round(float(value), 1) for value in (x0, y0, x1 - x0, y1 - y0))
        said = reading.plain or reading.prediction
        about = (None if said.quality is None else round(said.quality, 4), prior)
        further = (_written(said.numbers.get(name)) for name in numbers)
        beside = _relative(reading) if relative else ()
        yield (*head, reading.face.track, *box, round(reading.face.score, 4), *_said(said), *about, *further, *beside)


def _said(prediction: Prediction) -> Row:
    return (prediction.emotion, *(round(float(share), 6) for share in prediction.probabilities))


def _relative(reading: Reading) -> Row:
    """The answer with a person's own baseline taken off; empty where the person has none."""
    said = _said(reading.prediction)
    return said if reading.plain is not None else (None,) * len(said)


def _written(value: float | None) -> float | None:
    """A number as rows have it; one that is none, or not finite, is left empty."""
    return round(value, 6) if value is not None and math.isfinite(value) else None


class Rows(Closing):
    """A table on disk, growing; a context manager that closes it.

    Args:
        path: the file.
        labels: class names, in the network's order.
        prior: how much of the prior is taken off, 0–1, or None where that is not known.
        relative: whether columns without and with the persons' own baselines are written.
        numbers: names of what else the network says.
    """

    suffix = ""

    def __init__(
        self,
        path: Path,
        labels: Sequence[str],
        prior: float | None = None,
        relative: bool = False,
        numbers: Sequence[str] = (),
    ) -> None:
        self.path, self.labels, self.prior, self.relative = path, tuple(labels), prior, relative
        self.numbers = tuple(numbers)
        self.columns = columns_of(labels, relative, numbers=numbers)

    def add(self, index: int, time_s: float, readings: Sequence[Reading]) -> None:
        """Adds a frame, with all its faces or none."""
        with self._told():
            found = rows_of(index, time_s, readings, self.labels, self.prior, self.relative, self.numbers)
            self._write(list(found))

    def close(self) -> None:
        """Writes what is still held back.

        Raises:
            ResultError: it cannot be written.
        """
        with self._told():
            self._close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritten(self.path, error) from None

    @abstractmethod
    def _close(self) -> None: ...

    @abstractmethod
    def _write(self, rows: list[Row]) -> None: ...


class CsvRows(Rows):
    """Comma-separated values, UTF-8, with a header line.

    Args:
        path: of the file; whatever stands there is replaced.
        labels, more, named: see `Rows`.
    """

    suffix = ".csv"

    def __init__(self, path: Path, labels: Sequence[str], *more: Any, **named: Any) -> None:
        super().__init__(path, labels, *more, **named)
        self._file = _create(path)
        self._csv = csv.writer(self._file, lineterminator="\n")
        self._csv.writerow(self.columns)

    def _close(self) -> None:
        self._file.close()

    def _write(self, rows: list[Row]) -> None:
        self._csv.writerows(rows)


class JsonRows(Rows):
    """JSON Lines: one object a row, `null` where there is no face.

    Args:
        path: of the file; whatever stands there is replaced.
        labels, more, named: see `Rows`.
    """

    suffix = ".jsonl"

    def __init__(self, path: Path, labels: Sequence[str], *more: Any, **named: Any) -> None:
        super().__init__(path, labels, *more, **named)
        self._file = _create(path)

    def _close(self) -> None:
        self._file.close()

    def _write(self, rows: list[Row]) -> None:
        for row in rows:
            named = dict(zip(self.columns, row, strict=True))
            self._file.write(json.dumps(named, ensure_ascii=False) + "\n")


class ParquetRows(Rows):
    """Apache Parquet, written in groups of rows; needs pyarrow.

    Args:
        path: of the file; whatever stands there is replaced.
        labels, more, named: see `Rows`.
    """

    suffix = ".parquet"
    group = 10_000

    def __init__(self, path: Path, labels: Sequence[str], *more: Any, **named: Any) -> None:
        super().__init__(path, labels, *more, **named)
        self._arrow, parquet = pyarrow_and_parquet()
        self._schema = self._columns()
        self._file = _opened(path, lambda: parquet.ParquetWriter(path, self._schema))
        self._held: list[Row] = []

    def _close(self) -> None:
        if self._held:
            self._flush()
        self._file.close()

    def _write(self, rows: list[Row]) -> None:
        self._held += rows
        if len(self._held) >= self.group:
            self._flush()

    def _flush(self) -> None:
        columns = zip(*self._held, strict=True)
        arrays = [self._arrow.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._file.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._held.clear()

    def _columns(self) -> Any:
        return arrow_schema(self._arrow, self.columns)


PARQUET = "parquet"
FORMATS: dict[str, type[Rows]] = {"csv": CsvRows, "jsonl": JsonRows, PARQUET: ParquetRows}
"""Name → table; the choices of `--rows`."""


def check_format(name: str) -> None:
    """SystemLibraryError where a format needs a package that is missing."""
    if FORMATS[name] is ParquetRows:
        pyarrow_and_parquet("choose --rows csv and leave --dataset out")


def _create(path: Path) -> Any:
    return _opened(path, lambda: path.open("w", encoding="utf-8", newline=""))


def _opened(path: Path, opening: Any) -> Any:
    try:
        return opening()
    except OSError as error:
        raise unwritten(path, error) from None


def arrow_schema(arrow: Any, columns: Sequence[str], others: Mapping[str, Any] | None = None) -> Any:
    """The Arrow schema of a table.

    Args:
        arrow: the package pyarrow.
        columns: their names, in order.
        others: types of columns that stand beside those of `columns_of`.
    """
    kinds = {"frame": arrow.int64(), "time_s": arrow.float64(), "face": arrow.int32()}
    kinds |= dict.fromkeys(("emotion", f"{RELATIVE}emotion"), arrow.string()) | dict(others or {})
    return arrow.schema([(name, kinds.get(name, arrow.float32())) for name in columns])


def pyarrow_and_parquet(otherwise: str = "choose another format") -> tuple[Any, Any]:
    """The packages pyarrow and pyarrow.parquet.

    Args:
        otherwise: what to do instead of installing it, for the error's line.

    Raises:
        SystemLibraryError: it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        cure = f"install it with `pip install pyarrow`, or {otherwise}"
        raise SystemLibraryError(f"Parquet needs the package pyarrow, which is missing: {cure}") from None
    return pyarrow, pyarrow.parquet
