"""Drafts of single films into files of many: 10,000 films a file, in the list's order.

    position    0 … 9,999    10,000 … 19,999
    file        part-00000   part-00001          closed when all of its films are done or have failed,
                                                 or when the run ends

A file is made anew, from its own rows and the drafts, when films come in later. Its bytes depend on its films and their
order alone: not on which was done first, by whom, nor on how often the run was ended in between.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ResultError, unwritten
from .drafts import KEY
from .layout import Layout
from .manifest import MakerRow, Manifest

FILMS = 10_000
"""In one file."""
GROUP_ROWS = 100_000
"""In one row group, which is held in memory while it is made."""
BATCH_ROWS = 10_000
COMPRESSION = "zstd"


@dataclass(slots=True)
class Parts:
    """The files of rows of one maker.

    Attributes:
        layout: of the data set.
        manifest: that this process writes.
        maker: of the rows.
        films: in one file.
    """

    layout: Layout
    manifest: Manifest
    maker: MakerRow
    films: int = FILMS
    _standing: dict[int, array[int]] = field(default_factory=dict, repr=False)

    def hold(self, film: str, position: int) -> bool:
        """Whether the file of a position held a film's rows when it was first asked about.

        Raises:
            ResultError: it is damaged.
        """
        number = position // self.films
        if number not in self._standing:
            found = films_in(self.layout.part(self.maker, number))
            # Eight bytes a film, for a list in another order comes back to each file again and again.
            self._standing[number] = array("q", sorted(hash(name) for name, _ in found))
        known, wanted = self._standing[number], hash(film)
        place = bisect_left(known, wanted)
        return place < len(known) and known[place] == wanted

    def close_settled(self, position: int) -> None:
        """Closes the file that holds a position, if nothing is to come into it any more."""
        number = position // self.films
        if self.manifest.is_settled(number * self.films, (number + 1) * self.films):
            self.close(number)

    def close_all(self) -> list[Path]:
        """Closes every file for which there are drafts; returns them."""
        closed, begin = [], 0
        while (position := self.manifest.first_drafted(begin)) is not None:
            number = position // self.films
            closed.append(self.close(number))
            begin = (number + 1) * self.films
        return closed

    def close(self, number: int) -> Path:
        """Writes a file from its drafts and the rows that it holds already.

        Raises:
            ResultError: it cannot be written; the drafts are still there.
        """
        first, end = number * self.films, (number + 1) * self.films
        path = self.layout.part(self.maker, number)
        new = {film: self.layout.draft_file(film) for film in self.manifest.drafted(first, end)}
        if not new:
            return path
        draft = self.layout.drafts / f"{path.name}.part"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(draft, path, new, self.manifest)
            draft.replace(path)
        except OSError as error:
            raise unwritten(path, error) from None
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        self.manifest.stand(first, end)
        for file in new.values():
            with suppress(OSError):
                file.unlink()
        return path


def films_in(path: Path) -> list[tuple[str, int]]:
    """The films of a file of rows and how many rows each has, in order; nothing where there is no such file.

    Raises:
        ResultError: it is damaged.
    """
    import pyarrow.parquet

    if not path.exists():
        return []
    try:
        metadata = pyarrow.parquet.read_metadata(path).metadata or {}
        return [(film, rows) for film, rows in json.loads(metadata[KEY])]
    except (OSError, pyarrow.ArrowException, KeyError, ValueError, TypeError) as error:
        raise ResultError(f"{path}: no file of a data set, or a damaged one ({error}): move it away") from None


def _write(draft: Path, path: Path, new: dict[str, Path], manifest: Manifest) -> None:
    """Writes the films of a file and the new ones, by position; a new draft stands in for what was there."""
    import pyarrow.parquet as parquet

    there = dict(films_in(path))
    places = manifest.positions([*there, *new])
    if stray := there.keys() - places.keys():
        told = f"holds rows of {min(stray)}, of which {manifest.path.name} knows nothing: move one of both away"
        raise ResultError(f"{path}: {told}")
    with ExitStack() as stack:
        old = _Stream(stack.enter_context(parquet.ParquetFile(path)), there) if there else None
        films: list[tuple[str, int]] = []
        writer: Any = None
        held: list[Any] = []
        for film in sorted(places, key=places.__getitem__):
            table = _table(new[film]) if film in new else old.table(film)  # type: ignore[union-attr]
            films.append((film, table.num_rows))
            if writer is None:
                schema = table.schema.remove_metadata()
                writer = stack.enter_context(parquet.ParquetWriter(draft, schema, compression=COMPRESSION))
            held.append(table.replace_schema_metadata(None))
            held = _flush(writer, held, GROUP_ROWS)
        if writer is not None:
            _flush(writer, held, 1)
            writer.add_key_value_metadata({KEY: json.dumps(films)})


def _flush(writer: Any, held: list[Any], least: int) -> list[Any]:
    """Writes full row groups; returns the rest, which is less than one."""
    import pyarrow

    count = sum(table.num_rows for table in held)
    if count < least or not count:
        return held
    whole = pyarrow.concat_tables(held)
    end = count - count % GROUP_ROWS if least > 1 else count
    for start in range(0, end, GROUP_ROWS):
        piece = whole.slice(start, min(GROUP_ROWS, end - start)).combine_chunks()
        writer.write_table(piece, row_group_size=GROUP_ROWS)
    return [whole.slice(end)] if end < count else []


def _table(path: Path) -> Any:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        return file.read()


class _Stream:
    """The rows of a file, film by film in its own order, without holding the file."""

    def __init__(self, file: Any, films: dict[str, int]) -> None:
        self._pieces: Iterator[Any] = file.iter_batches(BATCH_ROWS)
        self._left = iter(films.items())
        self._schema = file.schema_arrow
        self._held: Any = None

    def table(self, wanted: str) -> Any:
        """The rows of a film; those of films before it are passed over."""
        for film, count in self._left:
            table = self._take(count)
            if film == wanted:
                return table
        raise AssertionError(f"{wanted} stands before its place")

    def _take(self, count: int) -> Any:
        import pyarrow

        taken = []
        while count > 0:
            if self._held is None or not self._held.num_rows:
                self._held = next(self._pieces)
            part = self._held.slice(0, count)
            taken.append(part)
            count -= part.num_rows
            self._held = self._held.slice(part.num_rows)
        return pyarrow.Table.from_batches(taken, self._schema)
