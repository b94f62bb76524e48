"""The shape of every tensor of a graph, seen by running it on two batches.

Shape inference gives up at shapes that are computed inside the graph; a run never does. A size that differs between a
batch of two and a batch of three is one that grows with the batch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from emoscope.network.held import held_by, lend, taken_out

from .autodiff import Shape

FED = 16_000_000
"""Bytes of a weight from which on a session is fed it at every run: of what it is lent the runtime makes a copy."""


class Fed(ort.InferenceSession):  # type: ignore[misc]  # untyped
    """A session of a graph whose largest weights are inputs, which whoever runs it need not know.

    Args:
        model: bytes of the graph.
        options: of the session.
        given: those weights by name.
        lent: all others, which it may point at.
    """

    def __init__(
        self, model: bytes, options: ort.SessionOptions, given: Mapping[str, np.ndarray], lent: Mapping[str, np.ndarray]
    ) -> None:
        super().__init__(model, options, providers=["CPUExecutionProvider"])
        self.given, self.lent = given, lent

    def get_inputs(self) -> list[Any]:
        """Its inputs, weights left out."""
        return [value for value in super().get_inputs() if value.name not in self.given]

    def run(self, names: Sequence[str] | None, feed: Mapping[str, Any], options: Any = None) -> list[Any]:
        """These outputs, or all."""
        found: list[Any] = super().run(names, {**self.given, **feed}, options)
        return found


def session(model: onnx.ModelProto, optimised: bool = True) -> Fed:
    """A quiet session of a model in memory, on the processor; it keeps no memory between runs."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    if not optimised:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    light, _owned = taken_out(model)
    weights = held_by(light)
    given = {name: one for name, one in weights.items() if one.nbytes > FED}
    lent = {name: one for name, one in weights.items() if name not in given}
    lend(options, lent)
    return Fed(_with_inputs(light, given).SerializeToString(), options, given, lent)


def _with_inputs(light: onnx.ModelProto, names: Collection[str]) -> onnx.ModelProto:
    """A copy of a light graph in which these weights are inputs."""
    asking = onnx.ModelProto()
    asking.CopyFrom(light)
    graph = asking.graph
    for one in [one for one in graph.initializer if one.name in names]:
        graph.input.append(onnx.helper.make_tensor_value_info(one.name, one.data_type, one.dims))
        graph.initializer.remove(one)
    return asking


def observed_shapes(model: onnx.ModelProto, face_shape: tuple[int, ...]) -> dict[str, Shape]:
    """Shape of every tensor; None stands for a size that grows with the batch.

    Args:
        model: one input.
        face_shape: shape of the input without its batch axis.
    """
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    names = [name for node in model.graph.node for name in node.output if name]
    del probe.graph.output[:]
    probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    running, feed = session(probe, optimised=False), model.graph.input[0].name
    two, three = (
        [np.shape(value) for value in running.run(names, {feed: random_faces(n, face_shape)})] for n in (2, 3)
    )
    weights = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    seen = {name: _common(a, b) for name, a, b in zip(names, two, three, strict=True)}
    return {**weights, feed: (None, *face_shape), **seen}


def random_faces(number: int, face_shape: tuple[int, ...]) -> np.ndarray:
    """Smooth-free noise in 0…1, (number, *face_shape) float32; the same every time."""
    return np.random.default_rng(number).random((number, *face_shape), dtype=np.float32)


def _common(two: tuple[int, ...], three: tuple[int, ...]) -> Shape:
    return tuple(a if a == b else None for a, b in zip(two, three, strict=True))
