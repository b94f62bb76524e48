"""`mobilenetv2`: inverted residuals for phones, pretrained elsewhere (Sandler et al. 2018, arXiv:1801.04381)."""

from __future__ import annotations

from functools import partial

import keras

from . import Design
from .transfer import build_on


def build(design: Design) -> keras.Model:
    """MobileNetV2 with `width` as its α, global average pooling, dropout, softmax."""
    return build_on(partial(keras.applications.MobileNetV2, alpha=design.width), design, "mobilenetv2")
