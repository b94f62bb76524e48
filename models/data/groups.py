"""Which pictures belong together and must not stand on both sides of a split: one person's, and near-copies.

A network that has seen a person's other pictures names that person's expression better than a stranger's, and one that
has seen the frame before names a frame without having learnt anything.

    none       every picture for itself
    copies     near-copies together
    auto       and one person's pictures, where file names follow a data set that is known to say whose they are
    subject    and one person's: the folder below the class, `sad/anna/1.jpg`, or the file's name
    folder     and all of a folder below the class
    (…)        and all whose path has the same text in the first group of this regular expression
    FILE.csv   and all with the same second column; the first is the path or the file's name
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from emoscope.errors import DataError
from emoscope.report.counted import counted
from emoscope.system.texts import no_text, open_text

from .dataset import Split
from .folders import SPLIT_FOLDERS, plain
from .near_copies import Groups, Union, near_copies

NONE, COPIES, AUTO, SUBJECT, FOLDER = "none", "copies", "auto", "subject", "folder"
WORDS = (NONE, COPIES, AUTO, SUBJECT, FOLDER)
KNOWN: Mapping[str, re.Pattern[str]] = {
    "CK+": re.compile(r"^(S\d{3})_\d{3}_\d{8}"),
    "JAFFE": re.compile(r"^([A-Z]{2})\.[A-Z]{2}\d"),
    "KDEF": re.compile(r"^[AB]([FM]\d{2})[A-Z]{2}(?:FL|HL|S|HR|FR)\b"),
    "RaFD": re.compile(r"^Rafd\d{3}_(\d{2})_"),
}
"""Data set → where its file names say whose picture it is."""
USUAL = re.compile(r"^(?:s|p|id|sub|subj|subject|person|participant)[-_ ]?(\d+)(?=[-_ .])", re.IGNORECASE)
ENOUGH = 0.9
"""Share of the file names that must follow a data set's pattern for it to be taken for that data set."""


class Kept(NamedTuple):
    """What stays on one side of a split.

    Attributes:
        groups: (N,) a number for each picture, the same for those that belong together.
        words: what was found, for people; "" where every picture stands for itself.
    """

    groups: Groups
    words: str


def grouped(split: Split, how: str = AUTO) -> Kept:
    """Which pictures of a split belong together.

    Raises:
        DataError: `how` is no way to group, or says nothing about any of the pictures.
    """
    union, words = Union(len(split)), []
    if how != NONE:
        near = near_copies(split.images)
        for one, other in enumerate(near):
            union.join(one, int(other))
        several = np.bincount(near)[near] > 1 if len(near) else np.zeros(0, bool)
        if several.any():
            words.append(f"{int(several.sum()):,} pictures that are near-copies of others")
    first: dict[str, int] = {}
    whose, source = owners([str(name) for name in split.names], how)
    for number, owner in enumerate(whose):
        if owner:
            union.join(first.setdefault(owner, number), number)
    if first:
        words.append(f"{counted(sum(map(bool, whose)), 'picture')} of {len(first):,} {source}")
    return Kept(union.groups(), "; ".join(words))


def owners(names: list[str], how: str) -> tuple[list[str], str]:
    """Whose each picture is, by its path, "" where that is not said; and what tells it.

    Raises:
        DataError: see `grouped`.
    """
    if how in (NONE, COPIES):
        return [""] * len(names), ""
    known, data_set = _known(names)
    if how == AUTO:
        return known, f"people, by {data_set}'s file names"
    found = [_folder(name) for name in names] if how in (SUBJECT, FOLDER) else _told(names, how)
    source = "folders" if how in (SUBJECT, FOLDER) else f"groups, by {how}"
    if how == SUBJECT and not any(found):
        found = known if any(known) else [_match(USUAL, _file(name)) for name in names]
        source = f"people, by {data_set}'s file names" if any(known) else "people, by file names"
    if not any(found):
        raise DataError(f"--groups {how} says nothing of any picture, such as {names[0]}: {_ways()}")
    return found, source


def check(how: str) -> str:
    """The same text; DataError where it is no way to group."""
    if how in WORDS or how.lower().endswith(".csv"):
        return how
    try:
        groups = re.compile(how).groups
    except re.error as error:
        raise DataError(f"--groups {how!r} is no regular expression ({error}): {_ways()}") from None
    if not groups:
        raise DataError(f"--groups {how!r} is no way to group: {_ways()}")
    return how


def _ways() -> str:
    return f"choose {', '.join(WORDS)}, a regular expression with a group such as '(s\\d+)_', or a CSV file"


def _known(names: list[str]) -> tuple[list[str], str]:
    """Whose each picture is, where the names follow a data set's pattern, and that data set's name."""
    for data_set, pattern in KNOWN.items():
        found = [_match(pattern, _file(name)) for name in names]
        if names and sum(map(bool, found)) >= ENOUGH * len(names):
            return found, data_set
    return [""] * len(names), ""


def _told(names: list[str], how: str) -> list[str]:
    if not how.lower().endswith(".csv"):
        pattern = re.compile(check(how))
        return [_match(pattern, name, anywhere=True) for name in names]
    table = _table(Path(how))
    return [table.get(name) or table.get(_file(name)) or "" for name in names]


def _table(path: Path) -> dict[str, str]:
    try:
        with open_text(path) as file:
            return {row[0].strip(): row[1].strip() for row in csv.reader(file) if len(row) > 1}
    except UnicodeError as error:
        raise DataError(no_text(path, error)) from None
    except (OSError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table of path and subject ({error})") from None


def _match(pattern: re.Pattern[str], text: str, anywhere: bool = False) -> str:
    found = pattern.search(text) if anywhere else pattern.match(text)
    return (found.group(1) or "") if found else ""


def _file(name: str) -> str:
    return PurePosixPath(name).name


def _folder(name: str) -> str:
    """The folders between the class and the file."""
    *folders, _ = PurePosixPath(name).parts
    return "/".join(folders[2 if folders and plain(folders[0]) in SPLIT_FOLDERS else 1 :])
