"""The end of a classifier: which tensor holds the logits, and what turns them into probabilities.

    … logits ─ Softmax | LogSoftmax | Sigmoid ─ Identity, Reshape, … ─ output      the logits are what goes in
    … logits ─ output                                                            a softmax is added

After this pass the graph has one output, `probabilities`, (N, classes), and logits of the same shape.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from emoscope.errors import ConversionError

from .cam_numpy import Array
from .forward import PROBABILITIES
from .observe import random_faces, session
from .passes import keep_outputs, producers

PASSING = {"Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast"}


def settle_ending(model: onnx.ModelProto, output: str, face_shape: tuple[int, ...]) -> tuple[str, int]:
    """Gives the model its output `probabilities`, in place; returns the logits' name and the number of classes."""
    makers = producers(model)
    last = makers.get(output)
    while last is not None and last.op_type in PASSING:
        last = makers.get(last.input[0])
    ends = {"Softmax", "LogSoftmax", "Sigmoid"}
    logits = last.input[0] if last is not None and last.op_type in ends else output
    kind = last.op_type if last is not None and logits != output else ""
    classes, sums = _seen(model, output, face_shape)
    if not kind and np.allclose(sums, 1, atol=1e-4):
        spelled = f"the network ends in {last.op_type if last else 'its input'} and its outputs add up to one"
        raise ConversionError(f"{spelled}: its softmax is spelled out; export the model with its logits instead")
    flat = _flattened(model, logits, face_shape)
    ending = "Sigmoid" if kind == "Sigmoid" else "Softmax"
    model.graph.node.append(helper.make_node(ending, [flat], [PROBABILITIES], name=PROBABILITIES))
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, ["N", classes]))
    keep_outputs(model, [PROBABILITIES])
    return flat, classes


def _flattened(model: onnx.ModelProto, logits: str, face_shape: tuple[int, ...]) -> str:
    """The logits as (N, classes)."""
    if _values(model, logits, face_shape).ndim == 2:
        return logits
    flat = f"{logits}/flat"
    model.graph.node.append(helper.make_node("Flatten", [logits], [flat], axis=1))
    return flat


def _seen(model: onnx.ModelProto, output: str, face_shape: tuple[int, ...]) -> tuple[int, Array]:
    """Number of classes, and the sum of each face's outputs."""
    values = _values(model, output, face_shape)
    flat = values.reshape(len(values), -1)
    if flat.shape[1] < 2:
        raise ConversionError("the network has a single output: EmoScope explains classifiers of two classes or more")
    return flat.shape[1], flat.sum(1)


def _values(model: onnx.ModelProto, tensor: str, face_shape: tuple[int, ...]) -> Array:
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    del probe.graph.output[:]
    probe.graph.output.append(onnx.ValueInfoProto(name=tensor))
    feed = {model.graph.input[0].name: random_faces(2, face_shape)}
    values: Array = session(probe, optimised=False).run([tensor], feed)[0]
    return values
