"""Who knows the right answers about an .onnx file: the file itself, and finite differences."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray

from emoscope.errors import ConversionError

from .autodiff import Graph
from .cam_numpy import Array
from .ending import scores_of
from .explain import activation_graph
from .finite import Behind, deviation
from .forward import FACES, LOGITS, TARGET, Forward, spread
from .observe import observed_shapes, session
from .original import as_probabilities, original_values
from .reference import Truth

Targets: TypeAlias = NDArray[np.int64]

LAYERS_CHECKED, LARGE_CHECKED = 12, 4
"""A rule that is wrong is seen from every layer before it; in large pictures each layer takes seconds."""
LARGE = 128 * 128
"""Pixels from which on a picture is large."""


class OnnxReference:
    """The original file for all that it computes, and gradients that finite differences have been compared with.

    Args:
        original: the model as it was read.
        forward: its forward graph.
        face_shape: shape of one face.
        path: of the original, for messages.
    """

    def __init__(self, original: onnx.ModelProto, forward: Forward, face_shape: tuple[int, ...], path: Path) -> None:
        self._original, self._path = original, path
        self._forward = forward
        self._large = prod(face_shape) // min(face_shape) >= LARGE
        self._graph = Graph(forward.model, observed_shapes(forward.model, face_shape))

    def __call__(self, faces: Array, target: Targets) -> Truth:
        """The truth about faces (N, …) and target classes (N,), all ≥ 0."""
        forward, feed = self._forward, {FACES: faces, TARGET: target}
        model = activation_graph(forward, self._graph, (), raw_gradients=True, units=False)
        scores = scores_of(forward.logits)
        wanted = [scores, *(layer.tensor for layer in forward.layers)]
        try:
            output, further, theirs = original_values(self._original, wanted, faces)
        except ConversionError as error:
            raise ConversionError(f"{self._path}: {error}") from error
        seen = {layer.name: layer for layer in forward.layers if layer.tensor in theirs}
        known = {f"activation/{name}" for name in seen}  # the file's own, and not asked for twice
        names = [output.name for output in model.graph.output if output.name not in known]
        ours = dict(zip(names, session(model).run(names, feed), strict=True))
        activations = {"input": _last(faces, forward.channel_axis), **_those(ours, "activation/")}
        activations |= {name: _last(theirs[layer.tensor], layer.channel_axis) for name, layer in seen.items()}
        finite = {
            layer.name: deviation(Behind(model, layer, feed), activations[layer.name])
            for layer in spread(forward.layers, LARGE_CHECKED if self._large else LAYERS_CHECKED)
        }
        logits = (theirs[scores] if scores in theirs else ours[LOGITS]).reshape(len(faces), -1)
        said = as_probabilities(forward, output)
        return Truth(said, logits, activations, _those(ours, "gradient/"), further, finite)


def _those(answers: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): value for name, value in answers.items() if name.startswith(prefix)}


def _last(maps: Array, channel_axis: int) -> Array:
    return maps if channel_axis == 3 else maps.transpose(0, 2, 3, 1)
