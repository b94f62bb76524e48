"""What was collected as tables: a file for films, for faces, and for each question about all films.

    films       a line a film: how long it is, its faces, shares of time
    faces       a line a face: how long it was seen, shares, mean probabilities, changes
    shares      a line an emotion: mean share over films with its interval, share of all time
    transitions a line a pair: how often one followed the other, the share of what followed, its interval
    together    a line a pair: time in which two faces showed them, and would by chance
    courses     a line a step and emotion: mean probability with its interval

Films and faces are written as they come.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ..errors import unwritten
from ..report.rows import check_format
from ..system.atomic import atomic_file
from .collected import Collected
from .film_figures import FaceFigures, FilmFigures

FORMATS = ("csv", "parquet")
DIGITS = 6
GROUP = 10_000
FILM = ("film", "seconds", "frames", "faces", "unreadable_s", "changes")
FACE = ("film", "face", "frames", "first_s", "last_s", "seen_s", "unreadable_s", "changes")
PROBABILITY = "mean_probability_"
SHARES = ("emotion", "mean_share", "low", "high", "interval", "films", "seconds", "share_of_all_time")
TRANSITIONS = ("emotion", "followed_by", "count", "mean_share", "low", "high", "films")
TOGETHER = ("emotion", "other", "seconds", "share", "share_by_chance", "ratio")
COURSES = ("event", "time_s", "emotion", "mean_probability", "low", "high", "films")
COUNTS = frozenset({"frames", "faces", "face", "changes", "count", "films"})
TEXTS = frozenset({"film", "emotion", "followed_by", "other", "event", "interval"})


class Table:
    """A table on disk, growing.

    Args:
        path: the file, whose suffix is its format.
        columns: names of its columns.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._columns, self._held, self._path = tuple(columns), list[Sequence[Any]](), path
        self._file: Any = None
        self._parquet: Any = None
        if path.suffix == ".parquet":
            import pyarrow.parquet

            self._arrow = pyarrow
            self._schema = pyarrow.schema([(name, self._kind(name)) for name in columns])
            self._parquet = pyarrow.parquet.ParquetWriter(path, self._schema)
        else:
            self._file = path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file, lineterminator="\n").writerow(columns)

    def add(self, row: Sequence[Any]) -> None:
        """Adds a row; NaN is written as nothing known."""
        self._held.append([_plain(value) for value in row])
        if len(self._held) >= GROUP:
            self._flush()

    def close(self) -> None:
        """Writes what is held back."""
        self._flush()
        (self._file or self._parquet).close()

    def _flush(self) -> None:
        if self._file is not None:
            csv.writer(self._file, lineterminator="\n").writerows(self._held)
        elif self._held:
            columns = list(zip(*self._held, strict=True))
            arrays = [
                self._arrow.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)
            ]
            self._parquet.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._held.clear()

    def _kind(self, name: str) -> Any:
        if name in TEXTS:
            return self._arrow.string()
        return self._arrow.int64() if name in COUNTS else self._arrow.float64()


@contextmanager
def table(path: Path, columns: Sequence[str]) -> Iterator[Table]:
    """A table that appears when it is whole.

    Raises:
        ResultError: it cannot be written.
    """
    with atomic_file(path) as draft:
        try:
            written = Table(draft, columns)
        except OSError as error:
            raise unwritten(path, error) from None
        try:
            yield written
        finally:
            written.close()


class Films:
    """The tables of films and faces, written as they come; a context manager.

    Args:
        folder: where they stand.
        kind: one of FORMATS.
        labels: class names.
    """

    def __init__(self, folder: Path, kind: str, labels: Sequence[str]) -> None:
        if kind == "parquet":
            check_format(kind)
        self._folder, self._kind, self._labels = folder, kind, tuple(labels)

    def __enter__(self) -> Films:
        names = [f"share_{label}" for label in self._labels]
        with ExitStack() as stack:
            self._films = stack.enter_context(table(self._folder / f"films.{self._kind}", [*FILM, *names]))
            means = [f"{PROBABILITY}{label}" for label in self._labels]
            self._faces = stack.enter_context(table(self._folder / f"faces.{self._kind}", [*FACE, *names, *means]))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def add(self, film: FilmFigures) -> None:
        """Adds a film and its faces."""
        unreadable = sum(face.unreadable_s for face in film.faces)
        shares = _shares(film.seconds)
        self._films.add(
            (film.film, film.seconds_long, film.frames, len(film.faces), unreadable, int(film.followed.sum()), *shares)
        )
        for face in film.faces:
            self._faces.add((film.film, *_face(face)))


def write_tables(folder: Path, kind: str, collected: Collected) -> list[Path]:
    """Writes the tables about all films; returns them.

    Raises:
        ResultError: they cannot be written.
    """
    rows = {
        "shares": (SHARES, _share_rows(collected)),
        "transitions": (TRANSITIONS, _transition_rows(collected)),
        "together": (TOGETHER, _together_rows(collected)),
        "courses": (COURSES, _course_rows(collected)),
    }
    written = []
    for name, (columns, lines) in rows.items():
        path = folder / f"{name}.{kind}"
        with table(path, columns) as out:
            for line in lines:
                out.add(line)
        written.append(path)
    return written


def _share_rows(collected: Collected) -> Iterator[Sequence[Any]]:
    mean, low, high, method = collected.mean_shares()
    total = float(collected.seconds.sum()) or 1.0
    for number, label in enumerate(collected.labels):
        seconds = float(collected.seconds[number])
        ends = (mean[number], low[number], high[number])
        yield (label, *ends, method, collected.films_read, seconds, seconds / total)


def _transition_rows(collected: Collected) -> Iterator[Sequence[Any]]:
    mean, (low, high) = collected.following.mean, collected.following.interval()
    for one, label in enumerate(collected.labels):
        for two, other in enumerate(collected.labels):
            if one != two:
                ends = (mean[one, two], low[one, two], high[one, two])
                yield label, other, collected.followed[one, two], *ends, collected.following.count[one, two]


def _together_rows(collected: Collected) -> Iterator[Sequence[Any]]:
    expected, total = collected.expected_together(), float(collected.together.sum())
    for one, label in enumerate(collected.labels):
        for two, other in enumerate(collected.labels):
            seconds, chance = float(collected.together[one, two]), float(expected[one, two])
            share, by_chance = (seconds / total, chance / total) if total else (float("nan"), float("nan"))
            yield label, other, seconds, share, by_chance, seconds / chance if chance else float("nan")


def _course_rows(collected: Collected) -> Iterator[Sequence[Any]]:
    window = collected.courses.window
    middles = window.edges_s[:-1] + window.step_s / 2
    for event, found in sorted(collected.courses.means.items()):
        mean, (low, high) = found.mean, found.interval()
        for step, time_s in enumerate(middles):
            for number, label in enumerate(collected.labels):
                ends = (mean[step, number], low[step, number], high[step, number])
                yield event, time_s, label, *ends, found.count[step, number]


def _face(face: FaceFigures) -> Sequence[Any]:
    total = float(face.seconds.sum())
    means = face.weighted / total if total else [float("nan")] * len(face.weighted)
    seen = (face.face, face.frames, face.first_s, face.last_s, face.seen_s, face.unreadable_s)
    return (*seen, int(face.followed.sum()), *_shares(face.seconds), *means)


def _shares(seconds: Any) -> Sequence[float]:
    total = float(seconds.sum())
    return [float(one) / total if total else float("nan") for one in seconds]


def _plain(value: Any) -> Any:
    """A value as tables hold it."""
    if isinstance(value, str):
        return value
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        return None if number != number else round(number, DIGITS)
    return number
