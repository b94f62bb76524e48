"""A graph whose weights are held once and lent to every session that is cut from it.

A session made of a whole model keeps the weights as it read them, besides those that it packed for its processor. So
the large ones are taken out of the model and handed to each session as what ONNX calls external data, though they
are in memory: a session of a network with 5 MB of weights then takes 5 MB in place of 10, and is built sooner.

    model ──▶ nodes, small numbers ──cut──▶ session
          └─▶ weights ─────────────lent──────┘
"""

from __future__ import annotations

from collections.abc import Sequence

import onnx
import onnxruntime
from onnx.utils import Extractor

from .held import held_by, lend, taken_out
from .mirrors import looked_up

LARGE = 4096
"""Bytes from which on an initializer is lent; onnxruntime must see the small ones, such as shapes, in the graph."""


class Lender:
    """A model, taken apart. It must outlive its sessions, which read its weights.

    Args:
        model: may be thrown away afterwards.
        plain: whether it only answers; a graph that explains is long, and to learn its maps' sizes takes longer than is
            gained.
    """

    def __init__(self, model: onnx.ModelProto, plain: bool = False) -> None:
        skeleton, _owned = taken_out(model, LARGE)
        self._weights = held_by(skeleton)
        self._skeleton = looked_up(skeleton) if plain else skeleton

    @property
    def outputs(self) -> frozenset[str]:
        """Names of all that the model answers."""
        return frozenset(output.name for output in self._skeleton.graph.output)

    @property
    def inputs(self) -> frozenset[str]:
        """Names of all that may be fed to the model."""
        return frozenset(value.name for value in self._skeleton.graph.input)

    def session(
        self, outputs: Sequence[str], options: onnxruntime.SessionOptions, providers: Sequence[str]
    ) -> onnxruntime.InferenceSession:
        """A session that computes these outputs and nothing else.

        Args:
            outputs: names of what it computes.
            options: of this session alone, since the weights are noted in it.
            providers: of onnxruntime, the first choice first.
        """
        inputs = [value.name for value in self._skeleton.graph.input]
        part = Extractor(self._skeleton).extract_model(inputs, list(outputs))
        _drop_unread(part)
        names = {tensor.name for tensor in part.graph.initializer}
        lend(options, {name: weight for name, weight in self._weights.items() if name in names})
        return onnxruntime.InferenceSession(part.SerializeToString(), options, providers=list(providers))


def _drop_unread(part: onnx.ModelProto) -> None:
    """An overridable input that a part does not read would become one that must be fed."""
    read = {name for node in part.graph.node for name in node.input}
    kept = [value for value in part.graph.input if value.name in read]
    del part.graph.input[:]
    part.graph.input.extend(kept)
