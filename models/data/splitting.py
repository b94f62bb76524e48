"""Which pictures are held out where the data set does not say: a share of every class, whole groups, by a seed.

Groups (emoscope.models.data.groups) are taken in a random order, the larger ones first, each if that brings every class
nearer to its share. Every class keeps a group to be learnt from. scikit-learn's StratifiedGroupKFold holds out one Kth
only, no share, and refuses classes of fewer pictures than K.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError

from .dataset import Split
from .groups import AUTO, grouped
from .near_copies import Groups

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Splitting:
    """How pictures are held out.

    Attributes:
        seed: of the choice.
        test: share of every class that is only judged on.
        validation: share of the rest of every class that the best network is chosen by.
        groups: what belongs together, see `emoscope.models.data.groups`.
        folds: into how many parts the data set is divided, each of which is the test once; 0: a share is held out.
        fold: which of them it is this time, from 1.
    """

    seed: int = 0
    test: float = 0.2
    validation: float = 0.1
    groups: str = AUTO
    folds: int = 0
    fold: int = 0


USUAL = Splitting()


def completed(splits: dict[str, Split], how: Splitting) -> tuple[dict[str, Split], str]:
    """Sets pictures aside where the data set has no test or no validation split of its own; "" is what it left open.

    Returns:
        The splits, and in words what was kept on one side.

    Raises:
        DataError: everything belongs together, so that nothing can be held out.
    """
    done = dict(splits)
    if "" in done:
        whole = done.pop("")
        groups, words = grouped(whole, how.groups)
        test = (
            _fold(whole.classes(), groups, how) if how.folds else held_out(whole.classes(), groups, how.test, how.seed)
        )
        done["train"], done["test"] = _parted(whole, test, "test")
        done["train"], done["validation"] = _validated(done["train"], groups[~test], how)
        return done, words
    if how.folds:
        raise DataError("the data set has splits of its own, so there are no folds to make: leave --folds out")
    if "train" in done and "validation" not in done:
        groups, words = grouped(done["train"], how.groups)
        done["train"], done["validation"] = _validated(done["train"], groups, how)
        return done, words
    return done, ""


def set_aside(split: Split, share: float, seed: int, groups: Groups | None = None) -> tuple[Split, Split]:
    """Parts a split in two, the second with `share` of every class (at least one picture), groups whole.

    Args:
        split: the pictures.
        share: of the second part, 0–1.
        seed: of the draw.
        groups: (N,) numbers; pictures of one group stay together. None for each picture by itself.

    Returns:
        What is left, and what was set aside.
    """
    aside = held_out(split.classes(), np.arange(len(split)) if groups is None else groups, share, seed)
    return split.take(~aside), split.take(aside)


def held_out(classes: NDArray[np.int64], groups: Groups, share: float, seed: int) -> Mask:
    """(N,) which pictures are held out.

    Args:
        classes: (N,) class numbers.
        groups: (N,) numbers, the same for pictures that belong together.
        share: of every class, 0–1.
        seed: of the order in which groups are taken.
    """
    names, group = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(names), int(classes.max()) + 1), np.int64)
    np.add.at(counts, (group, classes), 1)
    whole = counts.sum(axis=0)
    wanted = np.where(whole > 0, np.maximum(1.0, share * whole), 0.0)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    taken, chosen = np.zeros_like(whole), np.zeros(len(names), bool)
    for number in order:
        after = taken + counts[number]
        nearer = ((after - wanted) ** 2).sum() < ((taken - wanted) ** 2).sum()
        if nearer and (after < whole)[counts[number] > 0].all():
            taken, chosen[number] = after, True
    if not chosen.any():  # each is more than twice what is wanted, as where few people have many pictures each
        possible = [number for number in order if (counts[number] < whole)[counts[number] > 0].all()]
        chosen[sorted(possible, key=lambda number: ((counts[number] - wanted) ** 2).sum())[:1]] = True
    return np.asarray(chosen[group], bool)


def _fold(classes: NDArray[np.int64], groups: Groups, how: Splitting) -> Mask:
    """The pictures of one fold: each takes its share of what those before it left."""
    left = np.arange(len(classes))
    for number in range(1, how.fold + 1):
        if number == how.folds:
            break
        aside = held_out(classes[left], groups[left], 1 / (how.folds - number + 1), how.seed)
        if number == how.fold:
            left = left[aside]
            break
        left = left[~aside]
    mask = np.zeros(len(classes), bool)
    mask[left] = True
    return mask


def _validated(train: Split, groups: Groups, how: Splitting) -> tuple[Split, Split]:
    return _parted(train, held_out(train.classes(), groups, how.validation, how.seed + 1), "validation")


def _parted(split: Split, aside: Mask, name: str) -> tuple[Split, Split]:
    if not aside.any():
        if np.bincount(split.classes()).max() < 2:
            few = "each class has a single picture: a class needs one to learn from, one to choose by, one for the test"
            raise DataError(f"nothing can be held out for {name}: {few}")
        raise DataError(
            f"nothing can be held out for {name}: all pictures of each class are near-copies, or one person's: "
            "add others, or choose --groups none"
        )
    return split.take(~aside), split.take(aside)
