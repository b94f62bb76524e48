"""A graph exported for one fixed batch, opened to any batch.

Where the file fixes the batch at n, such things name n; they are found by running the file once as it is:

    Reshape(x, [n, …])          the batch stays the first axis: [0, −1, …]
    Reshape(x, [k n, …])        it lies in the first axis with windows or heads: [−1, …]
    Concat(w, x), w (n, …)      a weight repeated for each face, as a class token is: expanded to the faces there are
    Gather(Reshape(x, [−1]), p) places p (1, …) in all numbers of one face, as of a strided view: in each face's own

    BatchNormalization, learning  at n = 1 over the cells of the one face: InstanceNormalization

Whatever else names it is not guessed at: the opened graph then does not run on other batches, or says other things than
the file, and is refused. So is a batch normalisation that learns in a file for any batch.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from emoscope.errors import ConversionError
from emoscope.network.held import numbers

from .autodiff import inputs_of
from .observe import random_faces, session
from .passes import fresh, taken

ANY = "N"


def open_batch(model: onnx.ModelProto) -> int | None:
    """Makes the batch of the only input free, in place; returns the size it was fixed at."""
    value = model.graph.input[0]
    size = value.type.tensor_type.shape.dim[0]
    fixed = size.dim_value if size.HasField("dim_value") else None
    _settle_norms(model, fixed)
    seen = _shapes(model, fixed) if fixed else {}
    size.dim_param = ANY
    _forget_sizes(model.graph)
    if fixed:
        _free(model, fixed, seen)
    return fixed


def _settle_norms(model: onnx.ModelProto, fixed: int | None) -> None:
    """Means of a batch of one become means of each face; ConversionError where the batch is another."""
    for node in model.graph.node:
        told = {item.name: item for item in node.attribute}
        if node.op_type != "BatchNormalization" or "training_mode" not in told or not told["training_mode"].i:
            continue
        if fixed != 1:
            what = f"BatchNormalization (node {node.name!r}) takes its means from the batch"
            why = "what is said of a face would depend on the faces beside it"
            raise ConversionError(f"{what}: {why}; export it after model.eval(), and with track_running_stats")
        epsilon = told["epsilon"].f if "epsilon" in told else 1e-5
        alone = helper.make_node("InstanceNormalization", node.input[:3], node.output[:1], node.name, epsilon=epsilon)
        node.CopyFrom(alone)


def _shapes(model: onnx.ModelProto, batch: int) -> dict[str, tuple[int, ...]]:
    """Of all tensors, at the batch that the file is fixed at."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    names = [name for node in model.graph.node for name in node.output if name]
    del probe.graph.output[:]
    probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    value = model.graph.input[0]
    faces = random_faces(batch, tuple(size.dim_value for size in value.type.tensor_type.shape.dim[1:]))
    found = session(probe, optimised=False).run(names, {value.name: faces})
    return {name: np.shape(array) for name, array in zip(names, found, strict=True)}


def _forget_sizes(graph: onnx.GraphProto) -> None:
    """Sizes within a graph, and within the graphs of its nodes, held for the fixed batch only."""
    del graph.value_info[:]
    for item in (item for node in graph.node for item in node.attribute if item.HasField("g")):
        for value in item.g.output:
            value.type.tensor_type.ClearField("shape")
        _forget_sizes(item.g)


def _free(model: onnx.ModelProto, fixed: int, seen: dict[str, tuple[int, ...]]) -> None:
    weights = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    known, moving = taken(model), {model.graph.input[0].name}
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        moves = node.op_type not in ("Shape", "Size") and bool(moving.intersection(inputs_of(node)))
        moving.update(node.output if moves else ())
        if moves and node.op_type == "Reshape":
            _free_reshape(model, node, fixed, seen, known)
        elif moves and node.op_type == "Concat":
            still = {name: {**weights, **seen}[name] for name in node.input if name not in moving}
            nodes += _repeated(model, node, fixed, still, known)
        elif moves and node.op_type == "Gather" and fixed == 1:
            _free_view(model, node, seen, known)
        nodes.append(node)
    copies = list(nodes)
    del model.graph.node[:]
    model.graph.node.extend(copies)


def _free_reshape(
    model: onnx.ModelProto, node: onnx.NodeProto, fixed: int, seen: dict[str, tuple[int, ...]], known: set[str]
) -> None:
    sizes, before = seen[node.output[0]], seen.get(node.input[0], ())
    if len(sizes) > 1 and sizes[0] % fixed == 0 and min(sizes) > 0:
        kept = before[:1] == sizes[:1] == (fixed,)
        name = fresh(f"{node.output[0]}/shape", known)
        free = [0, -1, *sizes[2:]] if kept else [-1, *sizes[1:]]
        model.graph.initializer.append(numpy_helper.from_array(np.array(free, np.int64), name))
        node.input[1] = name
        _drop(node, "allowzero")  # with it, 0 would mean no cells at all


def _free_view(model: onnx.ModelProto, node: onnx.NodeProto, seen: dict[str, tuple[int, ...]], known: set[str]) -> None:
    """Places among all numbers of a batch of one become places among each face's numbers."""
    flat, places = node.input
    maker = next((one for one in model.graph.node if flat in one.output), None)
    stored = next((tensor for tensor in model.graph.initializer if tensor.name == places), None)
    alone = sum(flat in inputs_of(one) for one in model.graph.node) == 1
    if maker is None or maker.op_type != "Reshape" or stored is None or stored.dims[:1] != [1] or not alone:
        return
    if len(seen[flat]) != 1 or seen.get(maker.input[0], ())[:1] != (1,) or len(stored.dims) < 2:
        return
    own, shape = fresh(f"{places}/own", known), fresh(f"{flat}/shape", known)
    model.graph.initializer.append(numpy_helper.from_array(numbers(stored)[0], own))
    model.graph.initializer.append(numpy_helper.from_array(np.array([0, -1], np.int64), shape))
    maker.input[1], node.input[1] = shape, own
    _drop(maker, "allowzero")
    _drop(node, "axis")
    node.attribute.append(helper.make_attribute("axis", 1))


def _drop(node: onnx.NodeProto, attribute: str) -> None:
    kept = [item for item in node.attribute if item.name != attribute]
    del node.attribute[:]
    node.attribute.extend(kept)


PARTS = ("one", "shape", "faces", "rest", "sizes", "each")


def _repeated(
    model: onnx.ModelProto, node: onnx.NodeProto, fixed: int, still: dict[str, tuple[int, ...]], known: set[str]
) -> list[onnx.NodeProto]:
    """The nodes that repeat what is joined to each face's own values; none where nothing is."""
    axis = next(item.i for item in node.attribute if item.name == "axis")
    before: list[onnx.NodeProto] = []
    for place, name in enumerate(node.input):
        sizes = still.get(name, ())
        if axis == 0 or len(sizes) < 2 or sizes[0] != fixed:
            continue
        own = {part: fresh(f"{name}/{part}", known) for part in PARTS}
        zero, one = (fresh(f"{name}/{number}", known) for number in (0, 1))
        stored = {zero: [0], one: [1], own["rest"]: sizes[1:]}
        model.graph.initializer.extend(numpy_helper.from_array(np.array(v, np.int64), k) for k, v in stored.items())
        before += [
            helper.make_node("Slice", [name, zero, one, zero], [own["one"]]),
            helper.make_node("Shape", [model.graph.input[0].name], [own["shape"]]),
            helper.make_node("Gather", [own["shape"], zero], [own["faces"]]),
            helper.make_node("Concat", [own["faces"], own["rest"]], [own["sizes"]], axis=0),
            helper.make_node("Expand", [own["one"], own["sizes"]], [own["each"]]),
        ]
        node.input[place] = own["each"]
    return before
