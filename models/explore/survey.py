"""What there is to count in a data set before anything is trained on it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data.records import Record
from .reservoir import Reservoir
from .sheets import thumbnail

UNNAMED = "all"
"""The split's name in tables where the data set does not part its pictures."""


@dataclass(frozen=True, slots=True)
class Copies:
    """A group of exactly equal pictures.

    Attributes:
        names: where they stand.
        labels: what they are called, one per name.
        splits: which split each is in.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    splits: tuple[str, ...]

    @property
    def conflict(self) -> bool:
        """Whether equal pictures bear different labels."""
        return len(set(self.labels)) > 1


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found.

    Attributes:
        labels: class names.
        splits: names of the splits, in their usual order.
        counts: pictures by (split, label).
        sizes: pictures by (width, height, "gray" or "colour").
        copies: groups of exactly equal pictures.
        unreadable: names of files that are no pictures.
        samples: a few pictures of every class, as small as a sheet shows them.
        flawed: names of pictures whose files are damaged, so that they could only be read with errors.
        further: names of pictures whose files hold further ones, which are not counted.
    """

    labels: tuple[str, ...]
    splits: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]
    sizes: Mapping[tuple[int, int, str], int]
    copies: tuple[Copies, ...]
    unreadable: tuple[str, ...]
    samples: Mapping[str, Sequence[NDArray[np.uint8]]]
    flawed: tuple[str, ...] = ()
    further: tuple[str, ...] = ()

    def copied_across(self, one: str, other: str) -> int:
        """How many pictures of split `one` also stand in split `other`."""
        groups = [group for group in self.copies if other in group.splits]
        return sum(group.splits.count(one) for group in groups)


def survey(records: Iterable[Record], labels: Sequence[str], samples: int = 40, seed: int = 0) -> Survey:
    """Counts what a reader yields, in one pass.

    Args:
        records: one for each picture.
        labels: class names, in the order of the tables.
        samples: pictures of a class that are kept at most, as small as they are shown.
        seed: of which are kept.
    """
    counts: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[int, int, str]] = Counter()
    same: defaultdict[str, list[Record]] = defaultdict(list)
    unreadable, flawed, further, kept = [], [], [], Reservoir(samples, seed)
    for record in records:
        if record.picture is None:
            unreadable.append(record.name)
            continue
        flawed += [record.name] if record.flawed else []
        further += [record.name] if record.further else []
        counts[record.split or UNNAMED, record.label] += 1
        sizes[_size(record.picture)] += 1
        same[record.digest].append(Record(record.name, record.split or UNNAMED, record.label, None))
        kept.offer(record.label, thumbnail(record.picture))
    splits = tuple(sorted({split for split, _ in counts}, key=("train", "validation", "test", UNNAMED).index))
    copies = tuple(_copies(group) for group in same.values() if len(group) > 1)
    told = tuple(unreadable), kept.kept, tuple(flawed), tuple(further)
    return Survey(tuple(labels), splits, counts, sizes, copies, *told)


def _size(picture: NDArray[np.uint8]) -> tuple[int, int, str]:
    return picture.shape[1], picture.shape[0], "gray" if picture.ndim == 2 else "colour"


def _copies(group: Sequence[Record]) -> Copies:
    columns = ([getattr(record, name) for record in group] for name in ("name", "label", "split"))
    return Copies(*map(tuple, columns))
