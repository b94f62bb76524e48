"""`minixception`: a network of depthwise separable convolutions with 58 thousand parameters.

    64×64 ─conv1─conv2─▶ 8 maps ─block1─▶ 16 ─block2─▶ 32 ─block3─▶ 64 ─block4─▶ 128 ─conv3─▶ classes ─gap─▶ logits

    block:  x ─separable─bn─relu─separable─bn─pool─┐
            └────── 1×1 conv, stride 2 ─────bn────add

After Arriaga, Valdenegro-Toro and Plöger 2017, arXiv:1710.07557. Its last convolution has one map per class, so
that the maps themselves say where each class was seen.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from . import Design
from .blocks import face

MAPS = (16, 32, 64, 128)


def build(design: Design) -> keras.Model:
    """Two plain convolutions, four residual separable blocks, one map per class averaged, softmax."""
    inputs = hidden = face(design)
    for number in (1, 2):
        hidden = layers.Conv2D(design.maps(8), 3, use_bias=False, name=f"conv{number}")(hidden)
        hidden = design.norm(name=f"bn{number}")(hidden)
        hidden = layers.ReLU(name=f"relu{number}")(hidden)
    for number, maps in enumerate(MAPS, 1):
        hidden = _block(hidden, design.maps(maps), f"block{number}", design.norm)
    hidden = layers.Conv2D(design.classes, 3, padding="same", name="conv3")(hidden)
    logits = layers.GlobalAveragePooling2D(dtype="float32", name="logits")(hidden)
    return keras.Model(inputs, layers.Softmax(dtype="float32", name="probabilities")(logits), name="minixception")


def _block(hidden: Any, maps: int, name: str, norm: Any) -> Any:
    shortcut = layers.Conv2D(maps, 1, strides=2, padding="same", use_bias=False, name=f"{name}_shortcut")(hidden)
    shortcut = norm(name=f"{name}_shortcut_bn")(shortcut)
    inner = layers.ReLU(name=f"{name}_relu")(_separable(hidden, maps, f"{name}_conv_a", norm))
    inner = _separable(inner, maps, f"{name}_conv_b", norm)
    inner = layers.MaxPooling2D(3, strides=2, padding="same", name=f"{name}_pool")(inner)
    return layers.Add(name=f"{name}_add")([inner, shortcut])


def _separable(hidden: Any, maps: int, name: str, norm: Any) -> Any:
    hidden = layers.SeparableConv2D(maps, 3, padding="same", use_bias=False, name=name)(hidden)
    return norm(name=f"{name}_bn")(hidden)
