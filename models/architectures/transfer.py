"""Networks that learnt to see on other pictures: how a backbone of Keras Applications becomes one of ours.

    grey face ─to_rgb─▶ three equal channels ─backbone─▶ maps ─gap─▶ logits ─▶ classes

The backbone's layers stand in the network itself, under their own names, so that each can be looked at and
explained. Weights come from a file that the user has (`.weights.h5` as Keras Applications saves it, with or
without the layers for the thousand ImageNet classes); nothing is ever downloaded.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
from keras import layers

from emoscope.errors import ModelError

from . import Design
from .blocks import face, head

IMAGENET_CLASSES = 1000


def build_on(make: Callable[..., Any], design: Design, name: str) -> keras.Model:
    """A classifier on the backbone that `make`, a function of `keras.applications`, builds.

    Raises:
        ModelError: the file of weights is missing or belongs to another network.
    """
    inputs = face(design)
    rgb = layers.Concatenate(name="to_rgb")([inputs] * 3) if design.input.depth == 1 else inputs
    backbone = make(include_top=False, weights=None, input_tensor=rgb)
    if design.weights:
        _load(backbone, make, Path(design.weights), (design.input.height, design.input.width, 3))
    hidden = layers.GlobalAveragePooling2D(name="gap")(backbone.output)
    hidden = layers.Dropout(design.dropout, name="dropout")(hidden)
    return keras.Model(inputs, head(hidden, design), name=name)


def _load(backbone: Any, make: Callable[..., Any], path: Path, shape: tuple[int, int, int]) -> None:
    """Copies the weights of a file into the backbone, in the order of its layers."""
    if not path.is_file():
        raise ModelError(f"{path}: no such file of weights")
    for whole in (make(include_top=False, weights=None, input_shape=shape), _with_top(make)):
        if _fits(whole, path):
            backbone.set_weights(whole.get_weights()[: len(backbone.get_weights())])
            return
    raise ModelError(f"{path}: not the weights of {backbone.name}: save them with Keras Applications' save_weights")


def _fits(network: Any, path: Path) -> bool:
    """Loads a file into a network; False where it is not whole, or of another network (Keras only warns of some)."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            network.load_weights(path)
        except (ValueError, OSError, KeyError, UserWarning):
            return False
    return True


def _with_top(make: Callable[..., Any]) -> Any:
    return make(include_top=True, weights=None, classes=IMAGENET_CLASSES)
