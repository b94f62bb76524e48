"""Tables of earlier runs, film by film: data sets, and tables beside films as CSV, JSON Lines or Parquet.

A data set is read in stretches and never stands in memory as a whole; its films come one after another, each in one
piece.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SourceError
from ..report.rows import ABOUT, PLACE, RELATIVE, check_format
from ..report.spans import NOTHING
from ..report.summary import SUMMARY, read_record
from ..system.texts import open_text
from ..types import UNREADABLE, Floats
from .drafts import FILM
from .layout import ROWS, is_dataset

SUFFIXES = (".csv", ".jsonl", ".parquet")
TABLE = ".faces"
"""Before the suffix of a table's name."""
BATCH_ROWS = 50_000
NOBODY = -1
"""In the place of a face's number: the frame has no face."""
READ = ("frame", "time_s", "face")


@dataclass(frozen=True, slots=True)
class FilmRows:
    """The rows of one film, N of them, in the order of its frames.

    Attributes:
        film: its full path in a data set; of a table beside a film the table's, without its ending.
        source: its full path; "" where nobody tells.
        labels: class names.
        frames: (N,) int64 number of the frame.
        times_s: (N,) float64 its time.
        faces: (N,) int64 number of the face, NOBODY where the frame has none.
        emotions: (N,) int64 number of the class that is said, NOTHING where the face could not be read.
        probabilities: (N, K) float32, NaN where there is no face.
        relative: whether people's own rest is taken off where it is known.
    """

    film: str
    source: str
    labels: tuple[str, ...]
    frames: NDArray[np.int64]
    times_s: NDArray[np.float64]
    faces: NDArray[np.int64]
    emotions: NDArray[np.int64]
    probabilities: Floats
    relative: bool = False


def films_of(paths: Iterable[Path], only: str = "") -> Iterator[FilmRows]:
    """All films of data sets, tables, and folders that hold either, one after another.

    Args:
        paths: of data sets, of tables, of folders.
        only: part of a name of a folder of rows, where a data set holds rows that were made in several ways.

    Raises:
        SourceError: one of them holds no rows, is damaged, has other classes than the ones before or answers of another
            kind, or is of a film that came before.
    """
    first: FilmRows | None = None
    known = _Known()
    for path in paths:
        for film in _films(path, only, known):
            first = first or film
            if film.labels != first.labels:
                told = f"has the classes {', '.join(film.labels)}, and films before it {', '.join(first.labels)}"
                raise SourceError(f"{film.film}: {told}: collect them apart")
            if film.relative != first.relative:
                without = first if film.relative else film
                told = f"{without.film} was processed without --baseline, and others with it"
                raise SourceError(f"{told}: collect them apart, or process all alike")
            yield film


class _Known:
    """Tables that were named, so that no film counts twice."""

    def __init__(self) -> None:
        self._tables: dict[Path, Path] = {}

    def add(self, table: Path) -> None:
        """SourceError where another one of the same film was named before, or this one was."""
        film = _bare(table).absolute()
        other = self._tables.get(film)
        if other is not None and other.name == table.name:
            raise SourceError(f"{table}: is named twice, by itself or with its folder: name it once")
        if other is not None:
            raise SourceError(f"two tables of one film: {other}, {table}: keep one")
        self._tables[film] = table


def _films(path: Path, only: str, known: _Known) -> Iterator[FilmRows]:
    if is_dataset(path):
        yield from _of_dataset(path, only)
    elif path.is_dir():
        tables = sorted(file for suffix in SUFFIXES for file in path.rglob(f"*{TABLE}{suffix}"))
        if not tables:
            raise SourceError(f"{path}: holds no data set and no table of EmoScope: name another folder")
        for table in tables:
            known.add(table)
        for table in tables:
            yield _of_table(table)
    elif path.suffix in SUFFIXES:
        known.add(path)
        yield _of_table(path)
    else:
        told = "neither a folder nor a table" if path.exists() else "no such file"
        raise SourceError(f"{path}: {told}: name a data set, or tables that end in {', '.join(SUFFIXES)}")


def _of_dataset(folder: Path, only: str) -> Iterator[FilmRows]:
    check_format("parquet")
    found = sorted(part.parent for part in (folder / ROWS).glob("*/*/*.parquet"))
    made = {f"{one.parent.name}/{one.name}": one for one in found}
    wanted = {name: one for name, one in made.items() if only in name}
    if not wanted:
        told = f"none of its rows is called {only!r}; there are {', '.join(made)}" if made else "holds no rows yet"
        raise SourceError(f"{folder}: {told}")
    if len(wanted) > 1:
        told = f"holds rows that were made in {len(wanted)} ways: choose with --only: {', '.join(wanted)}"
        raise SourceError(f"{folder}: {told}")
    for part in sorted(next(iter(wanted.values())).glob("*.parquet")):
        yield from _of_part(part)


def _of_part(path: Path) -> Iterator[FilmRows]:
    """The films of one file of a data set: stretches of rows that name the same film."""
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            labels, columns = _columns(names, path)
            held: list[Any] = []
            for batch in file.iter_batches(BATCH_ROWS, columns=[FILM, *columns]):
                film = batch.column(0)
                # The first row of each film: where the name differs from the one before.
                codes = film.dictionary_encode().indices.to_numpy()
                for start, end in _stretches(codes):
                    piece = batch.slice(start, end - start)
                    if held and held[-1].column(0)[0] != piece.column(0)[0]:
                        yield _of_batches(held, labels)
                        held = []
                    held.append(piece)
            if held:
                yield _of_batches(held, labels)
    except (OSError, pyarrow.ArrowException) as error:
        raise SourceError(f"{path}: cannot be read ({error})") from None


def _stretches(codes: NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    ends = [*(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    return zip([0, *ends[:-1]], ends, strict=True)


def _of_batches(batches: Sequence[Any], labels: tuple[str, ...]) -> FilmRows:
    import pyarrow

    table = pyarrow.Table.from_batches(batches)
    film = str(table.column(0)[0])
    return _of_arrow(table, film, film, labels, 1)


def _of_arrow(table: Any, film: str, source: str, labels: tuple[str, ...], first: int) -> FilmRows:
    """Rows from the columns of an Arrow table, as `_columns` orders them, from the first of them on."""
    import pyarrow.compute

    frames, times, faces = table.columns[first : first + len(READ)]
    answers = table.columns[first + len(READ) :]
    wide = 1 + len(labels)
    said, *shares = (pyarrow.compute.coalesce(*answers[number::wide]) for number in range(wide))
    return FilmRows(
        film,
        source,
        labels,
        frames.to_numpy().astype(np.int64),
        times.to_numpy().astype(np.float64),
        faces.fill_null(NOBODY).to_numpy().astype(np.int64),
        _numbers(said.to_pylist(), labels),
        np.stack([share.to_numpy() for share in shares], axis=1).astype(np.float32),
        len(answers) > wide,
    )


def _of_table(path: Path) -> FilmRows:
    """A table that stands beside its film."""
    try:
        if path.suffix == ".parquet":
            return _of_parquet(path)
        with open_text(path) as file:
            return _of_rows(_csv(file) if path.suffix == ".csv" else map(json.loads, file), path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{path}: no table of EmoScope, or a damaged one ({' '.join(str(error).split())})") from None


def _csv(file: Iterable[str]) -> Iterator[dict[str, str]]:
    return csv.DictReader(file)


def _of_parquet(path: Path) -> FilmRows:
    check_format("parquet")
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            labels, columns = _columns(file.schema_arrow.names, path)
            return _of_arrow(file.read(columns).select(columns), *_film(path), labels, 0)
    except pyarrow.ArrowException as error:
        raise SourceError(f"{path}: no table of EmoScope, or a damaged one ({error})") from None


def _of_rows(rows: Iterable[dict[str, Any]], path: Path) -> FilmRows:
    """From rows as CSV and JSON give them: numbers, text or nothing."""
    read: list[tuple[Any, ...]] = []
    labels, columns = (), ()  # type: tuple[str, ...], Sequence[str]
    for row in rows:
        if not columns:
            labels, columns = _columns(list(row), path)
        cells = [None if row[name] == "" else row[name] for name in columns]
        answers, wide = cells[len(READ) :], 1 + len(labels)
        read.append((*cells[: len(READ)], *(_first(answers[number::wide]) for number in range(wide))))
    if not read:
        raise SourceError(f"{path}: holds no rows")
    frames, times, faces, said, *shares = zip(*read, strict=True)
    return FilmRows(
        *_film(path),
        labels,
        np.array([int(value) for value in frames], np.int64),
        np.array([float(value) for value in times], np.float64),
        np.array([NOBODY if value is None else int(value) for value in faces], np.int64),
        _numbers(said, labels),
        np.array([[np.nan if one is None else float(one) for one in share] for share in shares], np.float32).T,
        len(columns) > len(READ) + 1 + len(labels),
    )


def _columns(names: Sequence[str], path: Path) -> tuple[tuple[str, ...], list[str]]:
    """Labels, and the columns that are read: `READ`, then those of an answer.

    Where there are answers that take a person's own rest off, they stand first, and behind them the answers that do
    not, for the faces whose rest nobody knows.

    Raises:
        SourceError: these are no columns of ours.
    """
    start = names.index(PLACE[-1]) + 1 if PLACE[-1] in names else 0
    end = names.index(ABOUT[0]) if ABOUT[0] in names else 0
    if not start < end or any(name not in names for name in PLACE):
        raise SourceError(f"{path}: its columns are not those of a table of EmoScope")
    own = list(names[start:end])
    labels = tuple(name.removesuffix(" probability") if name.endswith(" probability") else name for name in own)
    answer = [PLACE[-1], *own]
    relative = [f"{RELATIVE}{name}" for name in answer] if f"{RELATIVE}{PLACE[-1]}" in names else []
    return labels, [*READ, *relative, *answer]


def _first(cells: Sequence[Any]) -> Any:
    """The first cell that is not empty; None where all are."""
    return next((cell for cell in cells if cell is not None), None)


def _numbers(said: Iterable[Any], labels: Sequence[str]) -> NDArray[np.int64]:
    numbers = {label: number for number, label in enumerate(labels)} | {UNREADABLE: NOTHING, None: NOTHING}
    return np.array([numbers[one] for one in said], np.int64)


def _film(path: Path) -> tuple[str, str]:
    """What a table is called, without its ending, and the full path of its film where the summary beside it tells."""
    film = _bare(path)
    source = (read_record(film.with_name(f"{film.name}{SUMMARY}")) or {}).get("source")
    told = source.get("path") if isinstance(source, dict) else None
    return str(film), told if isinstance(told, str) else ""


def _bare(table: Path) -> Path:
    return table.with_name(table.name.removesuffix(table.suffix).removesuffix(TABLE))
