"""The table of derivative rules: what each ONNX operator sends back to its inputs.

A rule is one maker per input of the operator. It takes the builder `b` standing at the operator's node, the gradient
`g` of the output, the output `y` and the inputs, appends a few nodes and returns the gradient of that input:

    defvjp("Exp", lambda b, g, y, x: b.Mul(g, y))

Where inputs are broadcast, as Mul's are, `defelementwise` sums each gradient back to its input's shape.

`None` in place of a maker says that no gradient flows to that input (a shape, an index); `UNSUPPORTED` that one would
flow but nobody has worked it out, which is an error and never a silent zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import onnx

Maker: TypeAlias = Callable[..., str]
UNSUPPORTED: Final = "unsupported"
Slot: TypeAlias = Maker | str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """How one operator differentiates.

    Attributes:
        makers: one per input; the last one serves all further inputs where `variadic`.
        variadic: the maker takes the input's position before the inputs: `maker(b, position, g, y, *inputs)`.
        broadcasts: inputs are broadcast to the output's shape, so the walk sums their gradients back.
        joint: the maker reads the gradients of all outputs (`b.gradients`); else only the first output may have one.
    """

    makers: Sequence[Slot]
    variadic: bool = False
    broadcasts: bool = False
    joint: bool = False

    def maker(self, position: int) -> Slot:
        """The maker for the input at this position."""
        if self.variadic:
            return self.makers[0]
        return self.makers[position] if position < len(self.makers) else UNSUPPORTED


RULES: dict[str, Rule] = {}


def defvjp(operator: str, *makers: Slot, joint: bool = False) -> None:
    """Adds the rule of an operator; one maker per input."""
    _add(operator, Rule(makers, joint=joint))


def defelementwise(operator: str, *makers: Slot) -> None:
    """Adds the rule of an operator whose inputs broadcast against each other, as in NumPy."""
    _add(operator, Rule(makers, broadcasts=True))


def defvariadic(operator: str, maker: Maker, broadcasts: bool = False) -> None:
    """Adds the rule of an operator with any number of like inputs: `maker(b, position, g, y, *inputs)`."""
    _add(operator, Rule((maker,), variadic=True, broadcasts=broadcasts))


def defconstant(*operators: str) -> None:
    """Marks operators whose result does not change with a small change of their inputs."""
    for operator in operators:
        _add(operator, Rule((_never,), variadic=True))


def rule_of(node: onnx.NodeProto) -> Rule | None:
    """The rule of a node's operator; only standard operators have one."""
    return RULES.get(node.op_type) if node.domain in ("", "ai.onnx") else None


def is_constant(node: onnx.NodeProto) -> bool:
    """Whether the node's derivative is zero almost everywhere, or has no meaning (shapes, indices, whole numbers)."""
    rule = rule_of(node)
    if node.op_type == "Cast":
        return not _FLOATING.intersection(item.i for item in node.attribute if item.name == "to")
    return rule is not None and rule.makers[:1] == (_never,)


_FLOATING = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE, onnx.TensorProto.BFLOAT16}


def _never(*_: Any) -> str:
    raise AssertionError("no gradient flows through a constant operator")


def _add(operator: str, rule: Rule) -> None:
    if operator in RULES:
        raise ValueError(f"{operator} has two derivative rules")
    RULES[operator] = rule
