"""Where the things of a data set stand.

    DATASET/rows/model=ferplus-1a2b3c4d5e6f/settings=s0f1e2d3c4b5a/part-00000.parquet     up to 10,000 films each
    DATASET/manifest.sqlite            what has become of each film
    DATASET/drafts/                    rows of films that do not stand in a part yet

`rows` holds nothing but Parquet, so that pandas, polars, DuckDB and R's arrow read the whole folder as one table. Model
and settings are names of folders, and thereby columns; a letter in them keeps readers from seeing numbers there.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import ResultError
from .manifest import MakerRow, reading

ROWS, DRAFTS, MANIFEST = "rows", "drafts", "manifest"
DRAFT = ".faces.parquet"
"""End of a draft's name, as of the table that stands beside a film."""
MANIFESTS = "manifest*.sqlite"
ODD = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folder of a data set, as one part of a run sees it.

    Attributes:
        folder: of the data set.
        shard: which part of how many, from 1; (1, 1) for a run of its own.
    """

    folder: Path
    shard: tuple[int, int] = (1, 1)

    @property
    def manifest(self) -> Path:
        """Of this part."""
        return self.folder / f"{MANIFEST}{self._part}.sqlite"

    @property
    def lock(self) -> Path:
        """Who holds it writes the manifest and the rows of this part."""
        return self.folder / f"{MANIFEST}{self._part}.lock"

    @property
    def drafts(self) -> Path:
        """Rows of films that do not stand in a part yet."""
        return self.folder / f"{DRAFTS}{self._part}"

    def part(self, maker: MakerRow, number: int) -> Path:
        """A file of rows."""
        start = f"{self._part[1:]}-" if self._part else ""
        return self.rows(maker) / f"part-{start}{number:05}.parquet"

    def rows(self, maker: MakerRow) -> Path:
        """The folder of a maker's rows."""
        return self.folder / ROWS / f"model={maker.model}" / f"settings={maker.settings}"

    def draft(self, film: str) -> Path:
        """A film's rows until they stand in a part, without the end of the name."""
        return self.drafts / key_of(film)

    def draft_file(self, film: str) -> Path:
        """A film's rows until they stand in a part."""
        return self.drafts / f"{key_of(film)}{DRAFT}"

    def make(self) -> None:
        """Makes the folders.

        Raises:
            ResultError: they cannot be made, or the data set was shared out otherwise.
        """
        try:
            for folder in (self.folder / ROWS, self.drafts):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ResultError(f"{self.folder}: cannot be made a data set ({error.strerror})") from None
        for other in self.folder.glob(MANIFESTS):
            if shard_of(other)[1] != self.shard[1]:
                told = "was begun as a run of its own" if shard_of(other) == (1, 1) else _begun(other)
                raise ResultError(f"{self.folder}: {told}: go on so, or give another --dataset")

    def check_columns(self, columns: str) -> None:
        """ResultError where another part of the data set has other columns; `columns` as the manifest holds them."""
        for other in self.folder.glob(MANIFESTS):
            if other != self.manifest:
                with reading(other) as sql:
                    found = sql.execute("SELECT value FROM about WHERE key = 'columns'").fetchone()
                if found and found[0] != columns:
                    raise ResultError(f"{other}: holds rows with other columns: give another --dataset")
                return

    @property
    def _part(self) -> str:
        number, count = self.shard
        width = len(str(count))
        return "" if count == 1 else f"-{number:0{width}}-of-{count}"


def is_dataset(folder: Path) -> bool:
    """Whether a folder is a data set."""
    return folder.is_dir() and next(folder.glob(MANIFESTS), None) is not None


def shard_of(manifest: Path) -> tuple[int, int]:
    """Which part of how many a manifest belongs to."""
    found = re.fullmatch(rf"{MANIFEST}-(\d+)-of-(\d+)", manifest.stem)
    return (int(found[1]), int(found[2])) if found else (1, 1)


def key_of(film: str) -> str:
    """A short name for a film's path, no two of them alike."""
    return hashlib.sha256(film.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def plain(text: str) -> str:
    """A name without what a folder's name or a reader of it could take for something else."""
    return ODD.sub("_", text) or "_"


def shard_for(film: str, count: int) -> int:
    """The part, from 1, to which a film belongs: told by its path alone, whatever else is listed."""
    return int(key_of(film), 16) % count + 1


def _begun(manifest: Path) -> str:
    number, count = shard_of(manifest)
    return f"was begun in {count} parts (--shard {number}/{count})"
