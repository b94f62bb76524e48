"""`gmp`: three convolutions whose strongest answers, wherever they are, decide.

    48×48 ─conv1─▶ 64 maps ─pool1─▶ 24×24 ─conv2─▶ 128 ─pool2─▶ 12×12 ─conv3─▶ 256 ─pool3─▶ 6×6 ─gmp─▶ 256
          ─dense1─▶ 128 ─logits─▶ classes

Global max-pooling keeps one number per map, so that a heatmap of the last layer is a plain weighted sum.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from . import Design
from .blocks import dense, face, head

MAPS = (64, 128, 256)


def build(design: Design) -> keras.Model:
    """Conv 3×3 – BatchNorm – ReLU – MaxPool three times, global max-pooling, a dense layer, softmax."""
    inputs = hidden = face(design)
    for number, maps in enumerate(MAPS, 1):
        hidden = _block(hidden, number, design.maps(maps), design.norm)
    hidden = layers.GlobalMaxPooling2D(name="gmp")(hidden)
    hidden = dense(hidden, design.maps(128), "dense1", design.dropout)
    return keras.Model(inputs, head(hidden, design), name="gmp")


def _block(hidden: Any, number: int, maps: int, norm: Any) -> Any:
    hidden = layers.Conv2D(maps, 3, padding="same", use_bias=False, name=f"conv{number}")(hidden)
    hidden = norm(name=f"bn{number}")(hidden)
    hidden = layers.ReLU(name=f"relu{number}")(hidden)
    return layers.MaxPooling2D(2, name=f"pool{number}")(hidden)
