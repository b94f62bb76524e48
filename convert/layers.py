"""Which tensors of an ONNX graph are layers that a person would look at, and which axis holds their channels.

Convolutions put channels first; whatever follows keeps its input's layout, and transpositions move the axis. A layer is
a stack of several maps, each more than one cell high and wide, that the logits depend on:

    conv         Conv, ConvTranspose, and a MatMul over the channels of maps
    activation   Relu, …, and the products x σ(x) that SiLU, hard swish and Mish are spelled as
    pool         MaxPool, AveragePool
    block        Add, Sum and Concat of maps, and Mul of maps and what attends to them

Transformers keep maps as rows of tokens: the sums of their blocks are layers of the kind "block". `axes` tells which
tensors are maps and which are tokens, `tokens` lays these out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import onnx

from .autodiff import Graph, inputs_of
from .autodiff.table import is_constant
from .axes import Meaning, Stack, meaning_of
from .forward import FACES, Forward, Layer, Tokens

CONVOLUTIONS = {"Conv", "ConvTranspose", "MatMul"}
GATES = {"Sigmoid", "HardSigmoid", "Erf"}
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
SCALINGS = {"Add", "Sub", "Mul", "Div"}
"""By a number, these make no other bend of one."""
BENDS = 5
"""Operators at most that an activation's bent copy is spelled in."""


def find_layers(
    graph: Graph, logits: str, input_axis: int, scopes: Mapping[str, str] = MappingProxyType({})
) -> tuple[Layer, ...]:
    """The layers of a graph from input to output.

    Args:
        graph: the forward graph.
        logits: what the layers must lead to.
        input_axis: axis of the input's channels.
        scopes: tensor → a name for its layer, where the file knows a better one than the node's.
    """
    leading = graph.upstream(logits) & graph.downstream([FACES], is_constant)
    meanings: dict[str, Meaning] = {FACES: Stack(input_axis)}
    taken = set[str]()
    gates = _gates(graph)
    bending = {tensor for chain in gates.values() for tensor in chain}
    layers: list[Layer] = []
    for node in graph.nodes:
        tensor = node.output[0]
        meaning = meaning_of(graph, node, meanings)
        if tensor not in leading or meaning is None:
            continue
        meanings[tensor] = meaning
        kind = "" if tensor in bending else _kind(graph, node, meanings, gates)
        if kind and _shows_maps(graph, tensor, meaning):
            name = _unique(scopes.get(tensor) or _short(node.name or tensor), taken)
            tokens = meaning if isinstance(meaning, Tokens) else None
            layers.append(Layer(name, kind, tensor, meaning.axis if tokens is None else 3, tokens))
    return tuple(layers)


def default_layer(forward: Forward, graph: Graph) -> Layer:
    """Where heat is taken from: the last layer that all ways from the picture to the logits lead through.

    A mask that attends to maps lies beside the way, and the product of both on it. Where the last such layer is much
    finer than the last layer of all, branches run side by side to the end, and the last one is taken. No pooling is.
    """
    through = dominators(graph, FACES, forward.logits)
    maps = [layer for layer in forward.layers if layer.kind != "pool"] or list(forward.layers)
    sizes = {layer: layer.size(graph.shapes[layer.tensor]) for layer in maps}
    on_the_way = [layer for layer in maps if (layer.source or layer.tensor) in through]
    if not on_the_way:
        return maps[-1]
    (height, width, _), (h, w, _) = sizes[on_the_way[-1]], sizes[maps[-1]]
    return on_the_way[-1] if height * width <= FINER * h * w else maps[-1]


FINER = 4
"""So many times more cells than the last layer the default layer may have."""


def dominators(graph: Graph, source: str, sink: str) -> set[str]:
    """The tensors on every way from one tensor to another: as many ways lead through them as there are at all."""
    before, behind = {source: 1}, {sink: 1}
    nodes = [node for node in graph.nodes if not is_constant(node)]
    for node in nodes:
        ways = sum(before.get(name, 0) for name in inputs_of(node))
        before.update({name: ways for name in node.output if name not in before})
    for node in reversed(nodes):
        ways = sum(behind.get(name, 0) for name in node.output)
        for name in inputs_of(node):
            behind[name] = behind.get(name, 0) + ways
    return {name for name, ways in before.items() if ways * behind.get(name, 0) == before.get(sink, 0) > 0}


def _kind(graph: Graph, node: onnx.NodeProto, meanings: Mapping[str, Meaning], gates: Collection[str]) -> str:
    operator, meaning = node.op_type, meanings[node.output[0]]
    computed = [name for name in node.input if name and name not in graph.weights]
    alike = [name for name in computed if graph.shapes[name] == graph.shapes[node.output[0]]]
    if isinstance(meaning, Tokens):
        return "block" if operator in ("Add", "Sum") and len(alike) > 1 and meaning.axis == 2 else ""
    maps = [name for name in node.input if isinstance(meanings.get(name), Stack)]
    if operator in CONVOLUTIONS and (operator != "MatMul" or meaning.axis == 3):
        return "conv"
    if operator in ACTIVATIONS or (operator == "Mul" and node.output[0] in gates):
        return "activation"
    if operator in POOLS:
        return "pool"
    if operator == "Mul":
        return "block" if len(computed) > 1 and set(alike).intersection(maps) else ""
    joined = len(maps) > 1 and _alike(graph, maps)
    return "block" if operator in JOINS and (joined or (operator != "Concat" and len(alike) > 1)) else ""


def _gates(graph: Graph) -> dict[str, list[str]]:
    """Products of a tensor with a bent copy of itself → the tensors that bend it, which are no layers of their own."""
    found = {}
    for node in graph.nodes:
        for factor in node.input if node.op_type == "Mul" else ():
            chain = _bent(graph, factor, node)
            if chain:
                found[node.output[0]] = chain
    return found


def _bent(graph: Graph, tensor: str, product: onnx.NodeProto) -> list[str]:
    """The operators between a factor of a product and the other factor, where they bend it; else none."""
    chain, bends = list[str](), False
    while len(chain) < BENDS and (node := graph.producer.get(tensor)) is not None:
        computed = [name for name in node.input if name and name not in graph.weights]
        bends = bends or node.op_type in ACTIVATIONS | GATES
        if node.op_type not in ACTIVATIONS | GATES | SCALINGS or len(computed) != 1:
            return []
        chain.append(tensor)
        tensor = computed[0]
        if tensor in product.input:
            return chain if bends else []
    return []


def _alike(graph: Graph, maps: list[str]) -> bool:
    """Whether all are maps of one size; a sum with one value per channel is no meeting of branches."""
    shapes = {graph.shapes[name][2:] for name in maps}
    return len({len(shape) for shape in shapes}) == 1 and all(1 not in shape[:1] for shape in shapes)


def _shows_maps(graph: Graph, tensor: str, meaning: Meaning) -> bool:
    shape = graph.shapes[tensor]
    if isinstance(meaning, Tokens):
        return min(meaning.height, meaning.width) > 1
    return len(shape) == 4 and all((size or 0) > 1 for size in shape[1:])


def _short(name: str) -> str:
    """A node's name as a path without repetitions: /layer1/layer1.0/conv1/Conv → layer1.0.conv1.Conv."""
    parts = name.strip("/").split("/")
    kept = [one for one, following in zip(parts, [*parts[1:], ""], strict=True) if not following.startswith(f"{one}.")]
    return ".".join(kept)


def _unique(name: str, taken: set[str]) -> str:
    candidates = (name if turn == 1 else f"{name}.{turn}" for turn in range(1, len(taken) + 2))
    chosen = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(chosen)
    return chosen
