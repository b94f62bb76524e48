"""The shape of every tensor of a graph, seen by running it on two batches.

Shape inference gives up at shapes that are computed inside the graph; a run never does. A size that differs between a
batch of two and a batch of three is one that grows with the batch.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from weakref import WeakValueDictionary

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

from .autodiff import Shape

MUCH = 16_000_000
"""Bytes of a weight from which on all sessions share it."""


def session(model: onnx.ModelProto, optimised: bool = True) -> ort.InferenceSession:
    """A quiet session of a model in memory, on the processor; it keeps no memory between runs."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    if not optimised:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    fed = {value.name for value in model.graph.input}
    large = {one.name: held(one) for one in model.graph.initializer if one.ByteSize() > MUCH and one.name not in fed}
    if large:
        options.add_session_config_entry("session.disable_prepacking", "1")
        options.add_external_initializers([*large], [ort.OrtValue.ortvalue_from_numpy(one) for one in large.values()])
        model = _without(model, large)
    running = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    running.weights = large  # which the session points at
    return running


_HELD: WeakValueDictionary[bytes, np.ndarray] = WeakValueDictionary()


def held(tensor: onnx.TensorProto) -> np.ndarray:
    """A tensor's numbers: one array for all sessions that need the same ones, as long as one of them lives."""
    numbers = numpy_helper.to_array(tensor)
    digest = blake2b(repr((numbers.shape, numbers.dtype.str)).encode())
    digest.update(np.ascontiguousarray(numbers).data)
    return _HELD.setdefault(digest.digest(), numbers)


def _without(model: onnx.ModelProto, names: Collection[str]) -> onnx.ModelProto:
    """The same graph, these weights being told of only; it is not copied with them first, which would hold them."""
    light = onnx.ModelProto(ir_version=model.ir_version, opset_import=model.opset_import, functions=model.functions)
    graph = model.graph
    parts = {"node": graph.node, "input": graph.input, "output": graph.output, "value_info": graph.value_info}
    light.graph.CopyFrom(onnx.GraphProto(name=graph.name, **parts))
    for tensor in graph.initializer:
        if tensor.name not in names:
            light.graph.initializer.append(tensor)
            continue
        told = light.graph.initializer.add(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        told.data_location = onnx.TensorProto.EXTERNAL
        told.external_data.add(key="location", value="held")
    return light


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
    weights = {tensor.name: numpy_helper.to_array(tensor).shape for tensor in model.graph.initializer}
    seen = {name: _common(a, b) for name, a, b in zip(names, two, three, strict=True)}
    return {**weights, feed: (None, *face_shape), **seen}


def random_faces(number: int, face_shape: tuple[int, ...]) -> np.ndarray:
    """Smooth-free noise in 0…1, (number, *face_shape) float32; the same every time."""
    return np.random.default_rng(number).random((number, *face_shape), dtype=np.float32)


def _common(two: tuple[int, ...], three: tuple[int, ...]) -> Shape:
    return tuple(a if a == b else None for a, b in zip(two, three, strict=True))
