"""Tokens laid out as maps, on the way to the logits, so that they are explained like any other layer.

    tokens (N, k + h w, c) ─┬─ the first k ──────────────────────────────┐
                            └─ cells ─ maps (N, h, w, c) ─ cells again ──┴─ joined ─ what read the tokens before

Where only the class token is read behind a block, that block's cells have no slope: they are no layers.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import onnx
from onnx import helper, numpy_helper

from .autodiff import Builder, Graph, Shape, gradients
from .explain import seed
from .forward import AGAINST, FACES, TARGET, Forward, Layer
from .observe import observed_shapes, random_faces, session
from .passes import fresh, keep_outputs, taken


def laid_out(forward: Forward, face_shape: tuple[int, ...]) -> Forward:
    """The forward graph with its layers of tokens as maps, without those of them that the logits do not depend on."""
    if not any(layer.tokens for layer in forward.layers):
        return forward
    model = onnx.ModelProto()
    model.CopyFrom(forward.model)
    graph = Graph(forward.model, observed_shapes(forward.model, face_shape))
    known, after = taken(model), defaultdict[str, list[onnx.NodeProto]](list)
    names: dict[str, str] = {}
    layers = []
    for layer in forward.layers:
        if layer.tokens is None:
            layers.append(layer)
        else:
            maps, names[layer.tensor] = _append(model, after[layer.tensor], layer, graph.shapes[layer.tensor], known)
            layers.append(replace(layer, tensor=maps, tokens=None, source=layer.tensor))
    nodes = list(_woven(model, after, names))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    whole = replace(forward, model=model, layers=tuple(layers), bare=forward.model)
    return _with_slopes(whole, face_shape)


def _append(
    model: onnx.ModelProto, nodes: list[onnx.NodeProto], layer: Layer, shape: Shape, known: set[str]
) -> tuple[str, str]:
    """Appends the nodes that lay tokens out and gather them again; the names of the maps and of the tokens again."""
    tokens = layer.tokens
    assert tokens is not None
    height, width, lead, channels = tokens.height, tokens.width, tokens.lead, int(shape[2] or 0)
    named = {part: fresh(f"{layer.tensor}/{part}", known) for part in ("cells", "maps", "flat", "lead", "again")}

    def number(*values: int) -> str:
        name = fresh(f"{layer.tensor}/number", known)
        model.graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    cells = layer.tensor
    if lead:
        cells, axis, begin, end = named["cells"], number(1), number(lead), number(lead + height * width)
        nodes.append(helper.make_node("Slice", [layer.tensor, begin, end, axis], [cells]))
        nodes.append(helper.make_node("Slice", [layer.tensor, number(0), begin, axis], [named["lead"]]))
    nodes.append(helper.make_node("Reshape", [cells, number(0, height, width, channels)], [named["maps"]]))
    flat = named["flat"] if lead else named["again"]
    nodes.append(helper.make_node("Reshape", [named["maps"], number(0, height * width, channels)], [flat]))
    if lead:
        nodes.append(helper.make_node("Concat", [named["lead"], flat], [named["again"]], axis=1))
    return named["maps"], named["again"]


def _woven(
    model: onnx.ModelProto, after: dict[str, list[onnx.NodeProto]], names: dict[str, str]
) -> list[onnx.NodeProto]:
    """All nodes in order, each of the new ones behind the tensor it begins with."""
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [names.get(name, name) for name in node.input]
        nodes.append(copy)
        nodes += [new for name in node.output for new in after.get(name, ())]
    return nodes


def _with_slopes(forward: Forward, face_shape: tuple[int, ...]) -> Forward:
    graph = Graph(forward.model, observed_shapes(forward.model, face_shape))
    b, tensors = Builder(graph.shapes), [layer.tensor for layer in forward.layers if layer.source]
    found = gradients(b, graph, forward.logits, seed(b, forward.logits), tensors)
    largest = {tensor: b.ReduceMax(b.Abs(found[tensor]), keepdims=0) for tensor in tensors if tensor in found}
    probe = onnx.ModelProto()
    probe.CopyFrom(forward.model)
    probe.graph.node.extend(b.nodes)
    probe.graph.initializer.extend(b.constants)
    probe.graph.input.append(helper.make_tensor_value_info(TARGET, onnx.TensorProto.INT64, ["N"]))
    probe.graph.initializer.append(numpy_helper.from_array(np.array([-1], np.int64), AGAINST))
    probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in largest.values())
    keep_outputs(probe, list(largest.values()))
    values = session(probe).run(list(largest.values()), {FACES: random_faces(2, face_shape), TARGET: np.array([0, 1])})
    sloping = {tensor for tensor, value in zip(largest, values, strict=True) if value > 0}
    kept = tuple(layer for layer in forward.layers if not layer.source or layer.tensor in sloping)
    return replace(forward, layers=kept)
