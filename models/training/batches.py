"""The pictures of each step, shuffled and augmented on other threads while those before are learnt from.

Order and augmentation of a step depend on (seed, epoch, step) alone, so that a resumed run sees exactly what
the undisturbed one would have seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import InputSpec
from emoscope.reading.crops import fed
from emoscope.system.libraries import cores

from ..augment import augment, mixup
from ..data.dataset import Split
from ..recipe import Recipe

Floats = NDArray[np.float32]
T = TypeVar("T")

AT_ONCE = 64
"""Pictures that a network is asked about at once: 256 take 0.65 GB more, and no less time (`gmp`, two cores)."""
WORKERS = 8
"""Threads that prepare pictures, on as many cores at most."""


def steps_per_epoch(split: Split, recipe: Recipe) -> int:
    """Full batches in the split; what is left over has its turn in another epoch's order."""
    return max(1, len(split) // recipe.batch)


def batches(
    split: Split, recipe: Recipe, spec: InputSpec, epoch: int, first: int = 0
) -> Iterator[tuple[Floats, Floats]]:
    """Yields (inputs, targets) of the epoch's steps from number `first` on.

    Args:
        split: training pictures.
        recipe: batch size, augmentation and seed.
        spec: what the network is fed.
        epoch: number, from 1; its order depends on it and the seed alone.
        first: number of the first step, to go on within an epoch.

    Yields:
        (N, h, w, c) float32 inputs and (N, T, K) targets.
    """
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(split))

    def prepare(step: int) -> tuple[Floats, Floats]:
        random = np.random.default_rng((recipe.seed, epoch, step))
        chosen = split.take(order[step * recipe.batch : (step + 1) * recipe.batch])
        pixels = augment(chosen.seen(recipe.augmentation.recrop, random), recipe.augmentation, random)
        pixels, targets = mixup(pixels, chosen.targets, recipe.augmentation.mixup, random)
        return scaled(pixels, spec), targets

    return _ahead(prepare, range(first, steps_per_epoch(split, recipe)))


def scaled(pixels: NDArray[np.float32] | NDArray[np.uint8], spec: InputSpec) -> Floats:
    """What the network is fed, as the runtime feeds it."""
    return fed(pixels, spec)


def _ahead(prepare: Callable[[int], T], steps: Iterable[int]) -> Iterator[T]:
    """Prepares the next items, in their order, on other threads while the current one is used."""
    workers = min(WORKERS, cores())
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[T]] = deque()
        for step in steps:
            waiting.append(pool.submit(prepare, step))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
