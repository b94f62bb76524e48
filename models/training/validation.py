"""How a network in training does on the validation split."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import InputSpec
from emoscope.types import Floats

from ..data.dataset import Split
from .batches import scaled

AT_ONCE = 256


def judge(network: Any, split: Split, spec: InputSpec, task: int = 0) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of a network's answers on the decided pictures of a split."""
    decided = split.take(split.decided(task))
    probabilities = answers(network, decided.images, spec)
    loss = -(decided.targets[:, task] * np.log(np.maximum(probabilities, 1e-7))).sum(1).mean()
    return float(loss), float((probabilities.argmax(1) == decided.classes(task)).mean())


def answers(network: Any, images: NDArray[np.uint8], spec: InputSpec) -> Floats:
    """(N, K) probabilities of a Keras network for (N, h, w, c) uint8 pictures."""
    starts = range(0, len(images), AT_ONCE)
    parts = [scaled(images[start : start + AT_ONCE], spec) for start in starts]
    return np.concatenate([np.asarray(network(part, training=False)) for part in parts])
