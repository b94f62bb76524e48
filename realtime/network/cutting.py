"""A graph that is cut again and again, held as the bytes of its pieces: to cut is to put bytes together.

    nodes ──▶ bytes each, and the numbers of those that each one reads
    outputs wanted ──▶ walk back over numbers ──▶ bytes of the nodes met, in their order ──▶ a model

A network that explains has thousands of nodes. As ONNX's objects they take ten times the memory of their bytes, and
`onnx.utils.Extractor` goes through all of them for each cut, in Python: for a twentieth of a second no other thread of
a program that shows a film gets on.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import onnx

from .held import GRAPH, INITIALIZER, INPUT, NODE, OUTPUT, message, shell

PARTS = ("node", "initializer", "input", "output", "value_info")
"""What a cut chooses from, or does without."""
NESTING = {"If", "Loop", "Scan", "SequenceMap"}
"""Operators with graphs in their attributes."""


class Cut(NamedTuple):
    """A part that was cut out.

    Attributes:
        model: the bytes of a model that gives the outputs wanted and computes nothing else.
        read: names of the initializers in it.
    """

    model: bytes
    read: frozenset[str]


class Pieces:
    """A model in pieces, of which parts are put together.

    Args:
        model: may be thrown away afterwards; its values' shapes are not kept, since onnxruntime works them out itself.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        graph = model.graph
        bare = shell(model, without=PARTS)
        self._graph = bare.graph.SerializeToString()
        bare.ClearField("graph")
        self._model = bare.SerializeToString()
        self._nodes = [message(NODE, node.SerializeToString()) for node in graph.node]
        self._initializers = _named(INITIALIZER, graph.initializer)
        self._inputs, self._outputs = _named(INPUT, graph.input), _named(OUTPUT, graph.output)
        given = list(dict.fromkeys(chain(self._initializers, self._inputs)))
        # What is read is a number: of a node, or below zero of what is given; names would take most of the memory.
        numbers = {name: -1 - place for place, name in enumerate(given)}
        numbers |= {name: place for place, node in enumerate(graph.node) for name in node.output if name}
        self._given = given
        self._reads, self._ends = array("i"), array("i")
        for node in graph.node:
            self._reads.extend([numbers[name] for name in read_by(node) if name in numbers])
            self._ends.append(len(self._reads))
        self._made_by = {name: numbers[name] for name in self._outputs if name in numbers}

    def cut(self, outputs: Sequence[str]) -> Cut:
        """The part that gives some of the model's outputs, in this order.

        Args:
            outputs: their names.
        """
        nodes, given = self._needed(self._made_by[name] for name in outputs)
        read = {name for place, name in enumerate(self._given) if -1 - place in given}
        # An overridable input that a part does not read would become one that must be fed: it is left out.
        pieces = chain(
            (self._nodes[place] for place in nodes),
            (piece for name, piece in self._initializers.items() if name in read),
            (piece for name, piece in self._inputs.items() if name in read),
            (self._outputs[name] for name in outputs),
        )
        model = self._model + message(GRAPH, self._graph + b"".join(pieces))
        return Cut(model, frozenset(name for name in read if name in self._initializers))

    def _needed(self, wanted: Iterable[int]) -> tuple[list[int], set[int]]:
        """The nodes that lead to some, in the model's order, and what is given to them."""
        left, met = list(wanted), set[int]()
        while left:
            number = left.pop()
            if number in met:
                continue
            met.add(number)
            if number >= 0:
                left += self._reads[self._ends[number - 1] if number else 0 : self._ends[number]]
        return sorted(number for number in met if number >= 0), {number for number in met if number < 0}


def read_by(node: onnx.NodeProto) -> list[str]:
    """Names of all that a node reads, and what the graphs in it read of the graph about them."""
    if node.op_type not in NESTING:
        return list(node.input)
    graphs = chain.from_iterable((attribute.g, *attribute.graphs) for attribute in node.attribute)
    return [*node.input, *chain.from_iterable(read_by(inner) for graph in graphs for inner in graph.node)]


def _named(tag: bytes, parts: Iterable[onnx.TensorProto | onnx.ValueInfoProto]) -> dict[str, bytes]:
    return {part.name: message(tag, part.SerializeToString()) for part in parts}
