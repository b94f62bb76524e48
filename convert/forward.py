"""A classifier as both sides of the conversion see it: a plain ONNX graph, its logits, and its layers.

faces ─ … ─ layer ─ … ─ (+ offset) ─ logits ─ Softmax ─ probabilities
            └─ … ─ quality, numbers
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx

from emoscope.errors import ConversionError
from emoscope.network.contract import Contract

from .autodiff import Shape

OPSET = 18
"""The oldest version of the standard operators that has scattering with addition."""

FACES, TARGET, LOGITS, PROBABILITIES = "faces", "target", "logits", "probabilities"
INPUT = "input"
"""What the picture itself is called where it is explained as a layer."""
OFFSET, QUALITY, NUMBERS = "offset", "quality", "numbers"
UNIT, AGAINST = "unit", "against"
"""Overridable inputs of the activation graph, −1 where they are left out: a channel, a second class."""


class Answers(NamedTuple):
    """Names of a classifier's outputs: about classes, about quality, and all further numbers; "" for none."""

    classes: str
    quality: str = ""
    numbers: str = ""


def answers_among(names: Collection[str]) -> Answers:
    """What a classifier's outputs are about.

    Raises:
        ConversionError: there are others.
    """
    about_classes = [name for name in names if name not in (QUALITY, NUMBERS) or len(names) == 1]
    if len(about_classes) != 1:
        told = f"a classifier has one output, and `{QUALITY}` maybe; this has {len(names)}: {', '.join(names)}"
        raise ConversionError(
            f"{told}: say with --output NAME which one is about classes, and with --keep NAME which others to keep"
        )
    return Answers(about_classes[0], *(name if name in names and len(names) > 1 else "" for name in (QUALITY, NUMBERS)))


def several_inputs(path: Path, names: Collection[str], way: str) -> ConversionError:
    """What is said of a network that takes more than the picture, or nothing, and how it becomes one that does.

    Args:
        path: of its file.
        names: of its inputs.
        way: to make one of the picture alone.
    """
    told = f"{path}: a classifier has one input, the picture; this has {len(names)}: {', '.join(names) or 'none'}"
    return ConversionError(f"{told}: {way}, with whatever else it takes computed from the picture, or held constant")


def wanted_outputs(names: Collection[str], chosen: str | None, kept: Collection[str] = ()) -> tuple[str, ...]:
    """The output that was chosen, or that is left, and `quality` where there is one.

    Args:
        names: of all outputs.
        chosen: the one about classes; None for the one that is left.
        kept: those whose numbers are kept, which are not among what is returned.

    Raises:
        ConversionError: there is no such output, or nobody says which one is about classes.
    """
    for name in (chosen, *kept):
        if name is not None and name not in names:
            told = f"there is no output {name!r}; the model has {', '.join(names)}"
            raise ConversionError(f"{told} (the folder for the bundle is given with -o)")
    if chosen in kept:
        raise ConversionError(f"output {chosen!r} is about classes, which are shown anyway: leave its --keep out")
    left = [name for name in names if name not in kept]
    if not left:
        raise ConversionError("no output is left to be about classes: leave out the --keep of the one that is")
    return (chosen or answers_among(left).classes, *({QUALITY} & set(left) - {chosen}))


@dataclass(frozen=True, slots=True)
class Tokens:
    """How the rows of a tensor are the cells of maps, from left above to right below.

    Attributes:
        height: of the maps, in cells.
        width: likewise.
        lead: tokens before the first cell.
        axis: of the channels, 1 or 2; the other one counts tokens.
    """

    height: int
    width: int
    lead: int
    axis: int


@dataclass(frozen=True, slots=True)
class Layer:
    """A stack of maps inside the network.

    Attributes:
        name: the Keras name, or the ONNX node's.
        kind: "conv", "activation", "pool" or "block".
        tensor: its tensor in the graph.
        channel_axis: 1 for (N, c, h, w), 3 for (N, h, w, c).
        tokens: how they lie in the tensor, where they are not maps yet.
        source: tensor of tokens that they were laid out of, "" for none.
    """

    name: str
    kind: str
    tensor: str
    channel_axis: int
    tokens: Tokens | None = None
    source: str = ""

    def size(self, shape: Shape) -> tuple[int, int, int]:
        """Height, width and channels of its maps, from the shape of its tensor."""
        height, width = (int(shape[axis] or 0) for axis in (1, 2, 3) if axis != self.channel_axis)
        return height, width, int(shape[self.channel_axis] or 0)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a model file itself says about its input; None or empty where it is silent.

    Attributes:
        height: in pixels.
        width: in pixels.
        depth: number of channels.
        layout: "NHWC", "NCHW" or empty.
        contract: the contract inside the file, where EmoScope wrote it.
    """

    height: int | None
    width: int | None
    depth: int | None
    layout: str
    contract: Contract | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width, where both are fixed."""
        return (self.height, self.width) if self.height and self.width else None


@dataclass(frozen=True, slots=True)
class Forward:
    """The forward graph.

    Attributes:
        model: input `faces`, outputs `probabilities` and, of some, `quality` and `numbers`; opset 18 or newer.
        logits: tensor that is differentiated, (N, classes), `offset` included where there is one.
        layers: from input to output.
        channel_axis: of the input; 1 for (N, c, h, w), 3 for (N, h, w, c).
        bare: the same graph without what only its explanation needs; None where there is no such thing.
    """

    model: onnx.ModelProto
    logits: str
    layers: tuple[Layer, ...]
    channel_axis: int = 3
    bare: onnx.ModelProto | None = None

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of its layers."""
        return tuple(layer.name for layer in self.layers)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what the classifier alone answers."""
        return tuple(output.name for output in self.model.graph.output)

    @property
    def numbers(self) -> int:
        """How many further numbers it answers of each face."""
        told = [output for output in self.model.graph.output if output.name == NUMBERS]
        return int(told[0].type.tensor_type.shape.dim[1].dim_value) if told else 0

    @property
    def picture(self) -> Layer:
        """The input, seen as a layer."""
        return Layer(INPUT, INPUT, FACES, self.channel_axis)

    def only(self, names: tuple[str, ...] | None) -> Forward:
        """The same graph with some of its layers, None for all; ConversionError where one is missing."""
        known = {layer.name for layer in self.layers}
        strangers = [name for name in names or () if name not in known]
        if not known:
            raise ConversionError("the network has no maps of more than one cell, so there is nothing to explain")
        if strangers:
            there = ", ".join(layer.name for layer in self.layers)
            raise ConversionError(f"no layer {', '.join(map(repr, strangers))} to explain; the network has {there}")
        return replace(self, layers=tuple(layer for layer in self.layers if names is None or layer.name in names))

    @property
    def last_map(self) -> Layer:
        """The last layer before the final pooling, which is where heatmaps are most often taken."""
        return next((layer for layer in reversed(self.layers) if layer.kind != "pool"), self.layers[-1])


def spread(layers: Sequence[Layer], number: int) -> list[Layer]:
    """So many layers, evenly from the first to the last."""
    places = np.linspace(0, len(layers) - 1, min(number, len(layers)))
    return [layers[round(float(place))] for place in places]
