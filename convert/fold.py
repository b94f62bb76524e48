"""Constants that a graph computes, computed once: every tensor that is the same whatever the faces are.

    Shape(x) → Gather → Concat → Reshape        the sizes of a map never change, only the batch does

A tensor is such a constant if no path leads to it from the input except through shapes, and if it comes out the same
for a batch of two and of three. Where such a constant decides between two branches, the one that is always taken takes
the place of the decision: PyTorch writes one wherever it squeezes an axis that might be longer.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from emoscope.network.held import numbers

from .autodiff import inputs_of
from .observe import random_faces, session
from .passes import keep_outputs, rename_in, store_constants


def fold_constants(model: onnx.ModelProto, face_shape: tuple[int, ...]) -> None:
    """Turns constant tensors into weights, in place; nodes that nobody needs any more are dropped."""
    _fold(model, face_shape)
    while _decide(model):
        store_constants(model)
        _fold(model, face_shape)


def _fold(model: onnx.ModelProto, face_shape: tuple[int, ...]) -> None:
    names = _independent(model)
    if not names:
        return
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    running, feed = session(probe, optimised=False), model.graph.input[0].name
    two, three = (running.run(names, {feed: random_faces(n, face_shape)}) for n in (2, 3))
    fixed = {name: a for name, a, b in zip(names, two, three, strict=True) if np.array_equal(a, b)}
    _replace(model, fixed)
    keep_outputs(model, [output.name for output in model.graph.output])


def _independent(model: onnx.ModelProto) -> list[str]:
    dependent = {value.name for value in model.graph.input}
    names: list[str] = []
    for node in model.graph.node:
        if node.op_type not in ("Shape", "Size") and dependent.intersection(inputs_of(node)):
            dependent.update(node.output)
        else:
            names += [name for name in node.output if name]
    return names


def _replace(model: onnx.ModelProto, values: dict[str, np.ndarray]) -> None:
    kept = [node for node in model.graph.node if not values.keys() >= set(filter(None, node.output))]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(a), name) for name, a in values.items())


def _decide(model: onnx.ModelProto) -> bool:
    """Puts the branch that is always taken in the place of every If that a weight decides; whether there was one."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    decided = [node for node in model.graph.node if node.op_type == "If" and node.input[0] in weights]
    for node in decided:
        branch, position = (
            _taken(node, bool(numbers(weights[node.input[0]]).item())),
            list(model.graph.node).index(node),
        )
        model.graph.initializer.extend(branch.initializer)
        del model.graph.node[position]
        for inner in reversed(branch.node):
            model.graph.node.insert(position, inner)
    return bool(decided)


def _taken(node: onnx.NodeProto, condition: bool) -> onnx.GraphProto:
    """A copy of the branch, whose outputs have the names of the node's and whose own tensors cannot be mistaken."""
    wanted, branch = "then_branch" if condition else "else_branch", onnx.GraphProto()
    branch.CopyFrom(next(item.g for item in node.attribute if item.name == wanted))
    own = [name for inner in branch.node for name in inner.output] + [tensor.name for tensor in branch.initializer]
    names = {name: f"{node.output[0]}/{name}" for name in own if name}
    names |= {value.name: name for value, name in zip(branch.output, node.output, strict=True)}
    rename_in(branch, names)
    for tensor in branch.initializer:
        tensor.name = names[tensor.name]
    return branch
