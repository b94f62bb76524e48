"""Batch normalisation put together again, which Keras spells as a product and a sum.

    x → Mul(scale) → Add(shift)   ⇒   x → BatchNormalization(scale, shift, mean 0, variance 1)

Runtimes fold the one operator into the convolution before it, or, where the convolution's own maps are looked at, run
it in their fastest layout together with the activation behind it.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnx
from onnx import helper, numpy_helper

from .cam_numpy import Array


def join_norms(model: onnx.ModelProto) -> None:
    """Joins products and sums with one number per channel, (N, c, h, w), in place."""
    vectors = {
        tensor.name: vector for tensor in model.graph.initializer if (vector := _per_channel(tensor)) is not None
    }
    uses = Counter(name for node in model.graph.node for name in node.input)
    uses.update(value.name for value in model.graph.output)
    products = {
        node.output[0]: node for node in model.graph.node if node.op_type == "Mul" and uses[node.output[0]] == 1
    }
    for node in model.graph.node:
        shifted = _operands(node, vectors) if node.op_type == "Add" else None
        scaled = _operands(products[shifted[0]], vectors) if shifted and shifted[0] in products else None
        if shifted and scaled and len(vectors[scaled[1]]) == len(vectors[shifted[1]]):
            _become_norm(model, node, scaled[0], vectors[scaled[1]], vectors[shifted[1]])


def _per_channel(tensor: onnx.TensorProto) -> Array | None:
    """The vector in a weight of shape (c, 1, 1) or (1, c, 1, 1), else None."""
    shape = list(tensor.dims)
    fits = len(shape) in (3, 4) and shape[-2:] == [1, 1] and shape[:-3] in ([], [1]) and shape[-3] > 1
    return numpy_helper.to_array(tensor).ravel() if fits and tensor.data_type == onnx.TensorProto.FLOAT else None


def _operands(node: onnx.NodeProto, vectors: dict[str, Array]) -> tuple[str, str] | None:
    """The computed operand and the vector of a node that has one of each."""
    known = [name in vectors for name in node.input]
    return (node.input[known.index(False)], node.input[known.index(True)]) if sorted(known) == [False, True] else None


def _become_norm(model: onnx.ModelProto, node: onnx.NodeProto, x: str, scale: Array, shift: Array) -> None:
    values = {"scale": scale, "shift": shift, "mean": np.zeros_like(scale), "variance": np.ones_like(scale)}
    names = {part: f"{node.output[0]}/{part}" for part in values}
    model.graph.initializer.extend(numpy_helper.from_array(value, names[part]) for part, value in values.items())
    output, name = list(node.output), node.name
    node.CopyFrom(helper.make_node("BatchNormalization", [x, *names.values()], output, name=name, epsilon=0.0))
