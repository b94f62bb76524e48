"""A data set as arrays: what training is fed and what networks are judged on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError

from .cutting import Cuts
from .store import chosen as picked
from .store import shelved

ALL = "all"
"""The name of all splits together."""


@dataclass(frozen=True, slots=True)
class Split:
    """Pictures of one split, ready for the network.

    Attributes:
        images: (N, h, w, c) uint8, in the network's size and channels.
        targets: (N, T, K) float32: for each of T label sets, the share of each of K classes per picture.
        names: where each picture stands.
        digests: SHA-256 of each picture as it was found.
        crops: (N, h, w, c) uint8, each picture as our own detector and cropper would cut it out, or None.
    """

    images: NDArray[np.uint8]
    targets: NDArray[np.float32]
    names: NDArray[np.str_]
    digests: NDArray[np.str_]
    crops: NDArray[np.uint8] | None = None

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
        if chosen.dtype == bool and chosen.all():
            return self
        crops = None if self.crops is None else picked(self.crops, chosen)
        images = picked(self.images, chosen)
        return Split(images, self.targets[chosen], self.names[chosen], self.digests[chosen], crops)

    def seen(self, share: float, random: np.random.Generator) -> NDArray[np.uint8]:
        """The pictures, a random share of them as they were cut out again."""
        if self.crops is None or not share:
            return self.images
        recut = random.random(len(self)) < share
        return np.where(recut[:, None, None, None], self.crops, self.images)


def joined(splits: list[Split]) -> Split:
    """All pictures of several splits, without the crops."""
    images = shelved((image for split in splits for image in split.images), splits[0].images.shape[1:])
    parts = ([getattr(split, name) for split in splits] for name in ("targets", "names", "digests"))
    return Split(images, *(np.concatenate(part) for part in parts))


def fingerprint(splits: Mapping[str, Split]) -> str:
    """SHA-256 of which pictures stand in which split, whatever their names, labels and order."""
    rows = sorted(f"{name} {digest}\n" for name, split in splits.items() for digest in split.digests)
    return hashlib.sha256("".join(rows).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set in three parts.

    Attributes:
        labels: class names, in the order of the targets' columns.
        tasks: names of the label sets: "labels" (the data set's own), "votes", or both.
        splits: "train", "validation", "test"; only "test" where there is nothing else.
        unreadable: names of the pictures that were skipped.
        cuts: how faces were cut out of the pictures, or None where all were taken as they are.
        divided: whether the data set itself says which pictures are held out.
        pictures_sha256: which pictures stand in which split, see `fingerprint`.
        strange: pictures by class that were left out, since they are of no class that is known.
        together: what was kept on one side when pictures were held out, in words.
        flawed: names of the pictures that were kept, and whose files are damaged.
        further: names of the pictures whose files hold further ones, which were left out.
    """

    labels: tuple[str, ...]
    splits: dict[str, Split]
    tasks: tuple[str, ...] = ("labels",)
    unreadable: tuple[str, ...] = ()
    cuts: Cuts | None = None
    divided: bool = True
    pictures_sha256: str = ""
    strange: Mapping[str, int] = field(default_factory=dict)
    together: str = ""
    flawed: tuple[str, ...] = ()
    further: tuple[str, ...] = ()

    def split(self, name: str) -> Split:
        """The split of this name, or "all" of them together; DataError names those there are."""
        if name == ALL:
            return joined(list(self.splits.values()))
        if name not in self.splits:
            cure = ": give its folder train/ too, or other names than PublicTest_… and PrivateTest_…"
            told = f"the data set has no {name} split; it has {', '.join(self.splits)}"
            raise DataError(told + (cure if name == "train" else ""))
        return self.splits[name]

    @property
    def checksum(self) -> str:
        """SHA-256 over all splits' pixels and targets."""
        total = hashlib.sha256()
        for name, split in sorted(self.splits.items()):
            total.update(name.encode() + "".join(split.digests).encode() + split.targets.tobytes())
        return total.hexdigest()
