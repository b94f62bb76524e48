"""Opens a classifier of any format: what it says about itself, and once its input is known, its forward graph.

.keras .h5 .hdf5      Keras                 checked against TensorFlow's GradientTape
a folder              SavedModel → .onnx    checked against finite differences
.onnx                 ONNX                  checked against finite differences
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx

from emoscope.errors import ConversionError
from emoscope.network.bundle import read_onnx
from emoscope.network.contract import InputSpec

from .forward import Facts, Forward, spread
from .keras_to_onnx import export, keras_facts, load_keras
from .onnx_reference import OnnxReference
from .onnx_source import facts, normal_form
from .reference import KerasReference, Reference
from .saved_model import load_saved_model

LAYERS_TRACED = 4
"""Layers whose channels TensorFlow follows back to the pixels; each walk goes through all that lies before it."""


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A classifier ready to be converted.

    Attributes:
        forward: its graph.
        classes: number of its outputs.
        reference: who knows the right answers about the layers of a forward graph.
    """

    forward: Forward
    classes: int
    reference: Callable[[Forward], Reference]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that has been read.

    Attributes:
        facts: what it says about its input.
        open: makes its graph, once the rest is known.
    """

    facts: Facts
    open: Callable[[InputSpec], OpenedModel]


def read_model_file(path: Path, layout: str | None = None) -> ModelFile:
    """Reads a model file; ConversionError or ModelError where it is none that can be converted."""
    if path.is_dir():
        return _onnx(load_saved_model(path), path, layout)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise ConversionError(f"{path}: not a model that EmoScope can convert ({known}, or a SavedModel folder)")
    return reader(path, layout)


def _keras(path: Path, layout: str | None) -> ModelFile:
    model = load_keras(path)

    def opened(spec: InputSpec) -> OpenedModel:
        forward, classes = export(model, spec.shape)

        def reference(chosen: Forward) -> Reference:
            traced = [layer.name for layer in spread(chosen.layers, LAYERS_TRACED)]
            return KerasReference(model, chosen.layer_names, traced)

        return OpenedModel(forward, classes, reference)

    return ModelFile(keras_facts(model, path), opened)


def _onnx(model: onnx.ModelProto, path: Path, layout: str | None) -> ModelFile:
    def opened(spec: InputSpec) -> OpenedModel:
        forward, classes = normal_form(model, path, spec.shape, spec.layout)
        return OpenedModel(forward, classes, lambda chosen: OnnxReference(model, chosen, spec.shape))

    return ModelFile(facts(model, path, layout), opened)


READERS: dict[str, Callable[[Path, str | None], ModelFile]] = {
    ".keras": _keras,
    ".h5": _keras,
    ".hdf5": _keras,
    ".onnx": lambda path, layout: _onnx(read_onnx(path), path, layout),
}
