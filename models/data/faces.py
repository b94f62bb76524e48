"""Faces to measure with, of what training reads, whatever classes they are of: nobody's label is needed.

    folder, .zip archive ──every picture, however deep──┐
    CSV file ──every row────────────────────────────────┴─▶ those held out, if any are ─▶ an even choice ─▶ faces

A network knows what it has learnt from, so only what is held out counts where the data set says so: for validation, as
PublicTest of FER2013 is, or else for the test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from emoscope.convert.labelled import evenly
from emoscope.errors import DataError
from emoscope.network.contract import Contract
from emoscope.system.overheard import Overheard

from ..labels import EIGHT
from .cutting import AUTO, Cutter
from .fer_csv import read_csv
from .folders import DECODERS, READ, SPLIT_FOLDERS, Branch, official, plain, read_branch, suffix
from .load import Pictures, gathered, reached
from .records import Record
from .tree import Node, files

CLASSLESS = ""
Item = TypeVar("Item")


def read_faces(data: Path, contract: Contract, number: int | None = None, cut: str = AUTO) -> Pictures:
    """Faces of a data set, all in one split and of one class, both called "".

    Args:
        data: a folder, a .zip archive or a CSV file.
        contract: of the network that they are for.
        number: of pictures, of which some may show no face; None for all.
        cut: whether faces are cut out of them, a word of CUTS.

    Raises:
        DataError: there is nothing there, or no picture, or no face.
    """
    with reached(data) as node, Cutter(cut, contract) as cutter:
        listed = _of_folder(node, number) if node.is_folder() else _of_table(node, number)
        return gathered(data, listed, contract.input, (CLASSLESS,), cutter)


def _of_folder(root: Node, number: int | None) -> Iterator[Record]:
    there = [(place, node) for place, node in files(root) if suffix(node) in READ]
    if not there:
        raise DataError(f"{root}: no pictures in it: give a folder or a .zip archive of faces, or FER2013's CSV")
    chosen = _chosen(there, [_split(place) for place, _ in there], number)
    with Overheard(DECODERS) as decoders:
        branch = Branch(CLASSLESS, "", str(root), chosen)
        yield from (replace(record, split="") for record in read_branch(branch, decoders, needed=False))


def _of_table(table: Node, number: int | None) -> Iterator[Record]:
    rows = [replace(row, label=CLASSLESS) for row in read_csv(table, EIGHT, others=True)]
    yield from (replace(row, split="") for row in _chosen(rows, [row.split for row in rows], number))


def _split(place: Sequence[str]) -> str:
    """What a file's name says, or the nearest folder that is called as a split."""
    *above, name = place
    told = (SPLIT_FOLDERS[plain(folder)] for folder in reversed(above) if plain(folder) in SPLIT_FOLDERS)
    return official(name) or next(told, "")


def _chosen(items: Sequence[Item], splits: Sequence[str], number: int | None) -> list[Item]:
    held_out = "validation" if "validation" in splits else "test"
    apart = [item for item, split in zip(items, splits, strict=True) if split == held_out] or items
    return evenly(apart, len(apart) if number is None else number)
