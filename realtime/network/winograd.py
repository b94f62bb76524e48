"""3×3 convolutions of small maps, and the ways back through them, with a third of the multiplications.

    maps (s², N·C) ──B──▶ (n², t²·N, C) ──U──▶ (n², t²·N, K) ──A──▶ (m², t²·N·K)

Winograd's algorithm: the maps are cut into t×t tiles of n×n cells, n = m + 2, which overlap, and B turns each into n×n
numbers; at each of these n² places all channels are multiplied by a matrix U, which is made of the weights; A turns
what comes out into m×m cells of each tile. B sees the maps' borders too, mirrored or zero, so that nothing is padded.
The way back is the same read from the right, with the same U: it costs no more, while a convolution that goes back
beyond a mirrored border, and folds what it finds there, costs twice as much.

It pays where many faces are read at once. Andrew Lavin, Scott Gray: Fast Algorithms for Convolutional Neural Networks
(2015), https://arxiv.org/abs/1509.09308
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from .constants import Constants, attributes
from .cutting import read_by
from .mirrors import mirrors, shapes_of
from .tiles import Matrix, Tiles

LEAST_CHANNELS, MOST_EDGE = 32, 12
"""Where it takes less time: with fewer channels or more tiles A and B take longer than is saved."""
ROUNDING = 1e-6
"""Of the largest number of a kernel."""
MICROSOFT = "com.microsoft"


Kernels = dict[str, NDArray[np.float32]]
"""U by name, for all graphs of a network: what differs by rounding is kept once."""


def multiplied_less(model: onnx.ModelProto, weights: Mapping[str, NDArray[Any]], kernels: Kernels) -> onnx.ModelProto:
    """The model with those convolutions, and ways back through them, that gain by it; itself where none does.

    What the weights become is fed to it, as onnxruntime would make a copy of it for each session.

    Args:
        model: may be light, see `held`.
        weights: its large weights.
        kernels: of all the network's graphs; those that are made join them.
    """
    if not any(_is_square(node) for node in model.graph.node):
        return model
    rewriting = _Rewriting(model, weights, kernels)
    for node in model.graph.node:
        rewriting.convolution(node)
    for node in model.graph.node if rewriting.found else ():
        rewriting.way_back(node)
    return rewriting.finished() if rewriting.written else model


def _is_square(node: onnx.NodeProto) -> bool:
    """Whether a node is a plain 3×3 convolution, as far as itself tells."""
    if node.op_type != "Conv":
        return False
    given = attributes(node)
    steps = [*given.get("strides", []), *given.get("dilations", []), given.get("group", 1)]
    fixed = given.get("auto_pad", b"NOTSET") == b"NOTSET"
    return fixed and set(steps) <= {1} and given.get("kernel_shape", [3, 3]) == [3, 3]


def _pads(node: onnx.NodeProto) -> list[int]:
    return list(attributes(node).get("pads", [0] * 4))


@dataclass(frozen=True, slots=True)
class _Kernel:
    """A convolution that was replaced.

    Attributes:
        tiling: of its input.
        output: of the convolution, or of the normalisation behind it.
        weights: (K, C, 3, 3).
        scale: (K,) by which a normalisation multiplies what comes out, or None.
    """

    tiling: Tiles
    output: str
    weights: NDArray[np.float32]
    scale: NDArray[np.float32] | None


class _Rewriting:
    """Finds what is to be replaced, and writes nodes in its place."""

    def __init__(self, model: onnx.ModelProto, weights: Mapping[str, NDArray[Any]], kernels: Kernels) -> None:
        self._model, self._kernels = model, kernels
        self._shapes, self._constants = shapes_of(model), Constants(model.graph, weights)
        self._made_by = {name: node for node in model.graph.node for name in node.output}
        self._read_by: dict[str, list[onnx.NodeProto]] = {}
        for node in model.graph.node:
            for name in read_by(node):
                self._read_by.setdefault(name, []).append(node)
        self._outputs = {value.name for value in model.graph.output}
        self.written: dict[str, list[onnx.NodeProto]] = {}
        self._stored: dict[str, onnx.TensorProto] = {}
        self._fed: dict[str, str] = {}
        self.found: dict[str, _Kernel] = {}

    def convolution(self, node: onnx.NodeProto) -> None:
        """Replaces a convolution, its border and the normalisation behind it, if it is of the kind."""
        weights = self._constants.value(node.input[1]) if _is_square(node) else None
        if weights is None or weights.dtype != np.float32 or weights.shape[2:] != (3, 3):
            return
        if min(weights.shape[:2]) < LEAST_CHANNELS:
            return
        if sum(one.op_type == "Conv" for one in self._read_by[node.input[1]]) > 1:  # which way back were whose?
            return
        value, how = node.input[0], "constant"
        before = self._made_by.get(value)
        if set(_pads(node)) == {0} and before is not None and mirrors(before) and self._is_a_ring(before):
            value, how = before.input[0], "reflect"
        elif set(_pads(node)) != {1}:
            return
        tiling = self._tiling(value, how)
        if tiling is None:
            return
        bias = np.zeros(len(weights), np.float32) if len(node.input) < 3 else self._constants.value(node.input[2])
        if bias is None:
            return
        output, scale, last = node.output[0], None, self._only_reader(node.output[0], "BatchNormalization")
        if last is not None and len(last.output) == 1:
            given = [self._constants.value(name) for name in last.input[1:]]
            if all(one is not None for one in given):
                gain, shift, mean, variance = (np.asarray(one, np.float32) for one in given)
                scale = gain / np.sqrt(variance + np.float32(attributes(last).get("epsilon", 1e-5)))
                bias, output = shift + scale * (bias - mean), last.output[0]
        kernel = self.found[node.input[1]] = _Kernel(tiling, output, weights, scale)
        if tiling.is_small:
            name = self._store(f"{output}/bias", bias)
            self._write(output, _forward(value, output, kernel, self._feed(kernel), name, self._store))

    def way_back(self, node: onnx.NodeProto) -> None:
        """Replaces the way back through a convolution that was replaced, with what folds its border."""
        if not _is_square(node) or node.output[0] in self.written:
            return
        kernel = self.found.get(self._constants.source(node.input[1]))
        if kernel is None or node.input[1] in self.found or len(node.input) > 2:
            return
        turned = self._constants.value(node.input[1])
        if turned is None or not np.array_equal(turned, kernel.weights[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)):
            return
        output = self._folded(node, kernel.tiling)
        gradient = node.input[0] if kernel.scale is None else self._unscaled(node.input[0], kernel.scale)
        if output and gradient:
            self._write(output, _backward(gradient, output, kernel, self._feed(kernel), self._store))

    def finished(self) -> onnx.ModelProto:
        """The model with what was written, and without what nobody reads any more."""
        other = onnx.ModelProto()
        other.CopyFrom(self._model)
        wanted = {value.name for value in other.graph.output}
        kept: list[onnx.NodeProto] = []
        for node in reversed(self._model.graph.node):
            written = next((self.written[name] for name in node.output if name in self.written), [node])
            if wanted.intersection(node.output):
                kept += reversed(written)
                wanted.update(name for one in written for name in read_by(one))
        del other.graph.node[:]
        other.graph.node.extend(reversed(kept))
        left = [tensor for tensor in (*other.graph.initializer, *self._stored.values()) if tensor.name in wanted]
        del other.graph.initializer[:]
        other.graph.initializer.extend(left)
        for name in self._fed.values():
            shape = self._kernels[name].shape
            other.graph.input.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
        if not any(one.domain == MICROSOFT for one in other.opset_import):
            other.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
        return other

    def _is_a_ring(self, pad: onnx.NodeProto) -> bool:
        """Whether a border is one cell wide, on all four sides."""
        pads = self._constants.value(pad.input[1])
        return len(pad.input) == 2 and pads is not None and pads.tolist() == [0, 0, 1, 1] * 2

    def _tiling(self, value: str, how: Any) -> Tiles | None:
        shape = self._shapes.get(value, [])
        outputs = next((most for most in (3, 2) if len(shape) == 4 and shape[2] % most == 0), None)
        if outputs is None or shape[2] != shape[3] or not 1 < shape[2] <= MOST_EDGE:
            return None
        return Tiles(shape[2], outputs, np.pad(np.eye(shape[2]), ((1, 1), (0, 0)), mode=how))

    def _only_reader(self, value: str, kind: str) -> onnx.NodeProto | None:
        """The one node that reads a value, if it is of a kind."""
        readers = self._read_by.get(value, [])
        alone = len(readers) == 1 and readers[0].op_type == kind and value not in self._outputs
        return readers[0] if alone else None

    def _folded(self, node: onnx.NodeProto, tiling: Tiles) -> str:
        """The value behind the way back through a convolution and its border; "" where that is not to be seen."""
        output, inside = str(node.output[0]), tiling.border[1:-1]
        if set(_pads(node)) == {1} and np.array_equal(tiling.border[[0, -1]], np.zeros_like(inside[:2])):
            return output
        for kind in ("Transpose", "MatMul", "Transpose", "MatMul"):
            reader = self._only_reader(output, kind)
            if set(_pads(node)) != {2} or reader is None:
                return ""
            if kind == "Transpose" and attributes(reader).get("perm") != [0, 1, 3, 2]:
                return ""
            fold = self._constants.value(reader.input[1]) if kind == "MatMul" else tiling.border
            if fold is None or not np.array_equal(fold, tiling.border):
                return ""
            output = str(reader.output[0])
        return output

    def _unscaled(self, gradient: str, scale: NDArray[np.float32]) -> str:
        """What was multiplied by a scale; "" where that is not to be seen."""
        node = self._made_by.get(gradient)
        if node is None or node.op_type != "Mul":
            return ""
        by = self._constants.value(node.input[1])
        fits = by is not None and by.size == scale.size and np.allclose(by.ravel(), scale, rtol=1e-5, atol=0)
        return str(node.input[0]) if fits else ""

    def _write(self, output: str, nodes: Iterator[onnx.NodeProto]) -> None:
        self.written[output] = list(nodes)

    def _store(self, name: str, numbers: NDArray[Any]) -> str:
        self._stored[name] = numpy_helper.from_array(np.ascontiguousarray(numbers), name)
        return name

    def _feed(self, kernel: _Kernel) -> str:
        """Name of U, which is made unless it is there from another graph."""
        name = kernel.output
        if name not in self._fed:
            weights, scale = kernel.weights, kernel.scale
            made = kernel.tiling.kernel(weights if scale is None else weights * scale[:, None, None, None])
            fed = f"{name}/U"
            while not _alike(self._kernels.setdefault(fed, made), made):
                fed += "'"
            self._fed[name] = fed
        return self._fed[name]


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two kernels differ by no more than rounding."""
    return one.shape == other.shape and bool(np.abs(one - other).max() <= ROUNDING * np.abs(other).max())


class _Steps:
    """Nodes one after another, each of which reads the one before."""

    def __init__(self, value: str, output: str, store: Any) -> None:
        self._value, self._output, self._store, self._nodes = value, output, store, list[onnx.NodeProto]()

    def do(self, kind: str, *inputs: str, first: bool = False, domain: str = "", **style: Any) -> None:
        """One more node; `first` where the value comes before the other inputs."""
        read = [self._value, *inputs] if first else [*inputs, self._value]
        self._value = f"{self._output}/{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, read, [self._value], domain=domain, **style))

    def shaped(self, *shape: int) -> None:
        """A Reshape."""
        self.do("Reshape", self._store(f"shape {shape}", np.array(shape, np.int64)), first=True)

    def turned(self, *order: int) -> None:
        """A Transpose."""
        self.do("Transpose", perm=order)

    def multiplied(self, what: str, matrix: Matrix) -> None:
        """A MatMul by a matrix on the left."""
        self.do("MatMul", self._store(f"{what} {matrix.shape}", matrix.astype(np.float32)))

    def done(self) -> Iterator[onnx.NodeProto]:
        """The nodes, the last of which gives the output."""
        self._nodes[-1].output[0] = self._output
        return iter(self._nodes)


def _forward(value: str, output: str, kernel: _Kernel, fed: str, bias: str, store: Any) -> Iterator[onnx.NodeProto]:
    how = kernel.tiling
    (outputs, inputs), s, t, m, places = kernel.weights.shape[:2], how.edge, how.tiles, how.outputs, how.places**2
    steps = _Steps(value, output, store)
    steps.turned(2, 3, 0, 1)
    steps.shaped(s * s, -1)
    steps.multiplied(f"before, {how.name}", how.before)
    steps.shaped(places, -1, inputs)
    # The weights stand on the left, where they are read as they are: on the right they are laid out anew each time.
    steps.do("FusedMatMul", fed, domain=MICROSOFT, transB=1)
    steps.shaped(places, -1)
    steps.multiplied("after", how.after)
    steps.shaped(m * m, outputs, -1)
    steps.turned(0, 2, 1)
    steps.shaped(m, m, t, t, -1, outputs)
    steps.turned(4, 2, 0, 3, 1, 5)
    steps.shaped(-1, s, s, outputs)
    steps.do("Add", bias, first=True)
    steps.turned(0, 3, 1, 2)
    return steps.done()


def _backward(value: str, output: str, kernel: _Kernel, fed: str, store: Any) -> Iterator[onnx.NodeProto]:
    how = kernel.tiling
    (outputs, inputs), s, t, m, n = kernel.weights.shape[:2], how.edge, how.tiles, how.outputs, how.places
    steps = _Steps(value, output, store)
    steps.turned(0, 2, 3, 1)
    steps.shaped(-1, t, m, t, m, outputs)
    steps.turned(2, 4, 1, 3, 0, 5)
    steps.shaped(m * m, -1)
    steps.multiplied("after, back", how.after.T)
    steps.shaped(n * n, -1, outputs)
    steps.do("MatMul", fed, first=True)
    if how.is_small:
        steps.shaped(n * n * t * t, -1)
        steps.multiplied(f"before, back, {how.name}", how.before.T)
    else:
        steps.shaped(n, n, t, t, -1)
        steps.turned(0, 2, 1, 3, 4)
        steps.shaped(n * t, n * t, -1)
        steps.multiplied(f"before, back, {how.name}", how.along.T)
        steps.shaped(n * t, -1)
        steps.multiplied(f"before, back, {how.name}", how.along.T)
    steps.shaped(s, s, -1, inputs)
    steps.turned(2, 3, 0, 1)
    return steps.done()
