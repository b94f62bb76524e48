"""`emoscope`: our own network, small, residual, and good to look at.

    48×48 ─stem─▶ 16 maps ─pool1─▶ 24×24 ─block1─▶ 32 ─pool2─▶ 12×12 ─block2─block2b─▶ 64
          ─pool3─▶ 6×6 ─block3─block3b─▶ 192 ─gap─▶ 192 ─┬─logits─▶ classes
                                                          └─quality─▶ 0–1

    block:  x ─conv a─bn─relu─conv b─bn─squeeze─┐        (squeeze: in the last block of each size)
            └────────── 1×1 conv ───────────────add─relu (no convolution where the number of maps stays)

Residual blocks (He et al. 2016, arXiv:1512.03385) with squeeze-and-excitation (Hu et al. 2018, arXiv:1709.01507):
1.3 M parameters, 68 M multiply-adds. Every convolution keeps its grid of maps, and global average pooling makes the
last layer's class activation map a weighted sum of its maps.

Convolutions see the picture mirrored beyond its edge, not black: with zeros there, maps light up along the border and
in the corners whatever the face.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import layers

from . import Design
from .blocks import face, head

STEM = 16
MAPS = (32, 64, 192)
BLOCKS = (1, 2, 2)
"""Blocks at 24×24, 12×12 and 6×6 cells."""
SQUEEZE = 8
"""The squeeze layer has an eighth of the block's maps."""

NORM_MOMENTUM = 0.9


def build(design: Design) -> keras.Model:
    """Stem, then three sizes, each after a 2×2 max-pooling; global average pooling, dropout, softmax."""
    norm = partial(design.norm, momentum=NORM_MOMENTUM)
    inputs = face(design)
    hidden = _conv(inputs, design.maps(STEM), "stem", norm)
    hidden = layers.ReLU(name="stem_relu")(hidden)
    for size, (maps, blocks) in enumerate(zip(MAPS, BLOCKS, strict=True), 1):
        hidden = layers.MaxPooling2D(2, name=f"pool{size}")(hidden)
        last = blocks + design.deeper - 1
        for number in range(last + 1):
            letter = "abcdefgh"[number] if number else ""
            hidden = _block(hidden, design.maps(maps), f"block{size}{letter}", norm, squeezes=number == last)
    hidden = layers.GlobalAveragePooling2D(name="gap")(hidden)
    hidden = layers.Dropout(design.dropout, name="dropout")(hidden)
    return keras.Model(inputs, head(hidden, design), name="emoscope")


def _block(hidden: Any, maps: int, name: str, norm: Any, squeezes: bool) -> Any:
    inner = layers.ReLU(name=f"{name}_relu_a")(_conv(hidden, maps, f"{name}_conv_a", norm))
    inner = _conv(inner, maps, f"{name}_conv_b", norm)
    inner = _squeeze(inner, maps, name) if squeezes else inner
    grows = hidden.shape[-1] != maps
    shortcut = _conv(hidden, maps, f"{name}_shortcut", norm, size=1) if grows else hidden
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([inner, shortcut]))


def _conv(hidden: Any, maps: int, name: str, norm: Any, size: int = 3) -> Any:
    if size > 1:
        hidden = keras.ops.pad(hidden, ((0, 0), (size // 2,) * 2, (size // 2,) * 2, (0, 0)), mode="reflect")
    hidden = layers.Conv2D(maps, size, padding="valid", use_bias=False, name=name)(hidden)
    return norm(name=f"{name}_bn")(hidden)


def _squeeze(hidden: Any, maps: int, name: str) -> Any:
    """Scales every map by a factor between 0 and 1 that depends on the means of all maps."""
    factors = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(hidden)
    factors = layers.Dense(maps // SQUEEZE, activation="relu", name=f"{name}_reduce")(factors)
    factors = layers.Dense(maps, activation="sigmoid", name=f"{name}_excite")(factors)
    return layers.Multiply(name=f"{name}_scale")([hidden, factors])
