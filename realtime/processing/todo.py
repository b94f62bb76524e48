"""What is to be done of a list of inputs, where results stand in folders, as they do without a data set.

The first 10,000 inputs are checked before anything is begun, so that a name taken twice or a result made otherwise ends
the run at once. Of a longer list the rest is checked as it comes, and what is wrong with an input fails it alone.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from ..archive.layout import shard_for
from ..errors import EmoscopeError
from ..system.closing import Closing
from .batch import results_of
from .film import Outcome
from .inputs import Input, Named, names_in, stream
from .progress import LongTeller, Teller
from .results import Results, check_free, check_name, check_names, clash, undone
from .settings import Settings
from .unfinished import Unfinished

AHEAD = 10_000
"""Inputs that are checked before the first is begun."""
CHUNK = 1_000
"""Inputs of a longer list that are handed out together."""
DONE_BEFORE = "done before"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be processed, and where to.

    Attributes:
        inputs: files, folders and patterns, as the user names them.
        folder: of the results; None for beside each input.
        resume: whether inputs whose results are all there are skipped.
        overwrite: whether results that are there are replaced.
        jobs: processes that work at once; None for as many as the machine has cores and memory for.
        recursive: whether folders are searched with all that is below them; `folder` then gets the same tree.
        retries: how often an input is tried again whose error may pass.
        listing: a text file that names further inputs, `-` for standard input.
        shard: which part of how many this run does, from 1.
        cluster: the workers that do it; "" for this machine's own processes.
    """

    inputs: tuple[str, ...] | list[str]
    folder: Path | None = None
    resume: bool = False
    overwrite: bool = False
    jobs: int | None = None
    recursive: bool = False
    retries: int = 0
    listing: Path | None = None
    shard: tuple[int, int] = (1, 1)
    cluster: str = ""

    def names(self) -> Iterator[str]:
        """Everything that the user names, as it is needed."""
        return chain(self.inputs, names_in(self.listing) if self.listing is not None else ())

    def found(self, named: bool = True) -> Iterator[tuple[str, Input]]:
        """The inputs of this part, in order, each after its full path; see `stream`."""
        number, count = self.shard
        everything = stream(self.names(), self.recursive, named)
        return (
            everything if count == 1 else ((film, one) for film, one in everything if shard_for(film, count) == number)
        )

    def results(self, one: Input, settings: Settings) -> Results:
        """What an input is to become."""
        folder = None if self.folder is None else self.folder / one.below
        return results_of(one.path, folder, settings, one.name)


class FolderWork(Closing):
    """The inputs of a run whose results stand in folders; a context manager.

    Raises:
        ResultError: results are there already, were made otherwise, or would get the same name.
        SourceError: nothing is to be done.
    """

    def __init__(self, order: Order, settings: Settings) -> None:
        self._order, self._settings = order, settings
        self._found = self._inputs()
        self._names = Names()
        first = [order.results(one, settings) for one in islice(self._found, AHEAD)]
        self._first = first
        check_names(first)
        for results in first if len(first) == AHEAD else ():
            self._names.check(results)
        self._todo = self._undone(first)
        for results in {one.folder: one for one in self._todo}.values() if order.folder is not None else ():
            results.make_room()

    def close(self) -> None:
        """Lets go of the names."""
        self._names.close()

    def teller(self) -> Teller:
        """Speaks of the run as it goes on."""
        sources = [results.source for results in self._todo]
        return Teller(sources) if len(self._first) < AHEAD else LongTeller()

    def chunks(self) -> Iterator[list[Results | Outcome]]:
        """What is to be done, and what has become of inputs with which nothing is to be done."""
        there = {results.source for results in self._todo}
        skipped = [_skipped(results) for results in self._first if results.source not in there]
        yield [*skipped, *self._todo]
        while chunk := [self._checked(one) for one in islice(self._found, CHUNK)]:
            yield chunk

    def note(self, outcome: Outcome) -> None:
        """Hears what has become of an input."""

    def started(self, source: Path) -> None:
        """Hears that an input is being worked on."""

    def beat(self) -> None:
        """Hears that time passes."""

    def finish(self) -> None:
        """Hears that nothing more is to come."""

    def _inputs(self) -> Iterator[Input]:
        named = Named()
        return (one for _, one in self._order.found() if named.first(one))

    def _undone(self, everything: list[Results]) -> list[Results]:
        if self._order.overwrite:
            return everything
        if not self._order.resume or self._settings.maker is None:
            check_free(everything)
            return everything
        return undone(everything, self._settings.maker)

    def _checked(self, one: Input) -> Results | Outcome:
        results = self._order.results(one, self._settings)
        try:
            check_name(results)
            self._names.check(results)
            if not self._undone([results]):
                return _skipped(results)
            results.make_room()
        except EmoscopeError as error:
            return Outcome(results.source, error=str(error))
        return results


class Names:
    """Knows the names of all results of a run, on disk, so that memory stays flat."""

    def __init__(self) -> None:
        self._sql = sqlite3.connect("", isolation_level=None)
        self._sql.execute("CREATE TABLE names (digest INTEGER PRIMARY KEY, source BLOB NOT NULL)")
        self._sql.execute("BEGIN")

    def check(self, results: Results) -> None:
        """ResultError where other results have this name already."""
        final, source = results.final(results.kinds[-1]), os.fsencode(results.source)
        digest = int.from_bytes(hashlib.sha256(os.fsencode(final)).digest()[:8], "big", signed=True)
        self._sql.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (digest, source))
        other = self._sql.execute("SELECT source FROM names WHERE digest = ?", (digest,)).fetchone()[0]
        if other != source:
            raise clash(Path(os.fsdecode(other)), results.source, final)

    def close(self) -> None:
        """Lets go of the file."""
        self._sql.close()


def _skipped(results: Results) -> Outcome:
    if results.work.is_dir():  # the run was killed between the last name that it gave and the removal
        with suppress(EmoscopeError), results.lease():
            Unfinished(results.work).remove()
    return Outcome(results.source, skipped=f"{DONE_BEFORE}: {results.existing[-1]}")
