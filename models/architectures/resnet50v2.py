"""`resnet50v2`: fifty layers with identity shortcuts, pretrained elsewhere (He et al. 2016, arXiv:1603.05027)."""

from __future__ import annotations

import keras

from . import Design
from .transfer import build_on


def build(design: Design) -> keras.Model:
    """ResNet50V2, global average pooling, dropout, softmax; its width is fixed."""
    return build_on(keras.applications.ResNet50V2, design, "resnet50v2")
