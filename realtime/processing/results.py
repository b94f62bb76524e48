"""Where the results of an input go, and how they come there at once: under a name for drafts, renamed when whole.

NAME.emoscope.mp4.part  ──whole──▶ NAME.emoscope.mp4
                        ──Ctrl-C─▶ NAME.emoscope.partial.mp4
                        ──error──▶ removed

The summary goes first when results are replaced and comes last: it tells what made them all. Where results go to a
server, all of this but the last step happens in a folder of this machine (`here`).
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import ResultError, unwritten
from ..report import summary
from ..report.rows import FORMATS
from ..system.address import ServerPath
from ..system.folders import cache_folder
from ..system.lease import Lease
from .record import Maker, path_of

VIDEO, PICTURE, ROWS, CHART, SUMMARY = ".emoscope.mp4", ".emoscope.png", ".faces", ".timeline.png", summary.SUMMARY
PICTURED = (VIDEO, PICTURE, CHART, ".emoscope.partial.mp4", ".timeline.partial.png")
"""Ends of the results that could be taken for inputs."""


@dataclass(frozen=True, slots=True)
class Results:
    """The results of one input.

    Attributes:
        source: the input.
        folder: where they stand.
        kinds: ends of their names, the summary last.
        name: with which their names begin; "" for the source's own without its suffix.
        rows: where the table stands if not in this folder: its path without the end of its name.
    """

    source: Path
    folder: Path
    kinds: tuple[str, ...]
    name: str = ""
    rows: Path | None = None

    @property
    def stem(self) -> str:
        """With which all names begin."""
        return self.name or self.source.stem

    def final(self, kind: str) -> Path:
        """A result when it is whole."""
        return self._place(kind, kind)

    def draft(self, kind: str) -> Path:
        """A result while it is written."""
        return self._place(kind, f"{kind}.part", self.here)

    def partial(self, kind: str) -> Path:
        """A result that was interrupted: playable, and its name says what it is."""
        start, _, suffix = kind.rpartition(".")
        return self._place(kind, f"{start}.partial.{suffix}")

    def stands_elsewhere(self, kind: str) -> bool:
        """Whether a result goes into a data set, not into the folder."""
        return self.rows is not None and kind.startswith(ROWS)

    @property
    def here(self) -> Path:
        """The folder on this machine in which they come about."""
        if not isinstance(self.folder, ServerPath):
            return self.folder
        return cache_folder() / "unfinished" / hashlib.sha256(str(self.folder).encode("utf-8")).hexdigest()[:16]

    def make_room(self) -> None:
        """Makes the folders that they go to.

        Raises:
            ResultError: they cannot be made.
        """
        for folder in dict.fromkeys((self.folder, self.here)):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ResultError(f"{folder}: cannot be made a folder for results ({error.strerror})") from None

    def _place(self, kind: str, end: str, folder: Path | None = None) -> Path:
        if self.rows is not None and kind.startswith(ROWS):
            return self.rows.with_name(f"{self.rows.name}{end}")
        return (folder or self.folder) / f"{self.stem}{end}"

    def absolute(self) -> Results:
        """The same, under names that do not depend on where a process was started."""
        rows = None if self.rows is None else self.rows.absolute()
        return replace(self, source=self.source.absolute(), folder=self.folder.absolute(), rows=rows)

    @property
    def beside(self) -> Results:
        """Those of them that stand in the folder."""
        return replace(self, kinds=tuple(kind for kind in self.kinds if not self.stands_elsewhere(kind)))

    @property
    def whole(self) -> bool:
        """Whether all are there already."""
        return all(self.final(kind).exists() for kind in self.kinds)

    @property
    def existing(self) -> list[Path]:
        """Those that are there already."""
        return [self.final(kind) for kind in self.kinds if self.final(kind).exists()]

    def since_s(self) -> float:
        """When the summary was written, in seconds as `time.time` counts them; 0 where there is none."""
        try:
            return self.final(SUMMARY).stat().st_mtime
        except OSError:
            return 0.0

    def foreign(self, maker: Maker) -> str:
        """What is wrong with results that are there, as one line; "" where there are none, or this maker made them.

        A run that was killed while it gave results their names leaves its summary as a whole draft.
        """
        if not self.existing:
            return ""
        record = summary.read_record(self.final(SUMMARY)) or summary.read_record(self.draft(SUMMARY))
        if record is None:
            return f"{self.existing[0]} has no record of what made it"
        differences = maker.differences(self.source, record)
        return f"{self.existing[0]} was made {', '.join(differences)}" if differences else ""

    @property
    def size(self) -> int:
        """Of the source, in bytes; 0 where that is not known."""
        try:
            return self.source.stat().st_size
        except OSError:
            return 0

    @property
    def work(self) -> Path:
        """The hidden folder of what an unfinished run has done."""
        place = self._beside(".emoscope.work")
        return place.with_name(f".{place.name}")

    def lease(self) -> Lease:
        """Keeps other runs off these results."""
        return Lease(self._beside(".emoscope.lock"), str(self.source))

    def _beside(self, end: str) -> Path:
        """Where something stands beside the results."""
        alone = all(self.stands_elsewhere(kind) for kind in self.kinds)
        return self._place(ROWS if alone else SUMMARY, end, self.here)


class AtomicResults:
    """Results being written; a context manager that leaves nothing behind but what was `finish`ed or `interrupt`ed."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self._written: list[str] = []

    def path(self, kind: str) -> Path:
        """Where to write a result."""
        self._written.append(kind)
        return self.results.draft(kind)

    def finish(self, overwrite: bool = False) -> list[Path]:
        """Gives all results their final names.

        Args:
            overwrite: whether tables of the film that earlier runs wrote in other formats make room for the new one.
        """
        replaced = self._replaced() if overwrite else []
        for kind in self._written:
            self.results.partial(kind).unlink(missing_ok=True)
        if SUMMARY in self._written:
            self.results.final(SUMMARY).unlink(missing_ok=True)
        # A table that goes into a data set comes last of all: it says that its film is done.
        last = sorted(self._written, key=lambda kind: (self.results.stands_elsewhere(kind), kind == SUMMARY))
        done = self._rename([(kind, self.results.final(kind)) for kind in last])
        for path in replaced:
            with suppress(OSError):  # another program holds it: who reads tables will say that there are two
                path.unlink(missing_ok=True)
        return [path for path in done if path.parent == self.results.folder]

    def _replaced(self) -> list[Path]:
        """Tables in other formats than the one that is written, where the summary beside them is of the same film."""
        if not any(kind.startswith(ROWS) and not self.results.stands_elsewhere(kind) for kind in self._written):
            return []
        made_of = (summary.read_record(self.results.final(SUMMARY)) or {}).get("source")
        if not isinstance(made_of, dict) or made_of.get("path") != path_of(self.results.source):
            return []
        kinds = (ROWS + table.suffix for table in FORMATS.values())
        return [self.results.final(kind) for kind in kinds if kind not in self._written]

    def interrupt(self) -> list[Path]:
        """Gives what is there names that say *partial*."""
        kept = (kind for kind in self._written if not self.results.stands_elsewhere(kind))
        return self._rename([(kind, self.results.partial(kind)) for kind in kept])

    def __enter__(self) -> AtomicResults:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # where it cannot be removed it could not be written either
            for name in self._written:
                self.results.draft(name).unlink(missing_ok=True)

    def _rename(self, names: Iterable[tuple[str, Path]]) -> list[Path]:
        done = []
        for kind, path in names:
            if self.results.draft(kind).exists():
                _move(self.results.draft(kind), path)
                done.append(path)
        return done


def _move(draft: Path, path: Path) -> None:
    """Gives a whole draft its name, on a server too."""
    if not isinstance(path, ServerPath):
        draft.replace(path)
        return
    try:
        path.put(draft)
    except OSError as error:
        raise unwritten(path, error) from error
    draft.unlink()


def is_result(path: str | Path) -> bool:
    """Whether a name is a film's or picture's that `process` writes: shells name these too, where `*.png` is asked for.

    What is taken from folders is a matter of `is_ours`, which knows figures besides.
    """
    return str(path).endswith(PICTURED)


def check_names(all_results: Sequence[Results]) -> None:
    """ResultError where results would get the same name, or one that the system does not take."""
    owners: dict[Path, Path] = {}
    for results in all_results:
        check_name(results)
        for kind in results.kinds:
            other = owners.setdefault(results.final(kind), results.source)
            if other != results.source:
                raise clash(other, results.source, results.final(kind))


def clash(first: Path, second: Path, final: Path) -> ResultError:
    """What to raise where the results of two inputs would get the same name."""
    cure = "rename one, process them into different folders with -o, or name their folder with --recursive"
    return ResultError(f"{first} and {second} would both become {final}: {cure}")


def check_free(all_results: Sequence[Results]) -> None:
    """ResultError where results are there already."""
    existing = [path for results in all_results for path in results.existing]
    if existing:
        more = f" and {len(existing) - 1} more results" if len(existing) > 1 else ""
        raise ResultError(f"{existing[0]}{more} exist already: --resume skips what is done, --overwrite does it again")


def undone(all_results: Sequence[Results], maker: Maker) -> list[Results]:
    """Those that this maker has not made yet.

    Raises:
        ResultError: results are there that were made otherwise, or do not say how.
    """
    wrong = [told for results in all_results if (told := results.foreign(maker))]
    if wrong:
        more = f" (and {len(wrong) - 1} more like it)" if len(wrong) > 1 else ""
        cure = "--overwrite does it again, another -o keeps both"
        raise ResultError(f"{wrong[0]}{more}: nothing to resume: {cure}")
    return [results for results in all_results if not results.whole]


def check_name(results: Results) -> None:
    """ResultError where the system does not take names as long as the results' would be."""
    for kind in results.kinds:
        try:
            results.draft(kind).stat()
            if not isinstance(results.folder, ServerPath):
                results.partial(kind).stat()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                told = f"{results.source}: too long a name for a result to end in {kind}: rename it"
                raise ResultError(told) from None
