"""A Keras classifier → its forward graph, through tf2onnx with every layer of interest as a named output.

`from_function` with a dictionary of outputs works for Functional, Sequential and subclassed models alike; layers are
found by their outputs, never by parsing node names, which carry suffixes of repeated tracing.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import onnx

from convert.forward import FACES, PROBABILITIES, Forward, Layer
from convert.passes import absorb_transposes, cancel_transposes, find_logits, keep_outputs, peel
from convert.recording import Call, recording
from convert.tensorflow import tensorflow
from realtime.errors import ConversionError

OPSET = 18


def load_keras(path: Path) -> Any:
    """The model in a .keras, .h5 or .hdf5 file; code that such a file may carry is refused, never run."""
    keras = tensorflow().keras
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises ValueError, TypeError, OSError, KeyError and more for a bad file
        raise ConversionError(f"{path}: not a Keras model that can be loaded safely ({_first_line(error)})") from error


def export(model: Any) -> Forward:
    """The forward graph of a loaded Keras model."""
    proto, calls = _converted(model)
    cancel_transposes(proto)
    absorb_transposes(proto)
    logits = find_logits(proto, PROBABILITIES)
    layers = tuple(_layer(proto, call) for call in calls)
    keep_outputs(proto, [PROBABILITIES])
    return Forward(proto, logits, layers)


def _converted(model: Any) -> tuple[onnx.ModelProto, list[Call]]:
    tf = tensorflow()
    found: list[Call] = []
    import tf2onnx

    def run(faces: Any) -> dict[str, Any]:
        with recording(model) as calls:
            probabilities = model(faces, training=False)
        found[:] = calls
        taps = {f"tap/{call.name}": tf.identity(call.output) for call in calls}
        return {**taps, PROBABILITIES: tf.identity(probabilities)}

    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name=FACES)]
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    function = tf.function(run, input_signature=signature, autograph=False)
    proto, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=OPSET)
    return proto, found


def _layer(proto: onnx.ModelProto, call: Call) -> Layer:
    tensor, axis = peel(proto, f"tap/{call.name}", channel_axis=3)
    return Layer(call.name, call.kind, tensor, axis)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
