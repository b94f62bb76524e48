"""What a run keeps of its data set: which picture stood in which split, so that nobody judges it on what it has seen.

    split,digest,name
    train,9f86d081884c7d65…,happy/anna.jpg

The digest is of the picture's pixels, whatever its file is called.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import HeldOut

from .dataset import Dataset, Split
from .records import SPLITS

SPLIT = "split.csv"


@dataclass(frozen=True, slots=True)
class Membership:
    """The splits of the pictures that a network was trained, chosen and not trained on, by digest."""

    splits: Mapping[str, str]

    def learnt(self, split: Split) -> NDArray[np.bool_]:
        """(N,) which pictures of a split it has learnt from."""
        return np.array([self.splits.get(str(digest)) == SPLITS[0] for digest in split.digests], bool)


def together(several: list[Membership]) -> Membership:
    """Of several networks: a picture is for the test where none of them has learnt from it or was chosen by it."""
    splits: dict[str, str] = {}
    for name in reversed(SPLITS):  # a picture that stands in several was learnt from, if it stands in training
        splits |= {digest: name for one in several for digest, split in one.splits.items() if split == name}
    return Membership(splits)


def split_csv(data: Dataset) -> str:
    """Every picture of a data set as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("split", "digest", "name"))
    for name, split in data.splits.items():
        writer.writerows((name, digest, place) for digest, place in zip(split.digests, split.names, strict=True))
    return text.getvalue()


def beside(path: Path, held_out: HeldOut | None) -> Membership | None:
    """What stands beside a network, in the folder of its run; None where that is not known."""
    try:
        run = json.loads(path.with_name("config.json").read_text("utf-8"))["pictures_sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return read_split(path.with_name(SPLIT)) if held_out and run == held_out.pictures_sha256 else None


def read_split(path: Path) -> Membership | None:
    """What `split_csv` wrote; None where there is no such file, or another one."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [(row["digest"], row["split"]) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError):
        return None
    by_split = {name: Membership({digest: name for digest, split in rows if split == name}) for name in SPLITS}
    return together(list(by_split.values())) if rows else None
