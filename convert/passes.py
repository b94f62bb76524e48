"""Small passes over an ONNX graph; each changes the model in place.

cancel_transposes    x → Transpose → Transpose → …  where the two undo each other   ⇒   x → …
store_constants      y = Constant                                             ⇒   a weight y
widen_outputs        ConvTranspose with negative pads                         ⇒   with cells added at the end
keep_outputs         what no wanted output needs is dropped

onnx-ir has passes like the second and the last, but needs 38 MB of packages more, 25 times as long for `ferplus` (384
nodes: 0.58 s, not 0.023 s), and keeps the overridable inputs that nothing reads any more. Its folding, in onnxscript,
leaves the sizes of maps to be computed, which `fold` does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from .autodiff import inputs_of


def producers(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    """The node that makes each tensor."""
    return {name: node for node in model.graph.node for name in node.output if name}


def taken(model: onnx.ModelProto) -> set[str]:
    """The names of all tensors."""
    made = {name for node in model.graph.node for name in node.output}
    stored = {tensor.name for tensor in model.graph.initializer}
    return made | stored | {value.name for value in model.graph.input}


def fresh(name: str, known: set[str]) -> str:
    """A name that no tensor has yet, this one if it is free; it is taken from now on."""
    candidates = (name if turn == 1 else f"{name}_{turn}" for turn in range(1, len(known) + 2))
    chosen = next(candidate for candidate in candidates if candidate not in known)
    known.add(chosen)
    return chosen


def permutation(node: onnx.NodeProto) -> list[int]:
    """The axes order of a Transpose."""
    return next(list(item.ints) for item in node.attribute if item.name == "perm")


def cancel_transposes(model: onnx.ModelProto) -> None:
    """Lets the users of a transposition that undoes another one read the original tensor."""
    makers = producers(model)
    original = {}
    for node in model.graph.node:
        before = makers.get(node.input[0]) if node.op_type == "Transpose" else None
        if before is not None and before.op_type == "Transpose" and _undoes(permutation(node), permutation(before)):
            original[node.output[0]] = before.input[0]
    rename_inputs(model, original)


def absorb_transposes(model: onnx.ModelProto) -> None:
    """Lets a reduction that drops its axes read the tensor before a transposition, over the axes as they were there."""
    makers, weights = producers(model), {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        before = makers.get(node.input[0]) if node.op_type.startswith("Reduce") and len(node.input) == 2 else None
        if before is None or before.op_type != "Transpose" or node.input[1] not in weights or _keeps_axes(node):
            continue
        perm = permutation(before)
        axes = [perm[int(axis)] for axis in numpy_helper.to_array(weights[node.input[1]])]
        left = [axis for axis in perm if axis not in axes]
        if left == sorted(left):
            name = f"{node.name}/axes"
            model.graph.initializer.append(numpy_helper.from_array(np.array(axes, np.int64), name))
            node.input[:] = [before.input[0], name]


def _keeps_axes(node: onnx.NodeProto) -> bool:
    return all(item.i for item in node.attribute if item.name == "keepdims")


def _undoes(second: list[int], first: list[int]) -> bool:
    return [first[axis] for axis in second] == list(range(len(first)))


def rename_inputs(model: onnx.ModelProto, names: dict[str, str]) -> None:
    """Lets every node read other tensors; chains of renamings are followed."""
    for node in model.graph.node:
        for position, name in enumerate(node.input):
            while name in names:
                name = names[name]
            node.input[position] = name


def rename_tensors(model: onnx.ModelProto, names: Mapping[str, str]) -> None:
    """Gives tensors other names wherever they occur."""
    rename_in(model.graph, names)
    for value in (*model.graph.initializer, *model.graph.output):
        value.name = names.get(value.name, value.name)


def rename_in(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    """Gives tensors other names in the nodes of a graph and of the graphs within."""
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        for item in node.attribute:
            for inner in (item.g, *item.graphs):
                rename_in(inner, names)


def widen_outputs(model: onnx.ModelProto) -> None:
    """Lets transposed convolutions add cells at the end, which tf2onnx writes as negative pads."""
    for node in model.graph.node:
        pads = next((item for item in node.attribute if item.name == "pads"), None)
        if node.op_type == "ConvTranspose" and pads is not None and min(pads.ints) < 0:
            before, after = np.array(pads.ints).reshape(2, -1)
            added = np.maximum(0, -(before + after))
            pads.ints[:] = [*np.where(added, 0, before), *np.where(added, 0, after)]
            node.attribute.append(helper.make_attribute("output_padding", added.tolist()))


def store_constants(model: onnx.ModelProto) -> None:
    """Makes weights of the tensors in Constant nodes."""
    kept = []
    for node in model.graph.node:
        value = _stored(node) if node.op_type == "Constant" else None
        if value is None:
            kept.append(node)
        else:
            model.graph.initializer.append(numpy_helper.from_array(value, node.output[0]))
    _replace(model.graph.node, kept)


def _stored(node: onnx.NodeProto) -> np.ndarray | None:
    """The value of a Constant; None for the kinds that no classifier is made of."""
    kinds = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
    for item in node.attribute:
        if item.name == "value":
            return numpy_helper.to_array(item.t)
        if item.name in kinds:
            return np.array(helper.get_attribute_value(item), kinds[item.name])
    return None


def keep_outputs(model: onnx.ModelProto, outputs: Iterable[str]) -> None:
    """Keeps these outputs, and of nodes, weights and overridable inputs only what they need."""
    wanted, overridable = set(outputs), {tensor.name for tensor in model.graph.initializer}
    graph = model.graph
    _drop(graph.output, lambda value: value.name not in wanted)
    needed = set()
    for number in reversed(range(len(graph.node))):
        node = graph.node[number]
        if wanted.intersection(node.output):
            needed.add(number)
            wanted.update(filter(None, inputs_of(node)))
    nodes = [graph.node[number] for number in sorted(needed)]
    del graph.node[:]
    graph.node.extend(nodes)
    _drop(graph.initializer, lambda tensor: tensor.name not in wanted)
    _drop(graph.input, lambda value: value.name in overridable and value.name not in wanted)


def _replace(field: object, values: list[object]) -> None:
    copies = list(values)
    del field[:]  # type: ignore[attr-defined]
    field.extend(copies)  # type: ignore[attr-defined]


def _drop(field: Any, unwanted: Callable[[Any], bool]) -> None:
    """Takes these out where they stand: what is taken out and put in anew is held twice as long as the model lives."""
    for number in reversed(range(len(field))):
        if unwanted(field[number]):
            del field[number]


def upstream(model: onnx.ModelProto, tensor: str) -> set[str]:
    """A tensor and all that it is computed from."""
    reached = {tensor}
    for node in reversed(model.graph.node):
        if reached.intersection(node.output):
            reached.update(inputs_of(node))
    return reached


LAYOUTS = {3: [0, 2, 3, 1], 1: [0, 3, 1, 2]}
"""How (N, h, w, c) and (N, c, h, w) are made of one another, by the channel axis of what comes out."""


def peel(model: onnx.ModelProto, tensor: str, channel_axis: int) -> tuple[str, int]:
    """Follows a tensor back through changes of layout; returns the tensor behind them and its channel axis.

    Args:
        model: the graph.
        tensor: maps, (N, h, w, c) or (N, c, h, w).
        channel_axis: 3 or 1.
    """
    makers = producers(model)
    while (node := makers.get(tensor)) is not None and node.op_type in ("Transpose", "Identity"):
        if node.op_type == "Transpose":
            if permutation(node) != LAYOUTS[channel_axis]:
                break  # what stands before is not one stack of maps for each face
            channel_axis = 4 - channel_axis
        tensor = node.input[0]
    return tensor, channel_axis
