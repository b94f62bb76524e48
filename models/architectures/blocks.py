"""How every network of ours begins and ends."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from models.architectures import Design


def face(design: Design) -> Any:
    """The input: (N, h, w, c), scaled as the contract says."""
    height, width, depth = design.input.shape
    return keras.Input((height, width, depth), name="faces")


def head(hidden: Any, design: Design) -> Any:
    """`logits`, then `probabilities`, both in float32 whatever precision the layers before compute in."""
    logits = layers.Dense(design.classes, dtype="float32", name="logits")(hidden)
    return layers.Softmax(dtype="float32", name="probabilities")(logits)
