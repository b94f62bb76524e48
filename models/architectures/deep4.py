"""`deep4`: four convolutions and two wide dense layers, the deeper of the classic student networks.

48×48 ─conv1─▶ 32 maps ─pool1─▶ 24×24 ─conv2─▶ 64 ─pool2─▶ 12×12 ─conv3─conv4─▶ 128 ─pool3─▶ 6×6
      ─flatten─▶ 4608 ─dense1─▶ 1024 ─dense2─▶ 512 ─logits─▶ classes
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from . import Design
from .blocks import dense, face, head


def build(design: Design) -> keras.Model:
    """Conv 3×3 with 32, 64, 128, 128 maps, three max-poolings each with dropout, dense 1024 and 512, softmax."""
    inputs = face(design)
    hidden = _pooled(_conv(inputs, design.maps(32), 1), 1, design)
    hidden = _pooled(_conv(hidden, design.maps(64), 2), 2, design)
    hidden = _conv(_conv(hidden, design.maps(128), 3), design.maps(128), 4)
    hidden = layers.Flatten(name="flatten")(_pooled(hidden, 3, design))
    hidden = dense(hidden, design.maps(1024), "dense1", design.dropout)
    hidden = dense(hidden, design.maps(512), "dense2", design.dropout)
    return keras.Model(inputs, head(hidden, design), name="deep4")


def _conv(hidden: Any, maps: int, number: int) -> Any:
    hidden = layers.Conv2D(maps, 3, padding="same", name=f"conv{number}")(hidden)
    return layers.ReLU(name=f"relu{number}")(hidden)


def _pooled(hidden: Any, number: int, design: Design) -> Any:
    hidden = layers.MaxPooling2D(2, name=f"pool{number}")(hidden)
    return layers.Dropout(design.dropout, name=f"pool{number}_dropout")(hidden)
