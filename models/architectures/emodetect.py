"""`emodetect`: the classic student network, nothing but convolutions, pooling and dense layers.

48×48 ─conv1─▶ 32 maps ─pool1─▶ 24×24 ─conv2─▶ 64 ─pool2─▶ 12×12 ─conv3─▶ 128 ─pool3─▶ 6×6
      ─flatten─▶ 4608 ─dense1─▶ 128 ─logits─▶ classes
"""

from __future__ import annotations

import keras
from keras import layers

from . import Design
from .blocks import dense, face, head

MAPS = (32, 64, 128)


def build(design: Design) -> keras.Model:
    """Conv 3×3 – ReLU – MaxPool three times, a dense layer with dropout, softmax."""
    inputs = hidden = face(design)
    for number, maps in enumerate(MAPS, 1):
        hidden = layers.Conv2D(design.maps(maps), 3, padding="same", name=f"conv{number}")(hidden)
        hidden = layers.ReLU(name=f"relu{number}")(hidden)
        hidden = layers.MaxPooling2D(2, name=f"pool{number}")(hidden)
    hidden = layers.Flatten(name="flatten")(hidden)
    hidden = dense(hidden, design.maps(128), "dense1", design.dropout)
    return keras.Model(inputs, head(hidden, design), name="emodetect")
