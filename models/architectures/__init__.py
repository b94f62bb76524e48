"""The networks, one file each, in one table; a row adds a network.

Every file has `build(design)`, which returns a Keras model from (N, h, w, c) to class probabilities. Its last
two layers are `logits` and `probabilities`, and its layers bear names for people.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emoscope.errors import ModelError
from emoscope.network.contract import InputSpec

from ..recipe import LIGHT, STRONG, Recipe


@dataclass(frozen=True, slots=True)
class Design:
    """What a network is built from.

    Attributes:
        input: size and channels of a face.
        classes: number of classes.
        width: factor on the number of maps of every layer.
        dropout: share of units dropped before the last layer.
        norm: the batch normalisation layer; None means Keras' own.
        deeper: blocks of each size more than usual, where the network has blocks.
        quality: whether the network also answers how well each face can be read, where it can.
        weights: file of pretrained weights for a network that transfers, or "".
    """

    input: InputSpec
    classes: int
    width: float = 1.0
    dropout: float = 0.5
    norm: Any = None
    deeper: int = 0
    quality: bool = False
    weights: str = ""

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
        onednn: whether TensorFlow's oneDNN kernels are safe for it (see `emoscope.models.backend`).
        transfers: whether it can start from pretrained weights.
        h5: whether Keras' older format knows all of its layers.
    """

    help: str
    recipe: Recipe
    input: InputSpec = field(default_factory=InputSpec)
    dropout: float = 0.5
    onednn: bool = True
    transfers: bool = False
    h5: bool = True


def symmetric(edge: int) -> InputSpec:
    """A square gray face with pixels from −1 to 1."""
    return InputSpec(edge, edge, scale=1 / 127.5, offset=-1.0)


LONG = Recipe(epochs=60, batch=128, lr=0.1, optimizer="sgd", weight_decay=5e-3, average=0.999, augmentation=STRONG)
CLASSIC = Recipe(epochs=15, batch=64, lr=1e-3, schedule="constant", augmentation=LIGHT)
PATIENT = Recipe(epochs=50, batch=32, lr=1e-3, schedule="plateau", patience=12, augmentation=LIGHT)
TRANSFER = Recipe(epochs=30, batch=32, lr=8e-5, frozen=0.2, average=0.999, augmentation=LIGHT)

ARCHITECTURES: Mapping[str, Architecture] = {
    "emoscope": Architecture(
        "ours: residual, squeeze-and-excitation; 1.3 M parameters",
        LONG,
        replace(symmetric(48), stretch=(1.0, 99.0)),
        dropout=0.3,
        h5=False,
    ),
    "gmp": Architecture(
        "three normalised convolutions, then global max-pooling; 0.4 M",
        replace(CLASSIC, schedule="cosine"),
        dropout=0.25,
    ),
    "emodetect": Architecture("three plain convolutions and a dense layer; 0.7 M", CLASSIC),
    "deep4": Architecture("four convolutions, dense 1024 and 512; 5.5 M", replace(PATIENT, lr=3e-4), dropout=0.25),
    "minixception": Architecture("separable convolutions; 58 thousand", PATIENT, symmetric(64), onednn=False),
    "mobilenetv2": Architecture(
        "MobileNetV2 for transfer; 2.3 M", TRANSFER, symmetric(96), dropout=0.3, transfers=True
    ),
    "resnet50v2": Architecture("ResNet50V2 for transfer; 23.6 M", TRANSFER, symmetric(96), dropout=0.3, transfers=True),
}


def architecture(name: str) -> Architecture:
    """The row of this name; ModelError names those there are."""
    if name not in ARCHITECTURES:
        raise ModelError(f"unknown network {name!r}; there are {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]


def build(name: str, design: Design) -> Any:
    """Builds the network; TensorFlow must have been started (`emoscope.models.backend.start`).

    Raises:
        ModelError: there is no such network, or it cannot start from pretrained weights.
    """
    import keras

    if design.weights and not architecture(name).transfers:
        raise ModelError(f"{name} does not start from pretrained weights: leave --weights out")
    chosen = replace(design, norm=design.norm or keras.layers.BatchNormalization)
    return importlib.import_module(f".{name}", __package__).build(chosen)
