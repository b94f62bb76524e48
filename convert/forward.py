"""A classifier as both sides of the conversion see it: a plain ONNX graph, its logits, and its layers.

faces ─ … ─ layer ─ … ─ logits ─ Softmax ─ probabilities
"""

from __future__ import annotations

from dataclasses import dataclass

import onnx

from convert.autodiff import Shape

FACES, TARGET, LOGITS, PROBABILITIES = "faces", "target", "logits", "probabilities"


@dataclass(frozen=True, slots=True)
class Layer:
    """A stack of maps inside the network.

    Attributes:
        name: the Keras name, or the ONNX node's.
        kind: "conv", "activation", "pool" or "block".
        tensor: its tensor in the graph.
        channel_axis: 1 for (N, c, h, w), 3 for (N, h, w, c).
    """

    name: str
    kind: str
    tensor: str
    channel_axis: int

    def size(self, shape: Shape) -> tuple[int, int, int]:
        """Height, width and channels of its maps, from the shape of its tensor."""
        height, width = (int(shape[axis] or 0) for axis in (1, 2, 3) if axis != self.channel_axis)
        return height, width, int(shape[self.channel_axis] or 0)


@dataclass(frozen=True, slots=True)
class Forward:
    """The forward graph.

    Attributes:
        model: input `faces`, output `probabilities`; weights inside; opset 18 or newer.
        logits: tensor that is differentiated, (N, classes).
        layers: from input to output.
    """

    model: onnx.ModelProto
    logits: str
    layers: tuple[Layer, ...]
