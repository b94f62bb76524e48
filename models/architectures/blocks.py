"""How networks of ours begin and end."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from . import Design


def face(design: Design) -> Any:
    """The input: (N, h, w, c), scaled as the contract says."""
    height, width, depth = design.input.shape
    return keras.Input((height, width, depth), name="faces")


def dense(hidden: Any, units: int, name: str, dropout: float) -> Any:
    """A dense layer with ReLU, then dropout.

    Args:
        hidden: (N, features).
        units: of the layer.
        name: of the layer; ReLU and dropout are called after it.
        dropout: share of units dropped in training, 0–1.

    Returns:
        (N, units).
    """
    hidden = layers.Dense(units, name=name)(hidden)
    hidden = layers.ReLU(name=f"{name}_relu")(hidden)
    return layers.Dropout(dropout, name=f"{name}_dropout")(hidden)


def head(hidden: Any, design: Design) -> Any:
    """`logits`, then `probabilities`, both in float32 whatever precision the layers before compute in.

    With `quality` a list of two: the probabilities, and (N, 1) how well the face can be read, 0–1.
    """
    logits = layers.Dense(design.classes, dtype="float32", name="logits")(hidden)
    probabilities = layers.Softmax(dtype="float32", name="probabilities")(logits)
    if not design.quality:
        return probabilities
    return [probabilities, layers.Dense(1, "sigmoid", dtype="float32", name="quality")(hidden)]
