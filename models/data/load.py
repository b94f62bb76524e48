"""From records to the arrays that a network is trained on and judged by.

Every picture is decoded, brought to the network's size and forgotten, so that memory does not grow with the size of
pictures; very many of them are kept in a file (emoscope.models.data.store).

Where the data set does not say which pictures are held out, a seed does (emoscope.models.data.splitting), so that the
checkpoint is never chosen on the pictures that are reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.network.contract import InputSpec

from ..labels import EMOTIONS, ordered
from .cutting import Cuts, Cutter
from .cutting import fit as fit
from .dataset import Dataset, Split, fingerprint
from .fer_csv import count_rows, csv_classes, is_fer_csv, read_csv
from .folders import class_names, count_pictures, descended, read_tree
from .numbers import are_numbers, asking, meanings
from .records import Record
from .splitting import USUAL, Splitting, completed
from .store import Shelf
from .tree import Node, OnDisk, opened
from .votes import Targets, key, shares


def records(
    data: Path, labels: Sequence[str] = EMOTIONS, complete: bool = True, others: bool = False, numbers: str = ""
) -> Iterator[Record]:
    """Every labelled picture of a folder tree, a .zip archive or a CSV file.

    Args:
        data: where they are.
        labels: of the classes that are known.
        complete: whether every class must have a folder.
        others: whether pictures of other classes are yielded too.
        numbers: what folders that are called by numbers mean, see `emoscope.models.data.numbers`.

    Raises:
        DataError: there is nothing there, or not what a reader can read.
    """
    with reached(data) as node:
        if node.is_folder():
            yield from read_tree(node, labels, complete, others, meanings(numbers))
        else:
            yield from read_csv(node, labels, others)


def labels_of(data: Path, numbers: str = "") -> tuple[str, ...]:
    """Class names of a data set: the seven emotions, or what its folders are called where those differ; `numbers` says
    what those mean that are numbers.

    A CSV file has the seven, and contempt where rows are of it.

    Raises:
        DataError: see `records`.
    """
    with reached(data) as node:
        if node.is_folder():
            found = class_names(node, meanings(numbers))
            return ordered(found) or EMOTIONS
        return ordered({*EMOTIONS, *csv_classes(node)})


def pictures_in(data: Path) -> int:
    """How many pictures a data set has, without reading them; DataError as `records` has it."""
    with reached(data) as node:
        return count_pictures(node) if node.is_folder() else count_rows(node)


@contextmanager
def reached(data: Path) -> Iterator[Node]:
    """What holds the pictures: the folder with the classes, or a CSV file, which may stand alone in a folder.

    Raises:
        DataError: there is nothing there, or not what a reader can read.
    """
    if not data.exists():
        raise DataError(f"{data}: no such file or folder")
    if data.suffix.lower() == ".csv" and not data.is_dir():
        yield OnDisk(data)
        return
    if not data.is_dir() and data.suffix.lower() != ".zip":
        raise DataError(f"{data}: neither a folder of pictures nor a CSV file")
    with opened(data) as root:
        node = descended(root)
        yield _table(node) or node


def _table(folder: Node) -> Node | None:
    """The CSV of a folder without class folders."""
    if any(one.is_folder() for one in folder.inside()):
        return None
    tables = {one.name.lower(): one for one in folder.inside() if one.name.lower().endswith(".csv") and is_fer_csv(one)}
    usual = (tables.get(name) for name in ("fer2013.csv", "icml_face_data.csv"))
    return next((one for one in (*usual, *tables.values()) if one is not None), None)


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a data set holds, before it is said which pictures are held out.

    Attributes:
        labels: class names, in the network's order.
        splits: pictures by split; "" of those that the data set assigns to none.
        unreadable: names of the pictures that were skipped.
        flawed: names of the pictures that were kept, and whose files are damaged.
        further: names of the pictures whose files hold further ones, which were left out.
        strange: pictures by class that were left out, since they are of no class that is known.
        cuts: how faces were cut out of the pictures, or None where all were taken as they are.
    """

    labels: tuple[str, ...]
    splits: dict[str, Split]
    unreadable: tuple[str, ...] = ()
    flawed: tuple[str, ...] = ()
    strange: Mapping[str, int] = field(default_factory=dict)
    cuts: Cuts | None = None
    further: tuple[str, ...] = ()


def load(
    data: Path,
    spec: InputSpec,
    labels: Sequence[str] = EMOTIONS,
    splitting: Splitting = USUAL,
    complete: bool = True,
    cutter: Cutter | None = None,
    known: Mapping[str, str] | None = None,
    numbers: str = "",
) -> Dataset:
    """Reads a data set and parts it; see `read` and `parted`."""
    return parted(read(data, spec, labels, complete, cutter, numbers), splitting, complete, known)


def read(
    data: Path,
    spec: InputSpec,
    labels: Sequence[str] = EMOTIONS,
    complete: bool = True,
    cutter: Cutter | None = None,
    numbers: str = "",
) -> Pictures:
    """Reads a data set, sized and coloured as `spec` asks; of every picture no more than that is kept.

    Args:
        data: folder or CSV file.
        spec: what the network is fed.
        labels: class names, in the network's order.
        complete: whether every label must have pictures, as training needs it; those of other classes are left out.
        cutter: cuts faces out of photos; None takes every picture as it is.
        numbers: see `records`.

    Raises:
        DataError: see `records`; or there is no picture, or no face.
    """
    return gathered(data, records(data, labels, complete, others=True, numbers=numbers), spec, labels, cutter)


def gathered(
    data: Path, listed: Iterable[Record], spec: InputSpec, labels: Sequence[str], cutter: Cutter | None
) -> Pictures:
    """What training is fed of pictures that were listed, and what was left out.

    Args:
        data: what errors name.
        listed: the pictures.
        spec: what the network is fed.
        labels: of the classes that are taken.
        cutter: cuts faces out of photos; None takes every picture as it is.

    Raises:
        DataError: there is no picture, or no face.
    """
    found: dict[str, _Gathered] = {}
    unreadable, flawed, further = [], [], []
    strange: Counter[str] = Counter()
    for record in listed:
        if record.picture is None:
            unreadable.append(record.name)
            continue
        if record.label not in labels:
            strange[record.label] += 1
            continue
        if record.flawed:
            flawed.append(record.name)
        if record.further:
            further.append(record.name)
        image = fit(record.picture, spec) if cutter is None else cutter.cut(record.picture, record.name)
        if image is not None:
            found.setdefault(record.split, _Gathered(spec, labels)).add(record, image)
    if not found and cutter is not None and cutter.done.faceless:
        raise DataError(f"{data}: no face in any picture: --cut as-is takes them whole")
    if not found and are_numbers(strange):
        raise DataError(f"{data}: {asking(strange)}")
    if not found and strange:
        raise DataError(f"{data}: has {', '.join(strange)}, and none of the classes {', '.join(labels)}")
    if not found:
        raise DataError(f"{data}: no readable picture")
    splits = {name: gathered.split() for name, gathered in found.items()}
    cuts = None if cutter is None else cutter.done
    return Pictures(tuple(labels), splits, tuple(unreadable), tuple(flawed), strange, cuts, tuple(further))


def parted(
    pictures: Pictures, splitting: Splitting = USUAL, complete: bool = True, known: Mapping[str, str] | None = None
) -> Dataset:
    """The data set in three parts.

    Args:
        pictures: what was read.
        splitting: how pictures are held out where the data set does not name them.
        complete: whether there must be a part to learn from, as training needs it.
        known: the split of pictures by their digest; where a data set does not part its pictures and some are among
            them, it is parted so, and all others are for the test.

    Raises:
        DataError: none can be held out.
    """
    splits = pictures.splits
    divided = "" not in splits
    assigned = splits if known is None else _assigned(splits, known)
    parts, together = (assigned, "") if assigned is not splits else _held_out(splits, splitting, complete)
    told = pictures.unreadable, pictures.cuts, divided, fingerprint(parts), pictures.strange, together, pictures.flawed
    return Dataset(pictures.labels, parts, ("labels",), *told, pictures.further)


def with_votes(data: Dataset, votes: Mapping[str, Targets], tasks: tuple[str, ...]) -> Dataset:
    """The same pictures with the label sets `tasks`, in this order.

    Raises:
        DataError: nobody voted on any picture of the data set.
    """
    if not any(key(name) in votes for split in data.splits.values() for name in split.names):
        raise DataError(
            "no picture of the data set has votes: they are matched by folder and file name, or by row of FER2013's CSV"
        )
    if data.divided:
        _require_same_rows(data, votes)
    return replace(data, tasks=tasks, splits={name: _voted(split, votes, tasks) for name, split in data.splits.items()})


def _require_same_rows(data: Dataset, votes: Mapping[str, Targets]) -> None:
    """Votes by row are only right for the very file that they were counted for, row by row in the same split."""
    for split, pictures in data.splits.items():
        for name in pictures.names:
            line = key(str(name))
            if line.startswith("line ") and line in votes and f"{line} {split}" not in votes:
                raise DataError(f"{name} is for {split}, in the votes for another split: not the file that they are of")


def _voted(split: Split, votes: Mapping[str, Targets], tasks: tuple[str, ...]) -> Split:
    sets = {"labels": split.targets[:, 0], "votes": shares(list(split.names), votes, split.targets.shape[2])}
    return replace(split, targets=np.stack([sets[task] for task in tasks], axis=1))


def _held_out(splits: dict[str, Split], splitting: Splitting, complete: bool) -> tuple[dict[str, Split], str]:
    """With pictures held out; where none can be, what is only judged on is all for the test."""
    try:
        return completed(splits, splitting)
    except DataError:
        if complete or "" not in splits or splitting.folds:
            raise
        return {**{name: split for name, split in splits.items() if name}, "test": splits[""]}, ""


def _assigned(splits: dict[str, Split], known: Mapping[str, str]) -> dict[str, Split]:
    """The pictures that the data set leaves open, each in the split that it is known to have been in; the same splits
    where it leaves nothing open, or nothing of it is known.
    """
    if "" not in splits or known.keys().isdisjoint(splits[""].digests):
        return splits
    whole = splits[""]
    split = np.array([known.get(str(digest), "test") for digest in whole.digests])
    others = {name: part for name, part in splits.items() if name}
    return {**others, **{str(name): whole.take(split == name) for name in np.unique(split)}}


class _Gathered:
    """What is kept of the pictures of one split while a data set is read."""

    def __init__(self, spec: InputSpec, labels: Sequence[str]) -> None:
        self._shelf = Shelf((spec.height, spec.width, spec.depth))
        self._labels = list(labels)
        self._classes: list[int] = []
        self._names: list[str] = []
        self._digests: list[str] = []

    def add(self, record: Record, image: NDArray[np.uint8]) -> None:
        """Keeps one more picture, as the network sees it."""
        self._shelf.add(image)
        self._classes.append(self._labels.index(record.label))
        self._names.append(record.name)
        self._digests.append(record.digest)

    def split(self) -> Split:
        """All of them."""
        targets = np.eye(len(self._labels), dtype=np.float32)[self._classes][:, None]
        return Split(self._shelf.pictures(), targets, np.array(self._names), np.array(self._digests))
