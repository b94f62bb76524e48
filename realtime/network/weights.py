"""A graph whose weights are held once and lent to every session that is cut from it.

A session made of a whole model keeps the weights as it read them, besides those that it packed for its processor. So
the large ones are taken out of the model and handed to each session as what ONNX calls external data, though they
are in memory: a session of a network with 5 MB of weights then takes 5 MB in place of 10, and is built sooner.

    model ──▶ nodes, small numbers ──cut──▶ session
          └─▶ weights ─────────────lent──────┘
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import onnx
import onnxruntime
from numpy.typing import NDArray

from .cutting import Cut, Pieces
from .held import held_by, lend, taken_out
from .mirrors import looked_up
from .winograd import Kernels, multiplied_less

LARGE = 4096
"""Bytes from which on an initializer is lent; onnxruntime must see the small ones, such as shapes, in the graph."""


class Lender:
    """A model, taken apart. It must outlive its sessions, which read its weights.

    Args:
        model: may be thrown away afterwards.
        plain: whether it only answers; a graph that explains is long, and to learn its maps' sizes takes longer than is
            gained.
        kernels: where its sessions answer for thousands of pictures, many at once: then they multiply less, see
            `winograd`, what they are to be fed for it joins these, and what takes a while for a part that explains is
            worth it. None for other sessions.

    Attributes:
        outputs: names of all that the model answers.
        inputs: names of all that may be fed to it.
    """

    def __init__(self, model: onnx.ModelProto, plain: bool = False, kernels: Kernels | None = None) -> None:
        skeleton, _owned = taken_out(model, LARGE)
        if plain:
            skeleton = _quicker(skeleton, held_by(skeleton), kernels)
        self._weights = held_by(skeleton)
        self._skeleton: onnx.ModelProto | None = skeleton
        self._late = None if plain else kernels
        self.outputs = frozenset(output.name for output in skeleton.graph.output)
        self.inputs = frozenset(value.name for value in skeleton.graph.input)
        self._lock = Lock()
        self._pieces: Pieces | None = None

    def session(
        self, outputs: Sequence[str], options: onnxruntime.SessionOptions, providers: Sequence[str]
    ) -> onnxruntime.InferenceSession:
        """A session that computes these outputs and nothing else.

        Args:
            outputs: names of what it computes.
            options: of this session alone, since the weights are noted in it.
            providers: of onnxruntime, the first choice first.
        """
        part = self._cut(outputs)
        model, read = part.model, part.read
        if self._late is not None:
            whole = _quicker(onnx.ModelProto.FromString(model), self._weights, self._late)
            model, read = whole.SerializeToString(), frozenset(one.name for one in whole.graph.initializer)
        lend(options, {name: weight for name, weight in self._weights.items() if name in read})
        return onnxruntime.InferenceSession(model, options, providers=list(providers))

    def _cut(self, outputs: Sequence[str]) -> Cut:
        """A part of the model, which the first cut takes to pieces that are kept in its place."""
        with self._lock:
            if self._pieces is None:
                assert self._skeleton is not None
                self._pieces, self._skeleton = Pieces(self._skeleton), None
            return self._pieces.cut(outputs)


def _quicker(model: onnx.ModelProto, weights: Mapping[str, NDArray[Any]], kernels: Kernels | None) -> onnx.ModelProto:
    """A model that answers the same in less time."""
    return looked_up(model if kernels is None else multiplied_less(model, weights, kernels))
