"""The file as it was read, run by the runtime itself: what every tensor of ours is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnx

from emoscope.errors import ConversionError

from .cam_numpy import Array
from .forward import NUMBERS, PROBABILITIES, QUALITY, Forward, answers_among
from .observe import random_faces, session
from .upgrade import first_line

ASIDE = "/original"
"""Ends the name of a tensor of the file's that had a name of ours."""


def original_values(
    model: onnx.ModelProto, tensors: Iterable[str], faces: Array
) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """The file's output (N, classes), its `quality` (N,) and `numbers` (N, K) where it has them, and those of these
    tensors of ours that it has too.

    Raises:
        ConversionError: the file does not run; the message does not name it.
    """
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    outputs = [output.name for output in model.graph.output]
    answers = answers_among(outputs)
    made = {name for node in model.graph.node for name in node.output} - set(outputs)
    names = {tensor: tensor.removesuffix(ASIDE) for tensor in tensors if tensor.removesuffix(ASIDE) in made}
    probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(set(names.values())))
    try:
        found = in_groups(session(probe), faces)
    except Exception as error:  # onnxruntime's errors share no base class of their own
        told = (
            f"onnxruntime does not run the file as it is, so that nothing can be compared with it ({first_line(error)})"
        )
        raise ConversionError(f"{told}: export it anew, with pads written out where it names them") from error
    output = found[answers.classes]
    shapes = {QUALITY: (-1,), NUMBERS: (len(faces), -1)}
    further = {name: found[name].reshape(shape) for name, shape in shapes.items() if name in answers[1:]}
    known = {tensor: found[name] for tensor, name in names.items() if len(found[name]) == len(faces)}
    return output.reshape(len(output), -1), further, known


def shapes_of(model: onnx.ModelProto, tensors: Sequence[str], face_shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Shapes of tensors, the first axis that of faces; () for one that has none of those."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    del probe.graph.output[:]
    probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in tensors)
    running = session(probe)
    (value,) = running.get_inputs()
    number = value.shape[0] if isinstance(value.shape[0], int) else 2
    found = running.run(list(tensors), {value.name: random_faces(number, face_shape)})
    return [np.shape(one) if np.shape(one)[:1] == (number,) else () for one in found]


def in_groups(running: Any, faces: Array, names: Sequence[str] = ()) -> dict[str, Array]:
    """What a session answers, whatever the size of its batch.

    Args:
        running: the session; it has one input. Where its batch is fixed, groups of that size are run, the last one
            filled up with its last face.
        faces: (N, *face_shape).
        names: of the outputs that are asked for; empty for all.
    """
    (value,) = running.get_inputs()
    names = names or [output.name for output in running.get_outputs()]
    batch = value.shape[0] if isinstance(value.shape[0], int) else len(faces)
    filled = faces[np.minimum(np.arange(-(-len(faces) // batch) * batch), len(faces) - 1)]
    groups = [running.run(names, {value.name: group}) for group in np.split(filled, len(filled) // batch)]
    return {name: np.concatenate(parts)[: len(faces)] for name, *parts in zip(names, *groups, strict=True)}


def as_probabilities(forward: Forward, output: Array) -> Array:
    """What the file's output means: probabilities already, or their logits, or their logarithms."""
    ending = next(node.op_type for node in forward.model.graph.node if PROBABILITIES in node.output)
    if ending == "Sigmoid" or (np.allclose(output.sum(1), 1, atol=1e-4) and output.min() >= 0):
        return output
    raised = np.exp(output - output.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))
