"""Probabilities that mean what they say: one temperature, fitted on the validation split, inside the network.

    p = softmax(z / T),  T = argmin −Σ log p[right class]          (Guo et al. 2017, arXiv:1706.04599)

The temperature is folded into the last weights, so that every file made of the network carries it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import InputSpec
from emoscope.types import Floats

from ..data.dataset import Split
from .validation import answers

LOWEST, HIGHEST = 0.1, 10.0
ROUNDS = 60
GOLDEN = (np.sqrt(5) - 1) / 2


def temperature(probabilities: Floats, truth: NDArray[np.int64]) -> float:
    """The T that makes (N, K) answers most likely for (N,) class numbers, by golden-section search on log T."""
    logits = np.log(np.maximum(probabilities, 1e-7)).astype(np.float64)
    low, high = np.log(LOWEST), np.log(HIGHEST)
    for _ in range(ROUNDS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if _log_loss(logits / np.exp(left), truth) < _log_loss(logits / np.exp(right), truth):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def calibrated(network: Any, split: Split, spec: InputSpec, task: int = 0) -> Any:
    """The network, its temperature fitted on the decided pictures of a split and folded into its weights."""
    decided = split.take(split.decided(task))
    fold(network, temperature(answers(network, decided.images, spec), decided.classes(task)))
    return network


def fold(network: Any, by: float) -> None:
    """Divides a Keras network's logits by a temperature, in the weights of the last layer that has any."""
    layer = next(layer for layer in reversed(network.layers) if layer.weights)
    layer.set_weights([weights / by for weights in layer.get_weights()])


def _log_loss(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    normaliser = np.log(np.exp(shifted).sum(axis=1))
    return float((normaliser - shifted[np.arange(len(truth)), truth]).mean())
