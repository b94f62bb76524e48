"""The shape of every tensor of a graph, seen by running it on two batches.

Shape inference gives up at shapes that are computed inside the graph; a run never does. A size that differs between a
batch of two and a batch of three is one that grows with the batch.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort

from emoscope.network.held import held_by, lend, taken_out

from .autodiff import Shape

LARGE = 16_000_000
"""Bytes of a weight from which on the runtime may make no copy of its own, in the order that its kernels like best or
computed beforehand."""
COPYING = ["NchwcTransformer", "ConstantFolding"]


def session(model: onnx.ModelProto, optimised: bool = True) -> ort.InferenceSession:
    """A quiet session of a model in memory, on the processor; it keeps no memory between runs."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    if not optimised:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    light, _owned = taken_out(model)
    weights = held_by(light)
    is_large = any(one.nbytes > LARGE for one in weights.values())
    if is_large:
        options.add_session_config_entry("session.disable_prepacking", "1")
    lend(options, weights)
    left_out = COPYING if is_large else []
    running = ort.InferenceSession(
        light.SerializeToString(), options, providers=["CPUExecutionProvider"], disabled_optimizers=left_out
    )
    running.weights = weights  # which the session points at
    return running


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
