"""What the axes of a tensor mean: is it a stack of maps, or are its rows the cells of maps, one token a cell?

    maps      (N, c, h, w) or (N, h, w, c)                    `axis` holds the channels
    tokens    (N, k + h w, c) or (N, c, h w), 0 ≤ k           k tokens stand before the cells: a class token
    patches   (N, h, a, w, b, c), in any order                maps cut into patches of a × b cells, about to be merged

Convolutions put channels first; whatever follows keeps its input's meaning as long as its sizes do, transpositions
move axes, reshapes lay tokens out or gather them, and joining tokens to others sets them before the cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import onnx

from .autodiff import Graph, Shape
from .forward import Tokens

FIRST = {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "BatchNormalization", "InstanceNormalization"}
RESHAPES = {"Reshape", "Flatten", "Squeeze", "Unsqueeze"}


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack of maps.

    Attributes:
        axis: of the channels, 1 or 3.
    """

    axis: int


@dataclass(frozen=True, slots=True)
class Patches:
    """Maps that were cut into patches of some cells, as transformers merge them.

    Attributes:
        roles: of the axes: n, h, w, c, and a and b within a patch.
        axis: of the channels.
    """

    roles: str = "nhawbc"
    axis: int = 5


Meaning: TypeAlias = "Stack | Tokens | Patches"


def meaning_of(graph: Graph, node: onnx.NodeProto, meanings: Mapping[str, Meaning]) -> Meaning | None:
    """What the first output of a node means, from what is known of its inputs; None where nobody can tell."""
    after = graph.shapes[node.output[0]]
    if node.op_type in FIRST and len(after) == 4:
        return Stack(1)
    source = next((name for name in node.input if name in meanings), None)
    if source is None:
        return None
    meaning, before = meanings[source], graph.shapes[source]
    if node.op_type in RESHAPES:
        return _reshaped(meaning, before, after)
    if len(after) != len(before):
        return None
    if node.op_type == "Transpose":
        return _transposed(meaning, graph.attributes(node)["perm"])
    if isinstance(meaning, Patches):
        return None
    if isinstance(meaning, Stack):
        return meaning
    return _of_tokens(graph, node, source, meaning)


def _reshaped(meaning: Meaning, before: Shape, after: Shape) -> Meaning | None:
    if before == after:
        return meaning
    if isinstance(meaning, Stack) and len(before) == 4 and len(after) == 3:
        height, width = (int(size or 0) for place, size in enumerate(before) if place not in (0, meaning.axis))
        channels, cells = before[meaning.axis], height * width
        if meaning.axis == 1 and after[1:] == (channels, cells):
            return Tokens(height, width, 0, 1)
        return Tokens(height, width, 0, 2) if meaning.axis == 3 and after[1:] == (cells, channels) else None
    if meaning == Stack(3) and len(before) == 4 and len(after) == 6 and before[3] == after[5]:
        height, width = (int(size or 0) for size in before[1:3])
        high, across, wide, down = (int(size or 0) for size in after[1:5])
        return Patches() if (high * across, wide * down) == (height, width) else None
    if isinstance(meaning, Patches):
        merged = meaning.roles.startswith("nhw") and len(after) == 4 and after[1:3] == before[1:3]
        return (
            Stack(3) if merged and after[3] == int(before[3] or 0) * int(before[4] or 0) * int(before[5] or 0) else None
        )
    if isinstance(meaning, Tokens) and len(after) == 4 and not meaning.lead:
        channels, sizes = before[meaning.axis], (meaning.height, meaning.width)
        if meaning.axis == 1:
            return Stack(1) if after[1:] == (channels, *sizes) else None
        return Stack(3) if after[1:] == (*sizes, channels) else None
    return None


def _transposed(meaning: Meaning, perm: Any) -> Meaning | None:
    order = list(perm)
    if isinstance(meaning, Patches):
        roles = "".join(meaning.roles[place] for place in order)
        return Patches(roles, roles.index("c"))
    return replace(meaning, axis=order.index(meaning.axis)) if order[0] == 0 else None


def _of_tokens(graph: Graph, node: onnx.NodeProto, source: str, meaning: Tokens) -> Tokens | None:
    along = 3 - meaning.axis
    before, after = graph.shapes[source][along], graph.shapes[node.output[0]][along]
    cells = meaning.height * meaning.width
    if before == after:
        return meaning
    if node.op_type == "Concat" and graph.attributes(node)["axis"] in (along, along - 3) and node.input[-1] == source:
        return replace(meaning, lead=int(after or 0) - cells)
    if node.op_type == "Slice" and after == cells:
        begins = graph.constant(node.input[1])
        return replace(meaning, lead=0) if begins is not None and begins.tolist() == [meaning.lead] else None
    return None
