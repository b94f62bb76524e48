"""A SavedModel → an ONNX model, through tf2onnx; from there on it is treated as any other .onnx.

Loading a SavedModel builds its graph and runs none of its author's Python.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import onnx

from emoscope.errors import ConversionError

from .forward import OPSET, several_inputs
from .tensorflow import tensorflow
from .tracing import HANDLERS, check_known, traceable

SIGNATURE = "serving_default"


def load_saved_model(path: Path) -> onnx.ModelProto:
    """The default signature of a SavedModel folder."""
    tf = tensorflow()
    try:
        loaded = tf.saved_model.load(str(path))
        signature = loaded.signatures[SIGNATURE]
    except Exception as error:  # TensorFlow raises OSError, KeyError, ValueError and errors of its own
        raise ConversionError(f"{path}: not a SavedModel with a signature {SIGNATURE!r} ({error})") from error
    return _converted(tf, signature, path)


def _converted(tf: Any, signature: Any, path: Path) -> onnx.ModelProto:
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    specs = signature.structured_input_signature[1]
    if len(specs) != 1:
        raise several_inputs(path, sorted(specs), "save it with the picture as the only input of its signature")
    ((name, spec),) = specs.items()

    def run(faces: Any) -> Any:
        return list(signature(**{name: faces}).values())

    inputs = [tf.TensorSpec(spec.shape, spec.dtype, name="picture")]
    function = tf.function(run, input_signature=inputs, autograph=False)
    proto: onnx.ModelProto
    with traceable():
        proto, _ = tf2onnx.convert.from_function(
            function, input_signature=inputs, opset=OPSET, custom_op_handlers=dict(HANDLERS)
        )
    check_known(proto)
    return proto
