"""A Keras classifier → its forward graph, through tf2onnx with every layer of interest as a named output.

`from_function` with a dictionary of outputs works for Functional, Sequential and subclassed models alike; layers are
found by their outputs, never by parsing node names, which carry suffixes of repeated tracing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
from onnx import numpy_helper

from emoscope.errors import ConversionError

from .batch import open_batch
from .ending import settle_ending
from .forward import FACES, NUMBERS, OPSET, QUALITY, Facts, Forward, Layer, several_inputs
from .keras_files import load
from .norms import join_norms
from .passes import absorb_transposes, cancel_transposes, peel, upstream, widen_outputs
from .recording import Call, answers_of, recording
from .tensorflow import tensorflow
from .tracing import HANDLERS, check_known, traceable

OUTPUT = "answer"
FURTHER = {name: f"{name}/answer" for name in (QUALITY, NUMBERS)}
ALONE = "save keras.Model(picture, model([picture, …])), where picture = keras.Input((height, width, channels))"
"""How a network of several inputs becomes one of the picture alone."""


def load_keras(path: Path, arch: Path | None = None, start: Callable[[], Any] = tensorflow) -> Any:
    """The model in a .keras, .h5, .hdf5 or .json file; code that such a file may carry is refused, never run."""
    return load(path, arch, start)


def keras_facts(model: Any, path: Path) -> Facts:
    """What a loaded model says about its input."""
    _check_layers(model, path)
    return Facts(*face_shape(model, path), layout="NHWC")


def face_shape(model: Any, path: Path) -> tuple[Any, Any, Any]:
    """Height, width and channels of what a loaded model takes; None where it leaves one open."""
    try:
        shape = model.input_shape
    except AttributeError:
        raise ConversionError(
            f"{path}: was saved before it had seen a picture, so that it has no weights: train it, and save it again"
        ) from None
    inputs = getattr(model, "inputs", None) or ()
    if len(inputs) > 1:
        raise several_inputs(path, [f"{one.name} {_size(one)}" for one in inputs], ALONE)
    if not isinstance(shape, tuple) or len(shape) != 4:
        raise ConversionError(f"{path}: takes {shape}; a classifier of pictures takes (N, height, width, channels)")
    _, height, width, channels = shape
    return height, width, channels


def _size(value: Any) -> str:
    return "×".join(str(size or "?") for size in value.shape[1:])


def _check_layers(model: Any, path: Path) -> None:
    for layer in model._flatten_layers(include_self=False):
        if getattr(layer, "compute_dtype", "") in ("float16", "bfloat16", "float64"):
            message = f"{path}: layer {layer.name!r} computes in {layer.compute_dtype}, which is not supported"
            raise ConversionError(f"{message}: build the network in float32")
        if getattr(layer, "data_format", None) == "channels_first":
            message = f"{path}: layer {layer.name!r} takes channels_first, which TensorFlow cannot run on a processor"
            raise ConversionError(f"{message}: build the network with channels_last")


def export(model: Any, face_shape: tuple[int, ...]) -> tuple[Forward, int]:
    """The forward graph of a loaded Keras model for faces of this shape, and its number of classes."""
    proto, calls = _converted(model, face_shape)
    open_batch(proto)
    widen_outputs(proto)
    cancel_transposes(proto)
    absorb_transposes(proto)
    join_norms(proto)
    layers = [_layer(proto, call) for call in calls]
    told = {output.name for output in proto.graph.output}
    further = (name if name in told else "" for name in FURTHER.values())
    logits, classes = settle_ending(proto, OUTPUT, face_shape, *further)
    leading = upstream(proto, logits)
    return Forward(proto, logits, tuple(layer for layer in layers if layer.tensor in leading)), classes


def _converted(model: Any, face_shape: tuple[int, ...]) -> tuple[onnx.ModelProto, list[Call]]:
    tf = tensorflow()
    found: list[Call] = []
    import tf2onnx

    def run(faces: Any) -> dict[str, Any]:
        with recording(model) as calls:
            answer, further = answers_of(model, model(faces, training=False))
        found[:] = calls
        taps = {f"tap/{call.name}": tf.identity(call.output) for call in calls}
        beside = {FURTHER[name]: tf.identity(one) for name, one in further.items()}
        return {**taps, **beside, OUTPUT: tf.identity(answer)}

    signature = [tf.TensorSpec((None, *face_shape), tf.float32, name=FACES)]
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    function = tf.function(run, input_signature=signature, autograph=False)
    with traceable():
        proto, _ = tf2onnx.convert.from_function(
            function, input_signature=signature, opset=OPSET, custom_op_handlers=dict(HANDLERS)
        )
    _fix_captured(proto, function.get_concrete_function())
    check_known(proto)
    return proto, found


def _fix_captured(proto: onnx.ModelProto, function: Any) -> None:
    """Makes weights of the plain tensors that layers carry (Normalization does); tf2onnx leaves them as inputs."""
    values = {inner.name: outer for outer, inner in function.graph.captures}
    for value in list(proto.graph.input):
        if value.name in values:
            proto.graph.input.remove(value)
            proto.graph.initializer.append(numpy_helper.from_array(values[value.name].numpy(), value.name))


def _layer(proto: onnx.ModelProto, call: Call) -> Layer:
    tensor, axis = peel(proto, f"tap/{call.name}", channel_axis=3)
    return Layer(call.name, call.kind, tensor, axis)
