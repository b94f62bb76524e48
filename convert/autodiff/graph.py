"""Read-only view of an ONNX graph: who makes a tensor and who uses it, its shape, what it depends on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import defs, helper

from emoscope.network.held import numbers

from .builder import Shape


def inputs_of(node: onnx.NodeProto) -> list[str]:
    """What a node reads; where it holds graphs of its own (If, Loop), also all that these read."""
    inner = [user for item in node.attribute for graph in (item.g, *item.graphs) for user in graph.node]
    return [*node.input, *(name for user in inner for name in inputs_of(user))]


class Graph:
    """A model's graph with the shapes of all its tensors.

    Args:
        model: nodes in topological order, one opset for the standard domain.
        shapes: shape of every tensor; None stands for a size that grows with the batch.
    """

    def __init__(self, model: onnx.ModelProto, shapes: dict[str, Shape]) -> None:
        self.model = model
        self.shapes = shapes
        self.nodes = list(model.graph.node)

    @cached_property
    def opset(self) -> int:
        """Version of the standard operators."""
        return next(int(entry.version) for entry in self.model.opset_import if entry.domain in ("", "ai.onnx"))

    @cached_property
    def producer(self) -> dict[str, onnx.NodeProto]:
        """The node that makes each tensor; inputs and weights have none."""
        return {name: node for node in self.nodes for name in node.output if name}

    @cached_property
    def consumers(self) -> dict[str, list[onnx.NodeProto]]:
        """The nodes that use each tensor."""
        users: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in self.nodes:
            for name in dict.fromkeys(inputs_of(node)):
                users[name].append(node)
        return users

    @cached_property
    def weights(self) -> dict[str, onnx.TensorProto]:
        """The constants that stand in the file."""
        return {tensor.name: tensor for tensor in self.model.graph.initializer}

    def constant(self, tensor: str) -> NDArray[Any] | None:
        """Value of a constant; None for a tensor that is computed."""
        return numbers(self.weights[tensor]) if tensor in self.weights else None

    def rank(self, tensor: str) -> int:
        """Number of axes."""
        return len(self.shapes[tensor])

    def downstream(self, tensors: Iterable[str], blocked: Callable[[onnx.NodeProto], bool]) -> set[str]:
        """These tensors and all that are computed from them, not through nodes that are `blocked`."""
        reached = set(tensors)
        for node in self.nodes:
            if not blocked(node) and reached.intersection(inputs_of(node)):
                reached.update(node.output)
        return reached

    def upstream(self, tensor: str) -> set[str]:
        """This tensor and all that it is computed from."""
        reached = {tensor}
        for node in reversed(self.nodes):
            if reached.intersection(node.output):
                reached.update(inputs_of(node))
        return reached

    def attributes(self, node: onnx.NodeProto) -> dict[str, object]:
        """A node's attributes, with the schema's defaults where the node leaves them out."""
        given = {item.name: helper.get_attribute_value(item) for item in node.attribute}
        return {**_defaults(node, self.opset), **{name: _plain(value) for name, value in given.items()}}


def _defaults(node: onnx.NodeProto, opset: int) -> dict[str, object]:
    if not defs.has(node.op_type, domain=node.domain):
        return {}
    schema = defs.get_schema(node.op_type, opset, node.domain)
    optional = {name: item.default_value for name, item in schema.attributes.items() if item.default_value.name}
    return {name: _plain(helper.get_attribute_value(value)) for name, value in optional.items()}


def _plain(value: object) -> object:
    return value.decode() if isinstance(value, bytes) else value
