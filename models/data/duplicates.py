"""Exact copies: pictures whose pixels are equal, whatever their files and labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .dataset import Dataset, Split


def standing_in(split: Split, other: Split) -> NDArray[np.bool_]:
    """(N,) which pictures of `split` also stand in `other`."""
    return np.isin(split.digests, other.digests)


def without_test_copies(data: Dataset) -> tuple[Dataset, int]:
    """The data set without the training pictures that also stand in a held-out split, and how many went."""
    train = data.split("train")
    held_out = [split for name, split in data.splits.items() if name != "train"]
    copies = np.any([standing_in(train, split) for split in held_out], axis=0)
    return replace(data, splits={**data.splits, "train": train.take(~copies)}), int(copies.sum())
