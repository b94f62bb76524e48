"""Where a rule stands: one node of the forward graph, and the builder that appends behind it. This is a rule's `b`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import onnx
from numpy.typing import NDArray

from emoscope.errors import MissingRuleError

from .builder import Builder, Operand, Shape
from .graph import Graph


class Site:
    """A builder standing at one node.

    `b.Mul(…)` appends an operator, `b["alpha"]` reads the node's attribute or its default, `b.shape(x)` is known.

    Args:
        builder: appends operators.
        graph: knows shapes and attributes.
        node: where it stands.
        gradients: name of the gradient at each of the node's outputs; None where nothing depends on it.
    """

    def __init__(self, builder: Builder, graph: Graph, node: onnx.NodeProto, gradients: tuple[str | None, ...]) -> None:
        self.node = node
        self.gradients = gradients
        self._attributes = graph.attributes(node)
        self._builder = builder
        self._graph = graph

    def __getattr__(self, operator: str) -> Callable[..., str]:
        return getattr(self._builder, operator)  # type: ignore[no-any-return]

    def __getitem__(self, attribute: str) -> Any:
        """The node's attribute, or its default; None where there is neither."""
        return self._attributes.get(attribute)

    def add(self, operator: str, *inputs: Operand, outputs: int = 1, **attributes: Any) -> tuple[str, ...]:
        """Appends an operator of several outputs; for arguments see `Builder.add`."""
        return self._builder.add(operator, *inputs, outputs=outputs, **attributes)

    def shape(self, tensor: str) -> Shape:
        """Shape of a tensor of the forward graph."""
        return self._builder.shape(tensor)

    def constant_of(self, tensor: str) -> NDArray[Any]:
        """Value of a constant input; MissingRuleError where it is computed from the faces."""
        value = self._graph.constant(tensor)
        if value is None:
            self.refuse(f"for a computed {tensor!r}")
        return value

    def is_computed(self, tensor: str) -> bool:
        """Whether an input's value is only known when faces are."""
        return self._graph.constant(tensor) is None

    def refuse(self, what: str) -> NoReturn:
        """Raises the MissingRuleError of a kind of the operator for which there is no rule."""
        node = self.node
        where = f"operator {node.op_type} (node {node.name or node.output[0]!r})"
        raise MissingRuleError(f"{where} has no derivative rule {what}")

    def only(self, attribute: str, *known: Any) -> None:
        """Refuses values of an attribute other than these, or than none at all."""
        if self[attribute] not in (None, *known):
            self.refuse(f"for {attribute}={self[attribute]}")

    def keep_faces_apart(self, tensor: str, axis: int) -> None:
        """Refuses to work along the axis of the faces."""
        if self.shape(tensor)[axis] is None:
            self.refuse("along the axis of the batch, whose faces must not mix")

    def rank(self, tensor: str) -> int:
        """Number of axes of a tensor of the forward graph."""
        return self._builder.rank(tensor)
