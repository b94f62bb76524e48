"""Constants that a graph computes, computed once: every tensor that is the same whatever the faces are.

    Shape(x) → Gather → Concat → Reshape        the sizes of a map never change, only the batch does

A tensor is such a constant if no path leads to it from the input except through shapes, and if it comes out the same
for a batch of two and of three.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from convert.autodiff import inputs_of
from convert.observe import random_faces, session
from convert.passes import keep_outputs


def fold_constants(model: onnx.ModelProto, face_shape: tuple[int, ...]) -> None:
    """Turns constant tensors into weights, in place; nodes that nobody needs any more are dropped."""
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
