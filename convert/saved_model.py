"""A SavedModel → an ONNX model, through tf2onnx; from there on it is treated as any other .onnx.

Loading a SavedModel builds its graph and runs none of its author's Python.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import onnx

from convert.forward import OPSET
from convert.tensorflow import tensorflow
from realtime.errors import ConversionError

SIGNATURE = "serving_default"


def load_saved_model(path: Path) -> onnx.ModelProto:
    """The default signature of a SavedModel folder."""
    tf = tensorflow()
    try:
        loaded = tf.saved_model.load(str(path))
        signature = loaded.signatures[SIGNATURE]
    except Exception as error:  # TensorFlow raises OSError, KeyError, ValueError and errors of its own
        raise ConversionError(f"{path}: not a SavedModel with a signature {SIGNATURE!r} ({error})") from error
    return _converted(tf, signature)


def _converted(tf: Any, signature: Any) -> onnx.ModelProto:
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    (name, spec), *_ = signature.structured_input_signature[1].items()

    def run(faces: Any) -> Any:
        return list(signature(**{name: faces}).values())

    inputs = [tf.TensorSpec(spec.shape, spec.dtype, name="picture")]
    function = tf.function(run, input_signature=inputs, autograph=False)
    proto: onnx.ModelProto
    proto, _ = tf2onnx.convert.from_function(function, input_signature=inputs, opset=OPSET)
    return proto
