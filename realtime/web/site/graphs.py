"""A model as the page has it: a skeleton without its large weights, and one file that holds those.

    activation graph ──▶ skeleton.onnx    nodes, shapes, small numbers: what an answer needs is cut out of it there
                     ├─▶ first.onnx       what the first picture needs, which so waits for no cutting
                     ├─▶ names.json       of all that may be fed and asked
                     └─▶ weights.bin      of all layers and methods together, one behind the other

The way back through a convolution, which convert writes as a Conv with turned weights, is a ConvTranspose there: it
does not multiply the padding, and needs no second copy of the weights. In WebAssembly it takes a third less time. What
the first picture needs multiplies less still (`winograd.py`): with the shipped network that is a third less once more.

Weights travel in 16 bits where that changes neither probabilities nor heat by more than `LIMIT` and `HEAT_LIMIT`; the
page computes in 32 either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ...network.bundle import ModelBundle
from ...network.network import INPUT, PROBABILITIES, QUALITY, Network, Request
from ...network.weights import LARGE
from ...types import Floats
from .winograd import multiply_less

LOCATION = "weights"
"""Of the external data, as the page calls it."""
LIMIT, HEAT_LIMIT, OF_FACES = 0.001, 0.01, 0.95
"""By how much probabilities may change, and the heat of so many of the faces, for weights to travel in 16 bits."""

TURNING = ("Reshape", "Transpose", "Reshape", "Slice")
"""How convert turns weights, the last step first."""


@dataclass(frozen=True, slots=True)
class PackedModel:
    """A model in two files.

    Attributes:
        skeleton: an ONNX model whose large weights are external data.
        first: the part of it that answers the first request.
        names: of the skeleton's inputs and outputs.
        weights: those, in the order of their offsets.
        halves: whether they are in 16 bits; offsets in the skeleton are those of 32.
    """

    skeleton: bytes
    first: bytes
    names: dict[str, list[str]]
    weights: bytes
    halves: bool


def packed(bundle: ModelBundle, faces: Floats, first: Request | None = None) -> PackedModel:
    """A bundle for the page.

    Args:
        bundle: the model; only its activation graph is used, which answers everything.
        faces: (N, …) as its input, on which weights in 16 bits are tried; N may be 0.
        first: what the page asks for at first; only what faces show where it is None.
    """
    halves = len(faces) > 0 and fit_halves(bundle, faces)
    model = _with(bundle.activations, lambda array: array)
    transpose_convolutions(model)
    names = {kind: [value.name for value in values] for kind, values in _ends(model.graph)}
    asked = _asked(first or Request(), names["outputs"])
    multiply_less(model, asked)
    free = {value.name for value in model.graph.input}
    # A default that may be overridden is an input that the page's runtime would not take.
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in free]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    arrays, offset = [], 0
    for tensor in model.graph.initializer:
        if _is_large(tensor):
            arrays.append(numpy_helper.to_array(tensor))
            _take_out(tensor, offset, arrays[-1].nbytes)
            offset += arrays[-1].nbytes
    weights = b"".join((array.astype(np.float16) if halves else array).tobytes() for array in arrays)
    skeleton = onnx.ModelProto.FromString(model.SerializeToString()).SerializeToString()
    _narrow(model.graph, asked)
    return PackedModel(skeleton, model.SerializeToString(), names, weights, halves)


def _ends(graph: onnx.GraphProto) -> tuple[tuple[str, Sequence[onnx.ValueInfoProto]], ...]:
    return ("inputs", graph.input), ("outputs", graph.output)


def _asked(request: Request, offered: Sequence[str]) -> set[str]:
    """Outputs that a request for heat reads; where it reads others, the page cuts them out of the skeleton itself."""
    heat = [f"cam/{request.method}/{place}" for place in (INPUT, request.layer)]
    return {PROBABILITIES, QUALITY, *[name for name in heat if name in offered][:1]}.intersection(offered)


def _narrow(graph: onnx.GraphProto, outputs: Set[str]) -> None:
    """Leaves only what these outputs need."""
    wanted = [value for value in graph.output if value.name in outputs]
    del graph.output[:], graph.value_info[:]
    graph.output.extend(wanted)
    _drop_unread(graph)
    read = {name for node in graph.node for name in node.input}
    fed = [value for value in graph.input if value.name in read]
    del graph.input[:]
    graph.input.extend(fed)


def transpose_convolutions(model: onnx.ModelProto) -> None:
    """Replaces each Conv whose weights are turned before by the ConvTranspose of the weights as they are.

    Conv(g, Reshape(Transpose(Reshape(Slice(W, from the end)))), pads p)   ⇒   ConvTranspose(g, W, pads reach - 1 - p)
    """
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output}
    stored = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        weights = _before_turning(node, makers, stored)
        if weights is None:
            continue
        given = {item.name: helper.get_attribute_value(item) for item in node.attribute}
        space = weights.dims[2:]
        dilations = list(given.get("dilations", [1] * len(space)))
        pads = given.get("pads", [0] * 2 * len(space))
        reach = [(edge - 1) * step for edge, step in zip(space, dilations, strict=True)]
        rest = [far - pad for far, pad in zip(reach * 2, pads, strict=True)]
        if min(rest) < 0 or max(given.get("strides", [1])) > 1:
            continue
        style = {"dilations": dilations, "group": given.get("group", 1), "pads": rest}
        node.CopyFrom(helper.make_node("ConvTranspose", [node.input[0], weights.name], node.output, node.name, **style))
    _drop_unread(graph)


def _before_turning(
    node: onnx.NodeProto, makers: Mapping[str, onnx.NodeProto], stored: Mapping[str, onnx.TensorProto]
) -> onnx.TensorProto | None:
    """The weights of a convolution before they were turned; None where they are not."""
    if node.op_type != "Conv" or len(node.input) != 2:
        return None
    step = node
    for kind, at in zip(TURNING, (1, 0, 0, 0), strict=True):
        before = makers.get(step.input[at])
        if before is None or before.op_type != kind:
            return None
        step = before
    weights, flips = stored.get(step.input[0]), stored.get(step.input[-1])
    if weights is None or flips is None or (numpy_helper.to_array(flips) != -1).any():
        return None
    return weights if flips.dims[0] == len(weights.dims) - 2 else None


def _drop_unread(graph: onnx.GraphProto) -> None:
    """Leaves out the nodes and initializers whose results nothing reads."""
    read = {value.name for value in graph.output}
    kept = []
    for node in reversed(graph.node):
        if read.intersection(node.output):
            read.update(node.input)
            kept.append(node)
    weights = [tensor for tensor in graph.initializer if tensor.name in read]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(weights)


def fit_halves(bundle: ModelBundle, faces: Floats) -> bool:
    """Whether weights in 16 bits say the same about these faces, and look at the same places."""
    contract = bundle.contract
    small = _with(bundle.activations, lambda array: array.astype(np.float16).astype(np.float32))
    models = replace(bundle, classifier=bundle.activations), replace(bundle, classifier=small, activations=small)
    request = Request(contract.default_layer, method=contract.default_method) if contract.default_method else Request()
    one, other = (Network(model).answer(faces, request) for model in models)
    if np.abs(one.probabilities - other.probabilities).max() > LIMIT:
        return False
    if one.heat is None or other.heat is None:
        return True
    apart = np.abs(one.heat - other.heat).reshape(len(faces), -1).max(axis=1)
    return float(np.quantile(apart, OF_FACES)) <= HEAT_LIMIT


def _is_large(tensor: onnx.TensorProto) -> bool:
    return tensor.ByteSize() >= LARGE and tensor.data_type == onnx.TensorProto.FLOAT


def _with(model: onnx.ModelProto, change: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> onnx.ModelProto:
    """A copy of a model with its large weights changed."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for tensor in made.graph.initializer:
        if _is_large(tensor):
            tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor)), tensor.name))
    return made


def _take_out(tensor: onnx.TensorProto, offset: int, length: int) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", LOCATION), ("offset", str(offset)), ("length", str(length))):
        tensor.external_data.add(key=key, value=value)
