"""Reads the CSV that FER2013 was published as: one row per picture, 48×48 grey values in one cell.

    emotion,pixels,Usage
    0,70 80 82 72 58 …,Training

Numbers follow FER2013's own order, and 7 is contempt; names in words are read too. `Usage` is Training, PublicTest
or PrivateTest and may be missing. Columns may stand in any order, with spaces around their names, and after the mark
that spreadsheets put before UTF-8. `fer2013.csv` and Kaggle's `icml_face_data.csv` are such files.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.system.texts import HEAD_BYTES, encoding_of

from ..labels import CONTEMPT, EIGHT, FER2013_ORDER, canonical
from .records import OFFICIAL_SPLITS, Record
from .tree import Node, OnDisk

CELL_LIMIT = 1 << 20
"""Characters in a cell of pixels; enough for a picture of 512×512."""
NUMBERED = (*FER2013_ORDER, CONTEMPT)
NUMBERS = frozenset(map(str, range(len(NUMBERED))))
SHOWN = 60
"""Characters of a broken row that are shown."""
REST = "…"
"""Where the cells stand that a row has too many."""


def read_csv(path: Path | Node, labels: Sequence[str], others: bool = False) -> Iterator[Record]:
    """Yields every row's picture.

    Args:
        path: of the file.
        labels: of the classes that are known.
        others: whether pictures of other classes are yielded too.

    Raises:
        DataError: a column is missing, or a row is broken; the message names file, line and the row's beginning.
    """
    node = OnDisk(path) if isinstance(path, Path) else path
    for row, line in _rows(node):
        where = f"{node.name} line {line}"
        try:
            yield _record(row, where, labels, others)
        except _BrokenRowError as error:
            raise DataError(f"{where}: {error}: {_beginning(row)}") from None


def csv_classes(node: Node) -> set[str]:
    """The classes of a file's rows, without those that are none."""
    return {label for row, _ in _rows(node) if (label := _name(row["emotion"] or "", EIGHT, True))}


def count_rows(node: Node) -> int:
    """How many pictures a file has."""
    return sum(1 for _ in _rows(node))


def is_fer_csv(node: Node) -> bool:
    """Whether a file's first line names the columns of such a file."""
    with node.open() as file:
        first = io.TextIOWrapper(file, _encoding(node), "replace").readline(CELL_LIMIT)
    return {"emotion", "pixels"} <= {name.strip() for name in first.split(",")}


def _encoding(node: Node) -> str:
    with node.open() as file:
        return encoding_of(file.read(HEAD_BYTES))


class _BrokenRowError(Exception):
    """What is wrong with a row."""


def _rows(node: Node) -> Iterator[tuple[Mapping[str, str | None], int]]:
    """Every row with its line."""
    csv.field_size_limit(CELL_LIMIT)
    with node.open() as raw, io.TextIOWrapper(raw, _encoding(node), "replace", newline="") as file:
        reader = csv.DictReader(file, restkey=REST)
        try:
            reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
            _require_columns(node, reader.fieldnames)
            for row in reader:
                yield row, reader.line_num
        except csv.Error as error:
            raise DataError(f"{node} line {reader.line_num}: {error}") from None


def _require_columns(node: Node, found: Sequence[str]) -> None:
    missing = [name for name in ("emotion", "pixels") if name not in found]
    if missing and "Image name" in found:
        raise DataError(f"{node}: FER+ votes, no pictures: give FER2013's own CSV as DATA, and this with --votes")
    if missing:
        raise DataError(f"{node} line 1: no column {' and '.join(missing)}; expected emotion,pixels,Usage")


def _beginning(row: Mapping[str, Any]) -> str:
    """The first characters of a row."""
    cells = [cell for value in row.values() for cell in (value if isinstance(value, list) else [value or ""])]
    text = ",".join(cells)
    return repr(text[:SHOWN] + "…" * (len(text) > SHOWN))


def _record(row: Mapping[str, str | None], where: str, labels: Sequence[str], others: bool) -> Record:
    if REST in row:
        raise _BrokenRowError("more cells than the first line has names")
    usage = (row.get("Usage") or "").strip().lower()
    if usage and usage not in OFFICIAL_SPLITS:
        raise _BrokenRowError(f"Usage {(row['Usage'] or '')[:SHOWN]!r} is none of Training, PublicTest, PrivateTest")
    return Record(where, OFFICIAL_SPLITS.get(usage, ""), _label(row["emotion"], labels, others), _picture(row))


def _label(cell: str | None, labels: Sequence[str], others: bool) -> str:
    label = _name(cell or "", labels, others)
    if label is None:
        known = f"{len(NUMBERED) - 1 if CONTEMPT in labels else 6}"
        raise _BrokenRowError(
            f"emotion {(cell or '')[:SHOWN]!r} is no number (0–{known}) or name of {', '.join(labels)}"
        )
    return label


def _name(cell: str, labels: Sequence[str], others: bool) -> str | None:
    """The class that a number or a word means, or None."""
    name = NUMBERED[int(cell)] if cell.strip() in NUMBERS else cell
    return canonical(name, labels) or (canonical(name, EIGHT) if others else None)


def _picture(row: Mapping[str, str | None]) -> NDArray[np.uint8]:
    try:
        values = np.array((row["pixels"] or "").split(), dtype=np.int64)
    except (ValueError, OverflowError):
        raise _BrokenRowError("pixels are not whole numbers") from None
    edge = math.isqrt(len(values))
    if not edge or edge * edge != len(values) or values.min() < 0 or values.max() > 255:
        raise _BrokenRowError(f"{len(values)} pixels do not make a square of values 0–255")
    return values.reshape(edge, edge).astype(np.uint8)
