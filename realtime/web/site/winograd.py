"""3×3 convolutions by Winograd's algorithm, which multiplies 2.25 to 4 times less: for 2×2 outputs 16 times, not 36.

    picture (N, s, s, C) ──B──▶ (N, n², t², C) ──U──▶ (N, n², t², K) ──A──▶ (N, m·t, m·t, K)

The picture is cut into t×t tiles of n×n pixels, n = m + 2, which overlap, and B turns each into n×n numbers; at each of
these n² places all channels are multiplied by a matrix U, which G makes of the weights; A turns what comes out into m×m
outputs of each tile. The way back through a convolution is the same read from the right, with the same U. All of it is
ordinary MatMuls, which the page's runtime is quickest at; it makes U of the weights when it opens a session.

Andrew Lavin, Scott Gray: Fast Algorithms for Convolutional Neural Networks (2015), https://arxiv.org/abs/1509.09308
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper, shape_inference

from ...network.tiles import matrices

Matrix = NDArray[np.floating[Any]]

KERNEL = [3, 3]
LEAST_CHANNELS, MOST_EDGE = 32, 16
"""Where it takes less time: with fewer channels or more tiles A and B take longer than is saved."""
MICROSOFT = "com.microsoft"
TO_LAST, TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]
"""Of channels."""


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a convolution's input and output are cut.

    Attributes:
        edge: s, of the input.
        tiles: t, along an edge.
        outputs: m, along an edge of a tile.
        before: B (n·t, s), from the input's edge to the places of all tiles, place by place.
        after: A (m², n²), from a tile's places to its outputs.
        kernel: G (n², 9), from a kernel to its places.
    """

    edge: int
    tiles: int
    outputs: int
    before: Matrix
    after: Matrix
    kernel: Matrix

    @property
    def places(self) -> int:
        """Along an edge of a tile: n."""
        return self.outputs + 2


def tiling(edge: int, pad: int, size: int) -> Tiling | None:
    """For `size` outputs along an edge, the first of which reaches `pad` pixels beyond it; None where no tiles fit."""
    outputs = next((most for most in (4, 2, 3) if size % most == 0), None)
    if outputs is None:
        return None
    tiles, places = size // outputs, outputs + 2
    after, kernel, before = matrices(outputs)
    spread = np.zeros((places, tiles, edge + 2 * places))
    for tile in range(tiles):
        first = places + tile * outputs - pad
        spread[:, tile, first : first + places] = before
    inside = spread[:, :, places:-places].reshape(places * tiles, edge)
    return Tiling(edge, tiles, outputs, inside, np.kron(after, after), np.kron(kernel, kernel))


def multiply_less(model: onnx.ModelProto, asked: Collection[str]) -> None:
    """Replaces those convolutions, and ways back through them, that these outputs depend on and that gain by it."""
    shapes, stored = _shapes(model), {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    needed = _needed(model.graph, asked)
    writer = _Writer(model.graph)
    for node in list(model.graph.node):
        found = _tiling_of(node, shapes, stored) if needed.intersection(node.output) else None
        if found:
            writer.replace(node, found, stored[node.input[1]])
    if writer.written:
        writer.finish()
        model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))


def _shapes(model: onnx.ModelProto) -> dict[str, list[int]]:
    """Of all values; 0 for what is not known before."""
    graph = shape_inference.infer_shapes(model).graph
    return {
        value.name: [axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in [*graph.input, *graph.value_info, *graph.output]
    }


def _needed(graph: onnx.GraphProto, asked: Collection[str]) -> set[str]:
    needed = set(asked)
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
    return needed


def _tiling_of(node: onnx.NodeProto, shapes: Mapping[str, list[int]], stored: Mapping[str, list[int]]) -> Tiling | None:
    """How a convolution is cut; None where it is none, or nothing is gained."""
    if node.op_type not in ("Conv", "ConvTranspose"):
        return None
    given = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    shape, weights = shapes.get(node.input[0], []), stored.get(node.input[1], [])
    pads = given.get("pads", [0] * 4)
    plain = all(set(given.get(name, [1])) == {1} for name in ("strides", "dilations")) and given.get("group", 1) == 1
    fits = len(shape) == 4 and shape[2] == shape[3] and shape[2] > 0 and weights[2:] == KERNEL and len(set(pads)) == 1
    if not plain or not fits or "auto_pad" in given or "output_padding" in given or min(weights[:2]) < LEAST_CHANNELS:
        return None
    lost = 2 - 2 * pads[0]
    edge, size = (shape[2], shape[2] - lost) if node.op_type == "Conv" else (shape[2] + lost, shape[2])
    return tiling(edge, pads[0], size) if 0 < size <= MOST_EDGE else None


class _Writer:
    """Writes nodes in place of others; what several of them need is written once."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._nodes: dict[str, list[onnx.NodeProto]] = {}
        self._known = {tensor.name for tensor in graph.initializer}
        self._now: list[onnx.NodeProto] = []
        self._kernels: list[onnx.NodeProto] = []

    @property
    def written(self) -> bool:
        return bool(self._nodes)

    def replace(self, node: onnx.NodeProto, how: Tiling, weights: list[int]) -> None:
        """The nodes of one convolution, or of the way back through one."""
        outputs, inputs = weights[:2]
        self._now = self._nodes[node.output[0]] = []
        places = self._places(node.input[1], how, weights)
        if node.op_type == "Conv":
            shown = self._convolved(node.input[0], places, how, inputs, outputs)
        else:
            shown = self._turned_back(node.input[0], places, how, inputs, outputs)
        first = self._transposed(shown, TO_FIRST, "" if len(node.input) > 2 else node.output[0])
        if len(node.input) > 2:
            self._do("Add", [first, self._shaped(node.input[2], [outputs, 1, 1])], node.output[0])

    def _convolved(self, value: str, places: str, how: Tiling, inputs: int, outputs: int) -> str:
        n, t, m, s = how.places, how.tiles, how.outputs, how.edge
        before = self._matrix("before", how, how.before)
        rows = self._do("MatMul", [before, self._shaped(self._transposed(value, TO_LAST), [0, s, s * inputs])])
        both = self._do("MatMul", [before, self._shaped(rows, [0, n * t, s, inputs])])
        tiles = self._transposed(self._shaped(both, [0, n, t, n, t, inputs]), [0, 1, 3, 2, 4, 5])
        product = self._do("FusedMatMul", [self._shaped(tiles, [0, n * n, t * t, inputs]), places], transB=1)
        after = self._matrix("after", how, how.after)
        shown = self._do("MatMul", [after, self._shaped(product, [0, n * n, t * t * outputs])])
        whole = self._transposed(self._shaped(shown, [0, m, m, t, t, outputs]), [0, 3, 1, 4, 2, 5])
        return self._shaped(whole, [0, m * t, m * t, outputs])

    def _turned_back(self, value: str, places: str, how: Tiling, inputs: int, outputs: int) -> str:
        n, t, m, s = how.places, how.tiles, how.outputs, how.edge
        tiles = self._shaped(self._transposed(value, TO_LAST), [0, t, m, t, m, outputs])
        shown = self._shaped(self._transposed(tiles, [0, 2, 4, 1, 3, 5]), [0, m * m, t * t * outputs])
        after = self._matrix("after, back", how, how.after.T)
        product = self._do(
            "MatMul", [self._shaped(self._do("MatMul", [after, shown]), [0, n * n, t * t, outputs]), places]
        )
        both = self._transposed(self._shaped(product, [0, n, n, t, t, inputs]), [0, 1, 3, 2, 4, 5])
        before = self._matrix("before, back", how, how.before.T)
        rows = self._do("MatMul", [before, self._shaped(both, [0, n * t, n * t, inputs])])
        whole = self._do("MatMul", [before, self._shaped(rows, [0, n * t, s * inputs])])
        return self._shaped(whole, [0, s, s, inputs])

    def _places(self, weights: str, how: Tiling, shape: list[int]) -> str:
        """U (n², K, C), which the runtime computes once."""
        name = f"{weights} in {how.places}² places"
        if name not in self._known:
            self._known.add(name)
            self._now, now = self._kernels, self._now
            flat = self._shaped(self._transposed(weights, [2, 3, 0, 1]), [9, shape[0] * shape[1]])
            self._shaped(
                self._do("MatMul", [self._matrix("kernel", how, how.kernel), flat]), [how.places**2, *shape[:2]], name
            )
            self._now = now
        return name

    def _shaped(self, value: str, shape: Sequence[int], name: str = "") -> str:
        return self._do("Reshape", [value, self._stored(f"shape {list(shape)}", np.array(shape, np.int64))], name)

    def _transposed(self, value: str, order: Sequence[int], name: str = "") -> str:
        return self._do("Transpose", [value], name, perm=order)

    def _matrix(self, kind: str, how: Tiling, matrix: Matrix) -> str:
        return self._stored(f"{kind} {how.edge} to {how.tiles}·{how.outputs}", matrix.astype(np.float32))

    def _stored(self, name: str, array: NDArray[Any]) -> str:
        if name not in self._known:
            self._known.add(name)
            self._graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _do(self, kind: str, inputs: Sequence[str], name: str = "", **style: Any) -> str:
        name = name or f"winograd {len(self._known)}"
        self._known.add(name)
        domain = MICROSOFT if kind == "FusedMatMul" else ""
        self._now.append(helper.make_node(kind, inputs, [name], domain=domain, **style))
        return name

    def finish(self) -> None:
        """Puts what was written where what it replaces stood."""
        kept = [self._nodes.get(node.output[0], [node]) for node in self._graph.node]
        del self._graph.node[:]
        self._graph.node.extend([*self._kernels, *(node for nodes in kept for node in nodes)])
