"""What has become of each film of a data set: an SQLite file that one process writes, and anybody may read.

    DATASET/manifest.sqlite                a run of its own
    DATASET/manifest-003-of-050.sqlite     one part of a run that was shared out (--shard 3/50)

        waiting ──▶ queued ──▶ running ──▶ done       failed and lost films wait again when a run is resumed
                                  └──────▶ failed

The list of films flows through it: films are written down as the list is read, and taken from here when they are due,
so that neither the list nor the work ever stands in memory as a whole. A film's `position` in the list decides in which
file of rows it comes to stand.

Journals are SQLite's oldest kind: newer ones need memory that two machines do not share.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ResultError, printable
from ..system.address import is_address, place_of
from ..system.closing import Closing

WAITING, QUEUED, RUNNING, DONE, FAILED = "waiting", "queued", "running", "done", "failed"
VERSION = 1
COMMIT_S = 1.0
"""Between two commits: what is lost when the process falls is found again among the drafts."""
PATIENCE_S = 60.0
"""How long a write waits for somebody who reads."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS makers (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, settings TEXT NOT NULL, record TEXT NOT NULL, UNIQUE (model, settings)
);
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, host TEXT, process INTEGER, started_s REAL, ended_s REAL, seen_s REAL,
    listed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS films (
    id INTEGER PRIMARY KEY,
    maker INTEGER NOT NULL, position INTEGER NOT NULL,
    film TEXT NOT NULL, source TEXT, below TEXT, name TEXT,
    bytes INTEGER, modified_ns INTEGER, quick_sha256 TEXT,
    state TEXT NOT NULL, run INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, error TEXT,
    host TEXT, started_s REAL, finished_s REAL, seconds REAL, frames INTEGER,
    drafted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (maker, film)
);
CREATE INDEX IF NOT EXISTS waiting ON films (run, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS unfinished ON films (maker, position) WHERE state IN ('waiting', 'queued', 'running');
CREATE INDEX IF NOT EXISTS drafted ON films (maker, position) WHERE drafted;
"""


@dataclass(frozen=True, slots=True)
class MakerRow:
    """What makes the rows of a run.

    Attributes:
        model: the network's name and the beginning of its hash.
        settings: a digest of every setting.
        record: both in full, as JSON values.
    """

    model: str
    settings: str
    record: Mapping[str, Any] = field(default_factory=dict)


class Mark(NamedTuple):
    """By what a file is known again: bytes, time of its last change in ns; both None where it cannot be asked."""

    bytes: int | None
    modified_ns: int | None

    @classmethod
    def of(cls, path: str) -> Mark:
        """The mark of a file as it is now."""
        try:
            stat = place_of(path).stat() if is_address(path) else os.stat(path)  # noqa: PTH116 (a million paths are asked, and a Path takes four times as long)
        except OSError:
            return cls(None, None)
        return cls(stat.st_size, stat.st_mtime_ns)


class Known(NamedTuple):
    """What the manifest says of a film that is listed again."""

    id: int
    state: str
    run: int
    position: int
    mark: Mark
    quick_sha256: str
    drafted: bool


class DueFilm(NamedTuple):
    """A film that is due.

    Attributes:
        id: its number in the manifest.
        position: its place in the list.
        film: its full path.
        source: its path as it was named.
        below: its folder below the one that was named.
        name: with which its results' names begin, "" for its own.
    """

    id: int
    position: int
    film: str
    source: str
    below: str
    name: str


class Manifest(Closing):
    """A manifest that this process alone writes; a context manager that ends the run and closes the file.

    Args:
        path: of the file, which is made where it is missing.
        maker: what makes the rows of this run.
        columns: of the rows, by which a data set is held to one shape.
        shard: which part of how many it is, from 1; (1, 1) for a run of its own.

    Attributes:
        path: of the file.
        maker: number of the maker.
        run: number of this run.

    Raises:
        ResultError: it cannot be written, is of another version, or its rows have other columns.
    """

    def __init__(self, path: Path, maker: MakerRow, columns: Sequence[str], shard: tuple[int, int] = (1, 1)) -> None:
        self.path = path
        self._shape = {"version": str(VERSION), "columns": json.dumps(list(columns)), "shard": json.dumps(shard)}
        self._committed, self._changes = time.monotonic(), 0
        with _told(path):
            self._sql = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
            try:
                self._begin(maker)
                self.commit()  # whoever asks how far it is finds a manifest from the first moment
            except BaseException:
                self._sql.close()
                raise

    def _begin(self, maker: MakerRow) -> None:
        self._sql.execute("PRAGMA journal_mode = DELETE")
        self._sql.execute("PRAGMA synchronous = NORMAL")
        self._sql.execute("BEGIN IMMEDIATE")
        for statement in filter(str.strip, SCHEMA.split(";")):
            self._sql.execute(statement)
        self._check()
        self._sql.execute(
            "INSERT OR IGNORE INTO makers (model, settings, record) VALUES (?, ?, ?)",
            (maker.model, maker.settings, json.dumps(maker.record, ensure_ascii=False)),
        )
        where = "SELECT id FROM makers WHERE model = ? AND settings = ?"
        self.maker = int(self._one(where, maker.model, maker.settings))
        self.makers = makers_in(self._sql)
        self.is_new = self._one("SELECT 1 FROM films WHERE maker = ? LIMIT 1", self.maker) is None
        now, here = time.time(), (platform.node(), os.getpid())
        self.run = int(
            self._sql.execute(
                "INSERT INTO runs (host, process, started_s, seen_s) VALUES (?, ?, ?, ?)", (*here, now, now)
            ).lastrowid
            or 0
        )
        # Whoever ran before this process is gone: it held the lease.
        self._release()
        self._next = int(self._one("SELECT COALESCE(MAX(position) + 1, 0) FROM films WHERE maker = ?", self.maker))

    def _check(self) -> None:
        about = dict(self._sql.execute("SELECT key, value FROM about"))
        for key, value in self._shape.items():
            if about.setdefault(key, value) != value:
                raise ResultError(f"{self.path}: {_otherwise(key, about[key], value)}")
        self._sql.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", about.items())

    @property
    def others(self) -> list[MakerRow]:
        """What made the films of earlier runs, but for this one's."""
        found = {row[0] for row in self._sql.execute("SELECT DISTINCT maker FROM films")}
        return [maker for number, maker in self.makers.items() if number != self.maker and number in found]

    def known(self, film: str) -> Known | None:
        """What is known of a film."""
        row = self._sql.execute(
            "SELECT id, state, run, position, bytes, modified_ns, quick_sha256, drafted FROM films "
            "WHERE maker = ? AND film = ?",
            (self.maker, film),
        ).fetchone()
        return row and Known(row[0], row[1], row[2], row[3], Mark(row[4], row[5]), row[6] or "", bool(row[7]))

    def list_film(self, film: str, source: str, below: str, name: str, mark: Mark) -> None:
        """Writes down a film that has not been listed before; it waits.

        Args:
            film: its path, by which it is known.
            source: the path as it was given.
            below: folder below which its results stand; "" for none.
            name: stem of its results' names; "" for its own.
            mark: size and time of the file.
        """
        self._sql.execute(
            "INSERT INTO films (maker, position, film, source, below, name, bytes, modified_ns, state, run) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.maker,
                self._next,
                film,
                None if source == film else _kept(source),
                _kept(below),
                _kept(name),
                *mark,
                WAITING,
                self.run,
            ),
        )
        self._next += 1
        self.commit_at_times()

    def list_again(self, number: int, source: str, below: str, name: str, mark: Mark) -> None:
        """Lets a film wait that was listed in an earlier run.

        Args:
            number: of its row.
            source: the path as it was given this time.
            below: folder below which its results stand; "" for none.
            name: stem of its results' names; "" for its own.
            mark: size and time of the file now.
        """
        self._sql.execute(
            "UPDATE films SET state = ?, run = ?, source = ?, below = ?, name = ?, bytes = ?, modified_ns = ?, "
            "error = NULL WHERE id = ?",
            (WAITING, self.run, _kept(source), _kept(below), _kept(name), *mark, number),
        )
        self.commit_at_times()

    def all_listed(self) -> None:
        """Notes that the list has been read to its end: what is left can be counted."""
        self._sql.execute("UPDATE runs SET listed = 1 WHERE id = ?", (self.run,))

    def due(self, count: int) -> list[DueFilm]:
        """The next films that wait, in the list's order; they are queued."""
        rows = self._sql.execute(
            "SELECT id, position, film, source, below, name FROM films WHERE run = ? AND state = 'waiting' "
            "ORDER BY id LIMIT ?",
            (self.run, count),
        ).fetchall()
        self._sql.executemany("UPDATE films SET state = ? WHERE id = ?", [(QUEUED, row[0]) for row in rows])
        self.commit_at_times()
        return [DueFilm(*row[:3], *map(_given, (row[3] or row[2], *row[4:]))) for row in rows]

    def start(self, number: int) -> None:
        """A film is being worked on."""
        self._sql.execute(
            "UPDATE films SET state = ?, attempts = attempts + 1, started_s = ? WHERE id = ?",
            (RUNNING, time.time(), number),
        )
        self.commit_at_times()

    def finish(
        self, number: int, frames: int | None, seconds: float | None, host: str, digest: str, rows: bool
    ) -> None:
        """A film is done.

        Args:
            number: of the film.
            frames: that were processed.
            seconds: that it took.
            host: where.
            digest: quick hash of the source.
            rows: whether its rows wait as a draft.
        """
        self._sql.execute(
            "UPDATE films SET state = ?, frames = ?, seconds = ?, host = ?, quick_sha256 = ?, finished_s = ?, "
            "drafted = ?, error = NULL WHERE id = ?",
            (DONE, frames, seconds, host, digest, time.time(), rows, number),
        )
        self.commit_at_times()

    def fail(self, number: int, error: str) -> None:
        """A film cannot be done."""
        self._sql.execute(
            "UPDATE films SET state = ?, error = ?, finished_s = ? WHERE id = ?",
            (FAILED, printable(error), time.time(), number),
        )
        self.commit_at_times()

    def found_done(self, number: int, mark: Mark) -> None:
        """Nothing is to be done with a film in this run, whatever further names the list has for its file.

        Args:
            number: of its row.
            mark: size and time of the file now, which may have been touched.
        """
        self._sql.execute(
            "UPDATE films SET run = ?, bytes = ?, modified_ns = ? WHERE id = ?", (self.run, *mark, number)
        )
        self.commit_at_times()

    def release(self, number: int) -> None:
        """A film that was taken is not done in this run."""
        self._sql.execute("UPDATE films SET state = ?, run = 0 WHERE id = ?", (WAITING, number))

    def lost(self, film: str) -> None:
        """The rows of a film are gone: it waits."""
        self._sql.execute(
            "UPDATE films SET state = ?, run = 0, drafted = 0 WHERE maker = ? AND film = ?", (WAITING, self.maker, film)
        )

    def drafted_films(self) -> list[str]:
        """All films whose rows wait as drafts."""
        return [
            row[0] for row in self._sql.execute("SELECT film FROM films WHERE maker = ? AND drafted", (self.maker,))
        ]

    def waiting(self) -> int:
        """How many films of this run are still to be begun."""
        query = "SELECT COUNT(*) FROM films WHERE run = ? AND state = 'waiting'"
        return int(self._one(query, self.run)) + int(self._one("SELECT COUNT(*) FROM films WHERE state = 'queued'"))

    def forget(self) -> None:
        """Takes back what makes the rows of this run: it makes none."""
        self._sql.execute("DELETE FROM makers WHERE id = ?", (self.maker,))

    def drafted(self, first: int, end: int) -> dict[str, int]:
        """Films of a stretch of positions whose rows wait as drafts → their positions, in the list's order."""
        return dict(
            self._sql.execute(
                "SELECT film, position FROM films WHERE maker = ? AND drafted AND position >= ? AND position < ? "
                "ORDER BY position",
                (self.maker, first, end),
            )
        )

    def first_drafted(self, begin: int) -> int | None:
        """Position of the first film, from one on, whose rows wait as a draft."""
        query = "SELECT MIN(position) FROM films WHERE maker = ? AND drafted AND position >= ?"
        first: int | None = self._one(query, self.maker, begin)
        return first

    def is_settled(self, first: int, end: int) -> bool:
        """Whether every position of a stretch has its film, and none of them is still to come."""
        if self._next < end:
            return False
        where = "maker = ? AND state IN ('waiting', 'queued', 'running') AND position >= ? AND position < ?"
        return self._one(f"SELECT 1 FROM films WHERE {where} LIMIT 1", self.maker, first, end) is None

    def positions(self, films: Iterable[str]) -> dict[str, int]:
        """Where films stand in the list."""
        query = "SELECT position FROM films WHERE maker = ? AND film = ?"
        return {film: int(place) for film in films if (place := self._one(query, self.maker, film)) is not None}

    def stand(self, first: int, end: int) -> None:
        """The rows of a stretch of positions stand in their file now."""
        self._sql.execute(
            "UPDATE films SET drafted = 0 WHERE maker = ? AND drafted AND position >= ? AND position < ?",
            (self.maker, first, end),
        )
        self.commit()

    def commit_at_times(self) -> None:
        """Writes to disk what came in, if the last time was a moment ago. To be called while nothing comes in, too:
        what is not on disk nobody else sees, and of a lot of it SQLite may lock everybody out."""
        if time.monotonic() - self._committed >= COMMIT_S and self._sql.total_changes != self._changes:
            self.commit()

    def commit(self) -> None:
        """Writes to disk what came in."""
        with _told(self.path):
            if self._sql.in_transaction:
                self._sql.execute("UPDATE runs SET seen_s = ? WHERE id = ?", (time.time(), self.run))
                self._sql.execute("COMMIT")
            self._sql.execute("BEGIN IMMEDIATE")
        self._committed, self._changes = time.monotonic(), self._sql.total_changes

    def close(self) -> None:
        """Ends the run; films that were taken and not done wait again."""
        with _told(self.path):
            try:
                self._release()
                now = time.time()
                self._sql.execute("UPDATE runs SET ended_s = ?, seen_s = ? WHERE id = ?", (now, now, self.run))
                if self._sql.in_transaction:
                    self._sql.execute("COMMIT")
            finally:
                self._sql.close()

    def _release(self) -> None:
        """Films that were taken and not done wait again."""
        self._sql.execute("UPDATE films SET state = ? WHERE state IN ('queued', 'running')", (WAITING,))

    def _one(self, query: str, *values: object) -> Any:
        row = self._sql.execute(query, values).fetchone()
        return None if row is None else row[0]


def makers_in(sql: sqlite3.Connection) -> dict[int, MakerRow]:
    """The makers that an open manifest knows, by their number."""
    rows = sql.execute("SELECT id, model, settings, record FROM makers ORDER BY id")
    return {number: MakerRow(model, settings, json.loads(record)) for number, model, settings, record in rows}


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A manifest open for reading, also while a run writes it.

    Raises:
        ResultError: it cannot be read.
    """
    with _told(path):
        sql = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE_S)
        try:
            yield sql
        finally:
            sql.close()


def _kept(path: str) -> str | bytes | None:
    """A path as SQLite keeps it: as its bytes where these are not UTF-8; nothing for ""."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path or None


def _given(kept: str | bytes | None) -> str:
    """A path that was kept."""
    return os.fsdecode(kept or "")


def _otherwise(key: str, before: str, now: str) -> str:
    if key == "columns":
        told = "holds rows with other columns, as another model's classes or --baseline make them"
        return f"{told}: give another --dataset"
    if key == "shard":
        return f"was begun as --shard {'/'.join(map(str, json.loads(before)))}: go on so, or give another --dataset"
    return f"is of version {before}, and this is EmoScope's version {now}: give another --dataset"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ResultError(f"{path}: the manifest cannot be used ({error}): is the disk full, or away?") from None
    except sqlite3.DatabaseError as error:
        raise ResultError(f"{path}: no manifest, or a damaged one ({error}): move it away to begin anew") from None
