"""What a step minimises: cross-entropy with soft targets, smoothed and weighted by class.

    loss = mean over pictures of −Σ_k w_k t_k log p_k,    t = (1 − s) · target + s/K · Σ target

A row of zeros (a picture nobody voted on) costs nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from emoscope.errors import DataError
from emoscope.types import Floats

from ..data.dataset import Split
from ..recipe import Recipe


def class_weights(recipe: Recipe, split: Split) -> Floats:
    """(K,) factors: the recipe's own, from the split's frequencies, or ones.

    Raises:
        DataError: the recipe names another number of weights than there are classes.
    """
    classes = split.targets.shape[-1]
    if recipe.class_weights and len(recipe.class_weights) != classes:
        raise DataError(f"{len(recipe.class_weights)} class weights for {classes} classes: give one for each, in order")
    if recipe.class_weights:
        return np.array(recipe.class_weights, np.float32)
    counts = split.targets[:, 0].sum(axis=0)
    balanced = counts.sum() / (classes * np.maximum(counts, 1))
    return np.asarray(balanced if recipe.balanced else np.ones(classes), np.float32)


def cross_entropy(targets: Any, logits: Any, weights: Floats | float, smoothing: float) -> Any:
    """The mean loss of (N, T, K) logits against targets of the same shape.

    Args:
        targets: each row of K a distribution, or zero, which counts as no loss.
        logits: of the same shape.
        weights: (K,) factor on each class, or one for all.
        smoothing: share of every target that is spread over all classes, 0–1. Szegedy et al. 2016, arXiv:1512.00567.
    """
    spread = tf.reduce_sum(targets, -1, keepdims=True) * (smoothing / targets.shape[-1])
    smooth = targets * (1 - smoothing) + spread
    return -tf.reduce_mean(tf.reduce_sum(weights * smooth * tf.nn.log_softmax(logits), -1))
