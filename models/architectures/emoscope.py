"""`emoscope`: our own network, small, residual, and good to look at.

    48×48 ─stem─▶ 32 maps ─pool1─▶ 24×24 ─block1─▶ 64 ─pool2─▶ 12×12 ─block2─▶ 128 ─pool3─▶ 6×6 ─block3─▶ 256
          ─gap─▶ 256 ─logits─▶ classes

    block:  x ─conv a─bn─relu─conv b─bn─squeeze─┐
            └────────── 1×1 conv ───────────────add─relu

Residual blocks (He et al. 2016, arXiv:1512.03385) with squeeze-and-excitation (Hu et al. 2018, arXiv:1709.01507):
1.2 M parameters, 100 M multiply-adds. Every convolution keeps its 3×3 grid of maps, and global average pooling
makes the last layer's class activation map a weighted sum of its 256 maps.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import layers

from . import Design
from .blocks import face, head

MAPS = (64, 128, 256)
SQUEEZE = 8
"""The squeeze layer has an eighth of the block's maps."""

NORM_MOMENTUM = 0.9


def build(design: Design) -> keras.Model:
    """Stem, three residual blocks each after a 2×2 max-pooling, global average pooling, dropout, softmax."""
    norm = partial(design.norm, momentum=NORM_MOMENTUM)
    inputs = face(design)
    hidden = _conv(inputs, design.maps(32), "stem", norm)
    hidden = layers.ReLU(name="stem_relu")(hidden)
    for number, maps in enumerate(MAPS, 1):
        hidden = layers.MaxPooling2D(2, name=f"pool{number}")(hidden)
        hidden = _block(hidden, design.maps(maps), f"block{number}", norm)
    hidden = layers.GlobalAveragePooling2D(name="gap")(hidden)
    hidden = layers.Dropout(design.dropout, name="dropout")(hidden)
    return keras.Model(inputs, head(hidden, design), name="emoscope")


def _block(hidden: Any, maps: int, name: str, norm: Any) -> Any:
    inner = layers.ReLU(name=f"{name}_relu_a")(_conv(hidden, maps, f"{name}_conv_a", norm))
    inner = _squeeze(_conv(inner, maps, f"{name}_conv_b", norm), maps, name)
    shortcut = _conv(hidden, maps, f"{name}_shortcut", norm, size=1)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([inner, shortcut]))


def _conv(hidden: Any, maps: int, name: str, norm: Any, size: int = 3) -> Any:
    hidden = layers.Conv2D(maps, size, padding="same", use_bias=False, name=name)(hidden)
    return norm(name=f"{name}_bn")(hidden)


def _squeeze(hidden: Any, maps: int, name: str) -> Any:
    """Scales every map by a factor between 0 and 1 that depends on the means of all maps."""
    factors = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(hidden)
    factors = layers.Dense(maps // SQUEEZE, activation="relu", name=f"{name}_reduce")(factors)
    factors = layers.Dense(maps, activation="sigmoid", name=f"{name}_excite")(factors)
    return layers.Multiply(name=f"{name}_scale")([hidden, factors])
