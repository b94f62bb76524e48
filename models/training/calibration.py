"""Probabilities that mean what they say: one temperature, fitted on the validation split, inside the network.

    p = softmax(z / T),  T = argmin −Σ t·log p + (log T)² / 2σ²          (Guo et al. 2017, arXiv:1706.04599)

Few pictures, or easy ones, do not prove that a network is never wrong: the right class counts as (n + 1) / (n + K) of
n pictures (after Platt 1999), T = 1 is the likeliest beforehand, and of fewer than 200 pictures none is fitted. The
temperature is folded into the last weights, so that every file made of the network carries it.
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
SPREAD = 0.5
"""σ: how far log T strays from 0 beforehand."""
ENOUGH = 200
"""Pictures from which on a temperature is fitted."""


def temperature(probabilities: Floats, truth: NDArray[np.int64]) -> float:
    """The likeliest T of (N, K) answers for (N,) class numbers."""
    from scipy.optimize import minimize_scalar  # comes with scikit-learn, which training needs anyway

    logits = np.log(np.maximum(probabilities, 1e-7)).astype(np.float64)
    found = minimize_scalar(lambda log_t: _cost(logits, truth, log_t), bounds=np.log((LOWEST, HIGHEST)))
    return float(np.exp(found.x))


def calibrate(network: Any, split: Split, spec: InputSpec, task: int = 0) -> float:
    """Fits a temperature on the decided pictures of a split and folds it into the network's weights.

    Args:
        network: a Keras network that ends in softmax; changed.
        split: pictures that it was not trained on.
        spec: what the network is fed.
        task: number of the label set.

    Returns:
        The temperature; 1 where there are too few pictures to fit one.
    """
    decided = split.take(split.decided(task))
    if len(decided) < ENOUGH:
        return 1.0
    fitted = temperature(answers(network, decided.images, spec), decided.classes(task))
    fold(network, fitted)
    return fitted


def cross_calibrated(probabilities: Floats, truth: NDArray[np.int64], seed: int = 0) -> Floats:
    """(N, K) answers, each half of them by the temperature of the other half.

    A calibration error that is measured on the pictures that a temperature was fitted on is too small. A temperature
    by which all answers were divided before makes no difference.
    """
    if len(truth) < ENOUGH:
        return probabilities
    half = np.random.default_rng(seed).permutation(len(truth)) % 2 == 0
    result = np.array(probabilities, np.float32)
    for fitted, told in ((half, ~half), (~half, half)):
        powers = np.maximum(probabilities[told], 1e-7) ** (1 / temperature(probabilities[fitted], truth[fitted]))
        result[told] = powers / powers.sum(axis=1, keepdims=True)
    return result


def fold(network: Any, by: float) -> None:
    """Divides a Keras network's logits by a temperature, in the weights of the last layer that has any."""
    layer = next(layer for layer in reversed(network.layers) if layer.weights)
    layer.set_weights([weights / by for weights in layer.get_weights()])


def _cost(logits: NDArray[np.float64], truth: NDArray[np.int64], log_t: float) -> float:
    """What is minimised, for all N pictures together."""
    count, classes = logits.shape
    scaled = logits / np.exp(log_t)
    shifted = scaled - scaled.max(axis=1, keepdims=True)
    told = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    right, each = (count + 1) / (count + classes), 1 / (count + classes)
    chosen = told[np.arange(count), truth]
    likelihood = (right - each) * chosen + each * told.sum(axis=1)
    return float(-likelihood.sum() + log_t**2 / (2 * SPREAD**2))
