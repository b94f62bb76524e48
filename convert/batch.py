"""A graph exported for one fixed batch, opened to any batch.

Where the file fixes the batch at n, its reshapes name n as their first size; 0, "as it was", says so for every batch.
The constants that they read are weights by then (`store_constants`).
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

ANY = "N"


def open_batch(model: onnx.ModelProto) -> int | None:
    """Makes the batch of the only input free, in place; returns the size it was fixed at."""
    size = model.graph.input[0].type.tensor_type.shape.dim[0]
    fixed = size.dim_value if size.HasField("dim_value") else None
    size.dim_param = ANY
    _forget_sizes(model.graph)
    if fixed:
        _free_reshapes(model, fixed)
    return fixed


def _forget_sizes(graph: onnx.GraphProto) -> None:
    """Sizes within a graph, and within the graphs of its nodes, held for the fixed batch only."""
    del graph.value_info[:]
    for item in (item for node in graph.node for item in node.attribute if item.HasField("g")):
        for value in item.g.output:
            value.type.tensor_type.ClearField("shape")
        _forget_sizes(item.g)


def _free_reshapes(model: onnx.ModelProto, fixed: int) -> None:
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        shape = weights.get(node.input[1]) if node.op_type == "Reshape" else None
        if shape is not None and node.input[0] not in weights:
            sizes = numpy_helper.to_array(shape).copy()
            if sizes.size > 1 and sizes[0] == fixed:
                sizes[0] = 0
                name = f"{node.output[0]}/shape"
                model.graph.initializer.append(numpy_helper.from_array(sizes.astype(np.int64), name))
                node.input[1] = name
                _drop(node, "allowzero")  # with it, 0 would mean no cells at all


def _drop(node: onnx.NodeProto, attribute: str) -> None:
    kept = [item for item in node.attribute if item.name != attribute]
    del node.attribute[:]
    node.attribute.extend(kept)
