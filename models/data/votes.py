"""FER+ votes: what ten people saw in each picture of FER2013 (Barsoum et al. 2016, arXiv:1608.01041).

    file,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF
    train/happy/Training_10019449.jpg,1,9,0,0,0,0,0,0,0,0

    Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF
    Training,fer0000000.png,1,9,0,0,0,0,0,0,0,0

The first layout names files of a folder. The second is Microsoft's own, whose rows are those of FER2013's CSV.

A picture's target is the share of all its votes that each class got. Votes for what is no class here (contempt,
unknown, no face) leave a row that sums to less than one: such a picture counts for less in training.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.system.texts import no_text, open_text

from ..labels import canonical
from .records import OFFICIAL_SPLITS

Targets = NDArray[np.float32]

NAMES = ("file", "Usage", "Image name")
"""Columns that are no votes."""
LINE = re.compile(r" line \d+$")
"""The end of the name of a picture from a CSV file."""


def read_votes(path: Path, labels: Sequence[str]) -> dict[str, Targets]:
    """Shares of votes, (K,) float32, by the key of each picture (see `key`).

    Raises:
        DataError: the file is missing, has no column `file` or no column for a class, or a row is broken.
    """
    votes: dict[str, Targets] = {}
    try:
        with open_text(path) as file:
            reader = csv.DictReader(file, strict=True)
            columns = _columns(path, reader.fieldnames or (), labels)
            for row in reader:
                counted = _shares(row, columns, f"{path} line {reader.line_num}")
                votes |= dict.fromkeys(_keys(row, reader.line_num), counted)
        return votes
    except UnicodeError as error:
        raise DataError(no_text(path, error)) from None
    except (OSError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as votes ({error})") from None


def shares(names: Sequence[str], votes: Mapping[str, Targets], classes: int) -> Targets:
    """(N, K) shares of the named pictures; zeros for a picture nobody voted on."""
    nothing = np.zeros(classes, np.float32)
    return np.stack([votes.get(key(name), nothing) for name in names])


def key(name: str) -> str:
    """What a picture is known by: its folder and file, "happy/Training_1.jpg" (FER2013 repeats file names), or its line
    in a CSV file, "line 7".
    """
    line = LINE.search(name)
    if line:
        return line.group().strip()
    return "/".join(PurePosixPath(name).parts[-2:])


def _columns(path: Path, found: Sequence[str], labels: Sequence[str]) -> list[list[str]]:
    """The columns of every label."""
    columns = [[name for name in found if canonical(name, labels) == label] for label in labels]
    missing = [label for label, names in zip(labels, columns, strict=True) if not names]
    if missing or not {"file", "Image name"} & set(found):
        raise DataError(f"{path}: line 1 has no column for {', '.join(missing) or 'the file'}")
    return columns


def _keys(row: Mapping[str, str], line: int) -> list[str]:
    """What the picture of a row is known by; of a row of FER2013's CSV also with its split."""
    if "file" in row:
        return [key(row["file"])]
    return [f"line {line}", f"line {line} {OFFICIAL_SPLITS.get(row['Usage'].strip().lower(), '')}"]


def _shares(row: Mapping[str, str], columns: list[list[str]], where: str) -> Targets:
    try:
        total = sum(float(value) for name, value in row.items() if name not in NAMES)
        counts = [sum(float(row[name]) for name in names) for names in columns]
    except (TypeError, ValueError):
        raise DataError(f"{where}: not one number per column") from None
    if total <= 0 or min(counts) < 0:
        raise DataError(f"{where}: votes must be positive numbers")
    return np.asarray(np.array(counts, np.float32) / np.float32(total), np.float32)
