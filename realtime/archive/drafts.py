"""The rows of one film on their way into a data set: a Parquet file that says whose they are.

    film,source,frame,time_s,face,x,y,width,height,confidence,emotion,angry,…,quality,prior

`film` is the file's full path, `source` the beginning of a hash of its content. A draft that is there is whole, so a
run that fell takes up every film that was finished, whatever the manifest knows of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..report.rows import ParquetRows, Row, columns_of
from .layout import DRAFT
from .manifest import Mark

FILM, SOURCE = "film", "source"
KEY = b"emoscope"
"""Under which a file's metadata say whose rows it holds."""


class Whose(NamedTuple):
    """Whose rows a draft holds, and what made them.

    Attributes:
        film: its full path.
        source: beginning of the hash of its content.
        mark: of the file when it was read.
        maker: model and settings, as the data set's folders name them.
    """

    film: str
    source: str
    mark: Mark
    maker: tuple[str, str]

    def encoded(self) -> bytes:
        """As metadata."""
        return json.dumps(self).encode("ascii")

    @classmethod
    def decoded(cls, data: bytes) -> Whose:
        """From metadata."""
        film, source, mark, maker = json.loads(data)
        return cls(film, source, Mark(*mark), (maker[0], maker[1]))


class DraftRows(ParquetRows):
    """A film's rows, growing.

    Args:
        path: the file.
        labels, prior, relative, numbers: see `Rows`.
        whose: rows they are.
    """

    def __init__(
        self,
        path: Path,
        labels: Sequence[str],
        prior: float | None,
        relative: bool,
        whose: Whose,
        numbers: Sequence[str] = (),
    ) -> None:
        self._whose = whose
        super().__init__(path, labels, prior, relative, numbers)

    def _write(self, rows: list[Row]) -> None:
        super()._write([(self._whose.film, self._whose.source, *row) for row in rows])

    def _columns(self) -> Any:
        plain = super()._columns()
        text = self._arrow.string()
        front = [(FILM, text), (SOURCE, text), *((field.name, field.type) for field in plain)]
        return self._arrow.schema(front, metadata={KEY: self._whose.encoded()})


def dataset_columns(labels: Sequence[str], relative: bool, numbers: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the columns of a data set's files."""
    return (FILM, SOURCE, *columns_of(labels, relative, numbers=numbers))


def whose_draft(path: Path) -> Whose | None:
    """Whose rows a draft holds; None where it is damaged or no draft."""
    import pyarrow
    import pyarrow.parquet

    try:
        metadata = pyarrow.parquet.read_metadata(path).metadata or {}
        return Whose.decoded(metadata[KEY])
    except (OSError, pyarrow.ArrowException, KeyError, ValueError, TypeError):
        return None


def drafts_in(folder: Path) -> list[Path]:
    """All drafts that are whole."""
    return sorted(folder.glob(f"*{DRAFT}"))
