"""Reads the CSV that FER2013 was published as: one row per picture, 48×48 grey values in one cell.

    emotion,pixels,Usage
    0,70 80 82 72 58 …,Training

Numbers follow FER2013's own order; `Usage` is Training, PublicTest or PrivateTest and may be missing. Columns may stand
in any order, with spaces around their names, and after the mark that spreadsheets put before UTF-8.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError

from ..labels import FER2013_ORDER, canonical
from .records import OFFICIAL_SPLITS, Record

CELL_LIMIT = 1 << 20
"""Characters in a cell of pixels; enough for a picture of 512×512."""


def read_csv(path: Path, labels: Sequence[str]) -> Iterator[Record]:
    """Yields every row's picture.

    Raises:
        DataError: a column is missing, or a row is broken; the message names file and line.
    """
    csv.field_size_limit(CELL_LIMIT)
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.DictReader(file)
        try:
            reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
            _require_columns(path, reader.fieldnames)
            for row in reader:
                yield _record(row, f"{path.name} line {reader.line_num}", labels)
        except csv.Error as error:
            raise DataError(f"{path} line {reader.line_num}: {error}") from None


def _require_columns(path: Path, found: Sequence[str]) -> None:
    missing = [name for name in ("emotion", "pixels") if name not in found]
    if missing:
        raise DataError(f"{path} line 1: no column {' and '.join(missing)}; expected emotion,pixels,Usage")


def _record(row: Mapping[str, str | None], where: str, labels: Sequence[str]) -> Record:
    usage = (row.get("Usage") or "").strip().lower()
    if usage and usage not in OFFICIAL_SPLITS:
        raise DataError(f"{where}: Usage {row['Usage']!r} is none of Training, PublicTest, PrivateTest")
    return Record(where, OFFICIAL_SPLITS.get(usage, ""), _label(row["emotion"], where, labels), _picture(row, where))


def _label(cell: str | None, where: str, labels: Sequence[str]) -> str:
    number = int(cell) if cell and cell.strip().isdecimal() else -1
    label = canonical(FER2013_ORDER[number], labels) if 0 <= number < len(FER2013_ORDER) else None
    if label is None:
        raise DataError(f"{where}: emotion {cell!r} is no number of a class (0–6) among {', '.join(labels)}")
    return label


def _picture(row: Mapping[str, str | None], where: str) -> NDArray[np.uint8]:
    try:
        values = np.array((row["pixels"] or "").split(), dtype=np.int64)
    except (ValueError, OverflowError):
        raise DataError(f"{where}: pixels are not whole numbers") from None
    edge = math.isqrt(len(values))
    if not edge or edge * edge != len(values) or values.min() < 0 or values.max() > 255:
        raise DataError(f"{where}: {len(values)} pixels do not make a square of values 0–255")
    return values.reshape(edge, edge).astype(np.uint8)
