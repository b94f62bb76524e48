"""From records to the arrays that a network is trained on and judged by.

Where the data set does not say which pictures are held out, a seed does, stratified: a fifth of every class is
the test split. Where there is no validation split, a tenth of every class of the training split becomes it, so
that the checkpoint is never chosen on the pictures that are reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.folders import read_folder
from models.data.records import Record
from models.data.votes import Targets, shares
from models.labels import EMOTIONS
from realtime.contract import InputSpec
from realtime.errors import DataError

TEST_SHARE = 0.2
VALIDATION_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Split:
    """Pictures of one split, ready for the network.

    Attributes:
        images: (N, h, w, c) uint8, in the network's size and channels.
        targets: (N, T, K) float32: for each of T label sets, the share of each of K classes per picture.
        names: where each picture stands.
        digests: SHA-256 of each picture as it was found.
    """

    images: NDArray[np.uint8]
    targets: NDArray[np.float32]
    names: NDArray[np.str_]
    digests: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.images)

    def classes(self, task: int = 0) -> NDArray[np.int64]:
        """(N,) the class of each picture in one label set."""
        return np.asarray(self.targets[:, task].argmax(axis=1), np.int64)

    def decided(self, task: int = 0) -> NDArray[np.bool_]:
        """(N,) whether one class has more than half of the picture's share."""
        return np.asarray(self.targets[:, task].max(axis=1) > 0.5, bool)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Split:
        """The chosen pictures only."""
        return Split(self.images[chosen], self.targets[chosen], self.names[chosen], self.digests[chosen])


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set in three parts.

    Attributes:
        labels: class names, in the order of the targets' columns.
        tasks: names of the label sets: "labels" (the data set's own), "votes", or both.
        splits: "train", "validation", "test"; only "test" where there is nothing else.
        unreadable: names of the pictures that were skipped.
    """

    labels: tuple[str, ...]
    splits: dict[str, Split]
    tasks: tuple[str, ...] = ("labels",)
    unreadable: tuple[str, ...] = ()

    def split(self, name: str) -> Split:
        """The split of this name; DataError names those there are."""
        if name not in self.splits:
            raise DataError(f"the data set has no {name} split; it has {', '.join(self.splits)}")
        return self.splits[name]

    @property
    def checksum(self) -> str:
        """SHA-256 over all splits' names, pixels and targets."""
        total = hashlib.sha256()
        for name, split in sorted(self.splits.items()):
            total.update(name.encode() + "".join(split.digests).encode() + split.targets.tobytes())
        return total.hexdigest()


def records(data: Path, labels: Sequence[str] = EMOTIONS) -> Iterator[Record]:
    """Every labelled picture of a folder tree or CSV file.

    Raises:
        DataError: there is nothing there, or not what a reader can read.
    """
    if not data.exists():
        raise DataError(f"{data}: no such file or folder")
    if data.is_dir():
        return read_folder(data, labels)
    raise DataError(f"{data}: neither a folder of pictures nor a CSV file")


def load(data: Path, spec: InputSpec, labels: Sequence[str] = EMOTIONS, seed: int = 0) -> Dataset:
    """Reads a data set into memory, sized and coloured as `spec` asks.

    Raises:
        DataError: see `records`.
    """
    found: dict[str, list[Record]] = {}
    unreadable = []
    for record in records(data, labels):
        if record.picture is None:
            unreadable.append(record.name)
        else:
            found.setdefault(record.split, []).append(record)
    if not found:
        raise DataError(f"{data}: no readable picture")
    splits = {name: _split(group, spec, labels) for name, group in found.items()}
    return Dataset(tuple(labels), _complete(splits, seed), unreadable=tuple(unreadable))


def with_votes(data: Dataset, votes: Mapping[str, Targets], tasks: tuple[str, ...]) -> Dataset:
    """The same pictures with the label sets `tasks`, in this order."""
    return replace(data, tasks=tasks, splits={name: _voted(split, votes, tasks) for name, split in data.splits.items()})


def _voted(split: Split, votes: Mapping[str, Targets], tasks: tuple[str, ...]) -> Split:
    sets = {"labels": split.targets[:, 0], "votes": shares(list(split.names), votes, split.targets.shape[2])}
    return replace(split, targets=np.stack([sets[task] for task in tasks], axis=1))


def fit(picture: NDArray[np.uint8], spec: InputSpec) -> NDArray[np.uint8]:
    """The picture as (h, w, c) uint8 in the size and channels of `spec`; shrinking averages, growing interpolates."""
    shrinks = picture.shape[0] > spec.height
    size = (spec.width, spec.height)
    image = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return _coloured(np.asarray(image, np.uint8), spec.channels).reshape(spec.height, spec.width, spec.depth)


def _coloured(image: NDArray[np.uint8], channels: str) -> NDArray[np.uint8]:
    gray = image.ndim == 2
    codes = {
        "gray": None if gray else cv2.COLOR_BGR2GRAY,
        "rgb": cv2.COLOR_GRAY2RGB if gray else cv2.COLOR_BGR2RGB,
        "bgr": cv2.COLOR_GRAY2BGR if gray else None,
    }
    code = codes[channels]
    return image if code is None else np.asarray(cv2.cvtColor(image, code), np.uint8)


def _split(group: Iterable[Record], spec: InputSpec, labels: Sequence[str]) -> Split:
    kept = [record for record in group if record.picture is not None]
    classes = [list(labels).index(record.label) for record in kept]
    return Split(
        np.stack([fit(record.picture, spec) for record in kept if record.picture is not None]),
        np.eye(len(labels), dtype=np.float32)[classes][:, None],
        np.array([record.name for record in kept]),
        np.array([record.digest for record in kept]),
    )


def _complete(splits: dict[str, Split], seed: int) -> dict[str, Split]:
    """Sets pictures aside where the data set has no test or no validation split of its own."""
    done = dict(splits)
    if "" in done:
        done["train"], done["test"] = set_aside(done.pop(""), TEST_SHARE, seed)
    if "train" in done and "validation" not in done:
        done["train"], done["validation"] = set_aside(done["train"], VALIDATION_SHARE, seed + 1)
    return done


def set_aside(split: Split, share: float, seed: int) -> tuple[Split, Split]:
    """Parts a split in two, the second with `share` of every class (at least one picture)."""
    generator = np.random.default_rng(seed)
    aside = np.zeros(len(split), bool)
    for number in np.unique(split.classes()):
        members = generator.permutation(np.flatnonzero(split.classes() == number))
        aside[members[: max(1, round(share * len(members)))]] = True
    return split.take(~aside), split.take(aside)
