"""Where the results of an input go, and how they come there: under a name for drafts, renamed when they are whole.

NAME.emoscope.mp4.part  ──whole──▶ NAME.emoscope.mp4
                        ──Ctrl-C─▶ NAME.emoscope.partial.mp4
                        ──error──▶ removed
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ..errors import ResultError, unwritten
from ..system.locks import Lock

VIDEO, PICTURE, ROWS, CHART, SUMMARY = ".emoscope.mp4", ".emoscope.png", ".faces", ".timeline.png", ".summary.json"
PICTURED = (VIDEO, PICTURE, CHART, ".emoscope.partial.mp4", ".timeline.partial.png")
"""Ends of the results that could be taken for inputs."""


@dataclass(frozen=True, slots=True)
class Results:
    """The results of one input.

    Attributes:
        source: the input.
        folder: where they stand.
        kinds: ends of their names, the one that tells that all is done last.
    """

    source: Path
    folder: Path
    kinds: tuple[str, ...]

    def final(self, kind: str) -> Path:
        """A result when it is whole."""
        return self.folder / f"{self.source.stem}{kind}"

    def draft(self, kind: str) -> Path:
        """A result while it is written."""
        return self.folder / f"{self.source.stem}{kind}.part"

    def lock(self, kind: str) -> Path:
        """What is there while a run writes a result."""
        return self.folder / f"{self.source.stem}{kind}.lock.part"

    def partial(self, kind: str) -> Path:
        """A result that was interrupted: playable, and its name says what it is."""
        start, _, suffix = kind.rpartition(".")
        return self.folder / f"{self.source.stem}{start}.partial.{suffix}"

    @property
    def whole(self) -> bool:
        """Whether all are there already."""
        return all(self.final(kind).exists() for kind in self.kinds)

    @property
    def existing(self) -> list[Path]:
        """Those that are there already."""
        return [self.final(kind) for kind in self.kinds if self.final(kind).exists()]


class Drafts:
    """Results being written; a context manager that leaves nothing behind but what was `finish`ed or `interrupt`ed."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self._written: list[str] = []
        self._locks = ExitStack()

    def path(self, kind: str) -> Path:
        """Where to write a result.

        Raises:
            ResultError: another run is writing it, or it cannot be written there.
        """
        draft = self.results.draft(kind)
        _hold(draft, self.results.lock(kind), self._locks)
        self._written.append(kind)
        return draft

    def finish(self) -> list[Path]:
        """Gives all results their final names."""
        for kind in self._written:
            self.results.partial(kind).unlink(missing_ok=True)
        return self._rename([(kind, self.results.final(kind)) for kind in self._written])

    def interrupt(self) -> list[Path]:
        """Gives what is there names that say *partial*."""
        return self._rename([(kind, self.results.partial(kind)) for kind in self._written])

    def __enter__(self) -> Drafts:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._locks, suppress(OSError):  # where it cannot be removed it could not be written either
            for name in self._written:
                self.results.draft(name).unlink(missing_ok=True)

    def _rename(self, names: Iterable[tuple[str, Path]]) -> list[Path]:
        done = []
        for kind, path in names:
            if self.results.draft(kind).exists():
                self.results.draft(kind).replace(path)
                done.append(path)
        return done


def _hold(draft: Path, lock: Path, locks: ExitStack) -> None:
    """Keeps other runs off a draft until this one ends, however it does."""
    try:
        locks.enter_context(Lock(lock))
        draft.touch()
    except BlockingIOError:
        told = f"{draft}: another run is writing this result: wait for it, or choose another -o"
        raise ResultError(told) from None
    except OSError as error:
        raise unwritten(draft, error) from None


def is_result(path: Path) -> bool:
    """Whether a film's or picture's name says that EmoScope made it."""
    return path.name.endswith(PICTURED)


def check_free(all_results: Sequence[Results], overwrite: bool, resume: bool) -> None:
    """ResultError where results would get the same name, or overwrite others without leave."""
    owners: dict[Path, Path] = {}
    for results in all_results:
        _check_name(results)
        for kind in results.kinds:
            other = owners.setdefault(results.final(kind), results.source)
            if other != results.source:
                told = f"{other} and {results.source} would both become {results.final(kind)}"
                raise ResultError(f"{told}: rename one, or process them into different folders with -o")
    existing = [path for results in all_results for path in results.existing]
    if existing and not (overwrite or resume):
        more = f" and {len(existing) - 1} more results" if len(existing) > 1 else ""
        raise ResultError(f"{existing[0]}{more} exist already: --resume skips what is done, --overwrite does it again")


def _check_name(results: Results) -> None:
    """ResultError where the system does not take names as long as the results' would be."""
    for kind in results.kinds:
        try:
            results.lock(kind).stat()
            results.partial(kind).stat()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                told = f"{results.source}: too long a name for a result to end in {kind}: rename it"
                raise ResultError(told) from None
