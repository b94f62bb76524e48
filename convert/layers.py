"""Which tensors of an ONNX graph are layers that a person would look at, and which axis holds their channels.

Convolutions put channels first; whatever follows keeps its input's layout, and transpositions move the axis. A layer is
a map of more than one cell that the logits depend on:

    conv         Conv, ConvTranspose, and a MatMul over the channels of maps
    activation   Relu, …, and the products x σ(x) that SiLU, hard swish and Mish are spelled as
    pool         MaxPool, AveragePool
    block        Add, Sum and Concat of maps
"""

from __future__ import annotations

from collections.abc import Collection

import onnx

from .autodiff import Graph
from .autodiff.table import is_constant
from .forward import FACES, Layer

CONVOLUTIONS = {"Conv", "ConvTranspose", "MatMul"}
GATES = {"Sigmoid", "HardSigmoid"}
ACTIVATIONS = {
    "Relu",
    "LeakyRelu",
    "PRelu",
    "Elu",
    "Selu",
    "Celu",
    "Gelu",
    "Mish",
    "HardSwish",
    "Softplus",
    "Softsign",
    "Tanh",
    "ThresholdedRelu",
    "Clip",
}
POOLS = {"MaxPool", "AveragePool"}
JOINS = {"Add", "Sum", "Concat"}
FIRST = {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "BatchNormalization", "InstanceNormalization"}


def find_layers(graph: Graph, logits: str, input_axis: int) -> tuple[Layer, ...]:
    """The layers of a graph from input to output.

    Args:
        graph: the forward graph.
        logits: what the layers must lead to.
        input_axis: axis of the input's channels.
    """
    leading = graph.upstream(logits) & graph.downstream([FACES], is_constant)
    axes, taken = {FACES: input_axis}, set[str]()
    gates = _gates(graph)
    bending = {tensor for chain in gates.values() for tensor in chain}
    layers: list[Layer] = []
    for node in graph.nodes:
        tensor = node.output[0]
        axis = _channel_axis(graph, node, axes)
        if tensor not in leading or axis is None:
            continue
        axes[tensor] = axis
        kind = "" if tensor in bending else _kind(graph, node, axes, gates)
        if kind and _is_map(graph.shapes[tensor], axis):
            layers.append(Layer(_unique(node, taken), kind, tensor, axis))
    return tuple(layers)


def _channel_axis(graph: Graph, node: onnx.NodeProto, axes: dict[str, int]) -> int | None:
    if node.op_type in FIRST:
        return 1
    before = next((name for name in node.input if name in axes), None)
    if before is None or len(graph.shapes[node.output[0]]) != len(graph.shapes[before]):
        return None
    if node.op_type == "Transpose":
        return list(graph.attributes(node)["perm"]).index(axes[before])  # type: ignore[call-overload,no-any-return]
    return None if node.op_type == "Reshape" else axes[before]


def _kind(graph: Graph, node: onnx.NodeProto, axes: dict[str, int], gates: Collection[str]) -> str:
    operator = node.op_type
    maps = [name for name in node.input if name in axes]
    if operator in CONVOLUTIONS and (operator != "MatMul" or axes[node.output[0]] == 3):
        return "conv"
    if operator in ACTIVATIONS or (operator == "Mul" and node.output[0] in gates):
        return "activation"
    if operator in POOLS:
        return "pool"
    return "block" if operator in JOINS and len(maps) > 1 and _alike(graph, maps) else ""


def _gates(graph: Graph) -> dict[str, list[str]]:
    """Products of a tensor with a bent copy of itself → the tensors that bend it, which are no layers of their own."""
    found = {}
    for node in graph.nodes:
        for factor in node.input if node.op_type == "Mul" else ():
            chain, source = _bent(graph, factor)
            if chain and source in node.input:
                found[node.output[0]] = chain
    return found


def _bent(graph: Graph, tensor: str) -> tuple[list[str], str]:
    """The one or two activations that made a tensor, and what they were applied to."""
    chain: list[str] = []
    while len(chain) < 2 and (node := graph.producer.get(tensor)) is not None and node.op_type in ACTIVATIONS | GATES:
        chain.append(tensor)
        tensor = node.input[0]
    return chain, tensor


def _alike(graph: Graph, maps: list[str]) -> bool:
    """Whether all are maps of one size; a sum with one value per channel is no meeting of branches."""
    shapes = {graph.shapes[name][2:] for name in maps}
    return len({len(shape) for shape in shapes}) == 1 and all(1 not in shape[:1] for shape in shapes)


def _is_map(shape: tuple[int | None, ...], axis: int) -> bool:
    cells = [size or 0 for place, size in enumerate(shape) if place not in (0, axis)]
    return len(shape) == 4 and cells[0] * cells[1] > 1


def _unique(node: onnx.NodeProto, taken: set[str]) -> str:
    name = (node.name or node.output[0]).strip("/").replace("/", ".")
    candidates = (name if turn == 1 else f"{name}.{turn}" for turn in range(1, len(taken) + 2))
    chosen = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(chosen)
    return chosen
