"""The end of a classifier: which tensor holds the logits, and what turns them into probabilities.

    … scores ─ Softmax | LogSoftmax | Sigmoid ─ Identity, Reshape, … ─ output      the scores are what goes in
    … scores ─ output                                                            a softmax is added

After this pass the graph ends in

    scores ─ Add ─ logits ─ Softmax | Sigmoid ─ probabilities      (N, classes)
              └─ offset

`offset` is an input that need not be fed: it is an initializer too, zero for every class. Whoever feeds (N, classes)
shifts what is called, as by the logarithm of a prior; the slope of any one class's logit, and so its heat, is the same.
A network that tells how well it can read a face keeps that answer, `quality`, (N,). Further outputs that
are kept become `numbers`, (N, K).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from emoscope.errors import ConversionError

from .cam_numpy import Array
from .forward import NUMBERS, OFFSET, PROBABILITIES, QUALITY
from .observe import random_faces, session
from .passes import keep_outputs, producers

PASSING = {"Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast"}


SHIFTED, FLAT = "/shifted", "/flat"
"""Ends of the names of tensors that are made here."""


def settle_ending(
    model: onnx.ModelProto, output: str, face_shape: tuple[int, ...], quality: str = "", numbers: str = ""
) -> tuple[str, int]:
    """Gives the model its outputs and its input `offset`, in place; returns the logits' name and the number of classes.

    Args:
        model: a classifier.
        output: its tensor of answers.
        face_shape: shape of one face.
        quality: its tensor that tells how well it can read a face, "" for none.
        numbers: its tensor of further numbers, "" for none.
    """
    makers = producers(model)
    last = makers.get(output)
    while last is not None and last.op_type in PASSING:
        last = makers.get(last.input[0])
    ends = {"Softmax", "LogSoftmax", "Sigmoid"}
    logits = last.input[0] if last is not None and last.op_type in ends else output
    kind = last.op_type if last is not None and logits != output else ""
    spelled = spelled_softmax(makers, last)
    if spelled:
        logits, kind = spelled, "Softmax"
    classes, sums = _seen(model, output, face_shape)
    if not kind and np.allclose(sums, 1, atol=1e-4):
        ending = f"the network ends in {last.op_type if last else 'its input'} and its outputs add up to one"
        raise ConversionError(f"{ending}: its softmax is spelled out; export the model with its logits instead")
    shifted = _shifted(model, _flattened(model, logits, face_shape), classes)
    ending = "Sigmoid" if kind == "Sigmoid" else "Softmax"
    for node in model.graph.node:
        if node.name == PROBABILITIES:  # where a bundle of ours is converted again
            node.name = ""
    model.graph.node.append(helper.make_node(ending, [shifted], [PROBABILITIES], name=PROBABILITIES))
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, ["N", classes]))
    if quality:
        _tell_quality(model, quality)
    if numbers:
        _tell_numbers(model, numbers, face_shape)
    keep_outputs(model, [PROBABILITIES, QUALITY, NUMBERS])
    return shifted, classes


def spelled_softmax(makers: Mapping[str, onnx.NodeProto], last: onnx.NodeProto | None) -> str:
    """What a softmax spelled eˣ / Σ eˣ was applied to, the maximum taken off before or not; "" where there is none."""
    if last is None or last.op_type != "Div":
        return ""
    raised, total = (makers.get(name) for name in last.input)
    sums = total is not None and total.op_type == "ReduceSum" and total.input[0] == last.input[0]
    if raised is None or raised.op_type != "Exp" or not sums:
        return ""
    centred = makers.get(raised.input[0])
    if centred is not None and centred.op_type == "Sub":
        largest = makers.get(centred.input[1])
        if largest is not None and largest.op_type == "ReduceMax" and largest.input[0] == centred.input[0]:
            return str(centred.input[0])
    return str(raised.input[0])


def scores_of(logits: str) -> str:
    """The tensor of the network's own that the logits were made of."""
    return logits.removesuffix(SHIFTED).removesuffix(FLAT)


def _shifted(model: onnx.ModelProto, scores: str, classes: int) -> str:
    """The scores with `offset` added. Its default, zeros of one row, is broadcast to however many faces there are."""
    shifted = f"{scores}{SHIFTED}"
    model.graph.input.append(helper.make_tensor_value_info(OFFSET, TensorProto.FLOAT, ["N", classes]))
    model.graph.initializer.append(numpy_helper.from_array(np.zeros((1, classes), np.float32), OFFSET))
    model.graph.node.append(helper.make_node("Add", [scores, OFFSET], [shifted], name=shifted))
    return shifted


def _tell_quality(model: onnx.ModelProto, tensor: str) -> None:
    """Makes an output (N,) of a tensor of one number a face."""
    shape = f"{tensor}/shape"
    model.graph.initializer.append(numpy_helper.from_array(np.array([-1], np.int64), shape))
    model.graph.node.append(helper.make_node("Reshape", [tensor, shape], [QUALITY], name=f"{tensor}/flat"))
    model.graph.output.append(helper.make_tensor_value_info(QUALITY, TensorProto.FLOAT, ["N"]))


def _tell_numbers(model: onnx.ModelProto, tensor: str, face_shape: tuple[int, ...]) -> None:
    """Makes an output (N, K) of a tensor of numbers."""
    values = _values(model, tensor, face_shape)
    model.graph.node.append(helper.make_node("Flatten", [tensor], [NUMBERS], axis=1, name=f"{tensor}/flat"))
    width = values.size // len(values)
    model.graph.output.append(helper.make_tensor_value_info(NUMBERS, TensorProto.FLOAT, ["N", width]))


def _flattened(model: onnx.ModelProto, logits: str, face_shape: tuple[int, ...]) -> str:
    """The logits as (N, classes)."""
    if _values(model, logits, face_shape).ndim == 2:
        return logits
    flat = f"{logits}{FLAT}"
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
