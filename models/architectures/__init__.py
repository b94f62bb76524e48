"""The networks, one file each, in one table; a row adds a network.

Every file has `build(design)`, which returns a Keras model from (N, h, w, c) to class probabilities. Its last
two layers are `logits` and `probabilities`, and its layers bear names for people.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.augment import Augmentation
from models.recipe import Recipe
from realtime.contract import InputSpec
from realtime.errors import ModelError


@dataclass(frozen=True, slots=True)
class Design:
    """What a network is built from.

    Attributes:
        input: size and channels of a face.
        classes: number of classes.
        width: factor on the number of maps of every layer.
        dropout: share of units dropped before the last layer.
        norm: the batch normalisation layer; None means Keras' own.
    """

    input: InputSpec
    classes: int
    width: float = 1.0
    dropout: float = 0.5
    norm: Any = None

    def maps(self, count: int) -> int:
        """`count` maps, made wider or narrower as the design asks, in eights."""
        return max(8, 8 * round(count * self.width / 8))


@dataclass(frozen=True, slots=True)
class Architecture:
    """A row of the table.

    Attributes:
        help: one line about the network.
        input: what a face looks like to it.
        dropout: its own default.
        recipe: how it is trained where the user does not say.
        onednn: whether TensorFlow's oneDNN kernels are safe for it (see `models.backend`).
    """

    help: str
    input: InputSpec = field(default_factory=InputSpec)
    dropout: float = 0.5
    recipe: Recipe = field(default_factory=Recipe)
    onednn: bool = True


STRONG = Augmentation(rotation=12, shift=0.1, zoom=0.12, flip=True, brightness=0.12, contrast=0.25, erasing=0.25)
LONG = Recipe(epochs=60, batch=128, lr=0.1, optimizer="sgd", weight_decay=5e-3, average=0.999, augmentation=STRONG)

ARCHITECTURES: Mapping[str, Architecture] = {
    "emoscope": Architecture("ours: residual, squeeze-and-excitation (1.2 M parameters)", dropout=0.3, recipe=LONG),
    "gmp": Architecture("three normalised convolutions, then global max-pooling (0.4 M parameters)", dropout=0.25),
}


def architecture(name: str) -> Architecture:
    """The row of this name; ModelError names those there are."""
    if name not in ARCHITECTURES:
        raise ModelError(f"unknown network {name!r}; there are {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]


def build(name: str, design: Design) -> Any:
    """Builds the network; TensorFlow must have been started (`models.backend.start`)."""
    import keras

    architecture(name)
    chosen = replace(design, norm=design.norm or keras.layers.BatchNormalization)
    return importlib.import_module(f"models.architectures.{name}").build(chosen)
