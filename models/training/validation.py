"""How a network in training does on the validation split."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import InputSpec
from emoscope.types import Floats

from ..data.dataset import Split
from ..evaluation.metrics import balanced, confusion, macro_f1
from .batches import AT_ONCE, scaled


class ValidationFigures(NamedTuple):
    """How a network did on the decided pictures of a split: mean cross-entropy, and shares 0–1."""

    loss: float
    accuracy: float
    balanced: float
    macro_f1: float


def judge(network: Any, split: Split, spec: InputSpec, task: int = 0) -> ValidationFigures:
    """Holds a network's answers against the decided pictures of a split.

    Args:
        network: a Keras network.
        split: the pictures.
        spec: what the network is fed.
        task: number of the label set.
    """
    decided = split.take(split.decided(task))
    probabilities, truth = answers(network, decided.images, spec), decided.classes(task)
    loss = -(decided.targets[:, task] * np.log(np.maximum(probabilities, 1e-7))).sum(1).mean()
    right = probabilities.argmax(1) == truth
    counts = confusion(probabilities.argmax(1), truth, probabilities.shape[1])
    return ValidationFigures(float(loss), float(right.mean()), balanced(right, truth), float(macro_f1(counts)))


def answers(network: Any, images: NDArray[np.uint8], spec: InputSpec) -> Floats:
    """(N, K) probabilities of a Keras network for (N, h, w, c) uint8 pictures."""
    starts = range(0, len(images), AT_ONCE)
    parts = [scaled(images[start : start + AT_ONCE], spec) for start in starts]
    return np.concatenate([np.asarray(network(part, training=False)) for part in parts])
