"""Reverse mode over ONNX: one walk from the last tensor to the first, appending the gradient as ordinary operators.

    x ── Conv ── Relu ── … ── logits          the graph that is there
    g ── ConvT ─ mask ── … ── seed            what the walk appends, from right to left

Each node hands the gradient of its output to the rule of its operator, once per input that depends on a wanted tensor.
Here, and only here, gradients that meet at a tensor are added and broadcasting is undone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import onnx

from emoscope.errors import MissingRuleError

from . import rules  # noqa: F401  (fills the table)
from .broadcast import unbroadcast
from .builder import Builder, Operand
from .graph import Graph, inputs_of
from .site import Site
from .table import RULES, UNSUPPORTED, Maker, Rule, is_constant, rule_of


def gradients(
    builder: Builder,
    graph: Graph,
    output: str,
    seed: str,
    wanted: Iterable[str],
    changed: Mapping[str, Rule] = MappingProxyType({}),
) -> dict[str, str]:
    """Appends the gradient of `output`, weighted by `seed`, with respect to every tensor on the way to the wanted ones.

    Args:
        builder: receives the new nodes.
        graph: the forward graph.
        output: the tensor to differentiate.
        seed: its own gradient, of the same shape.
        wanted: tensors to reach.
        changed: operator → the rule that stands in for its derivative.

    Returns:
        The name of the gradient of each tensor between the wanted ones and the output. A wanted tensor that the output
        does not depend on is absent.

    Raises:
        MissingRuleError: an operator on the way has no rule; names operator and node.
    """
    active = graph.downstream(wanted, blocked=is_constant) & graph.upstream(output)
    found: dict[str, str] = {}
    pending: dict[str, list[str]] = defaultdict(list, {output: [seed]})
    for node in reversed(graph.nodes):
        total = tuple(_total(builder, found, pending, name) for name in node.output)
        if any(total) and active.intersection(inputs_of(node)):
            _visit(Site(builder, graph, node, total), changed.get(node.op_type) or rule_of(node), active, pending)
    for name in active:
        _total(builder, found, pending, name)
    return {name: found[name] for name in active if name in found}


def _total(builder: Builder, found: dict[str, str], pending: dict[str, list[str]], name: str) -> str | None:
    parts = pending.pop(name, None)
    if parts:
        found[name] = parts[0] if len(parts) == 1 else builder.Sum(*parts)
    return found.get(name)


def _visit(site: Site, rule: Rule | None, active: set[str], pending: dict[str, list[str]]) -> None:
    for position, name in enumerate(inputs_of(site.node)):
        if name in active:
            gradient = _gradient(site, rule, position)
            pending[name] += [gradient] if gradient else []


def _gradient(site: Site, rule: Rule | None, position: int) -> str | None:
    maker = rule.maker(position) if rule else UNSUPPORTED
    if rule is None or isinstance(maker, str):
        raise MissingRuleError(missing_rule(site.node, position))
    further = [name for name, gradient in zip(site.node.output[1:], site.gradients[1:], strict=True) if gradient]
    if maker and further and not rule.joint:
        site.refuse(f"for its further output {further[0]!r}")
    return maker and _made(site, rule, maker, position)


def _made(site: Site, rule: Rule, maker: Maker, position: int) -> str:
    node = site.node
    operands: list[Operand] = [name or None for name in node.input]
    leading = (position,) if rule.variadic else ()
    gradient = maker(site, *leading, site.gradients[0], node.output[0], *operands)
    if not rule.broadcasts:
        return gradient
    return unbroadcast(site, gradient, site.shape(node.output[0]), site.shape(node.input[position]))


def missing_rule(node: onnx.NodeProto, position: int) -> str:
    """One line that names the operator and the node."""
    where = f" with respect to its input {position}" if position and node.op_type in RULES else ""
    return f"operator {node.op_type} (node {node.name or node.output[0]!r}) has no derivative rule{where}"
