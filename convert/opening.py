"""Opens a classifier of any format: what it says about itself, and once its input is known, its forward graph.

.keras .h5 .hdf5 .json   Keras                 checked against TensorFlow's GradientTape
a folder                 SavedModel → .onnx    checked against finite differences
.onnx                    ONNX                  checked against finite differences
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx

from emoscope.errors import ConversionError, EmoscopeError
from emoscope.network.bundle import read_onnx
from emoscope.network.contract import InputSpec

from .forward import Facts, Forward, spread, wanted_outputs
from .keras_to_onnx import export, keras_facts, load_keras
from .onnx_reference import OnnxReference
from .onnx_source import facts, normal_form
from .passes import keep_outputs
from .precision import check_unquantised, in_float32
from .recording import with_output
from .reference import KerasReference, Reference
from .saved_model import load_saved_model
from .upgrade import first_line

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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user says about how a file is to be read.

    Attributes:
        layout: "NHWC" or "NCHW"; None where nothing.
        output: name of the output that is about classes.
        arch: file with the architecture that the weights belong to.
    """

    layout: str | None = None
    output: str | None = None
    arch: Path | None = None


ASKED_NOTHING = Asked()


def read_model_file(path: Path, asked: Asked = ASKED_NOTHING) -> ModelFile:
    """Reads a model file; ConversionError or ModelError where it is none that can be converted."""
    if path.is_dir():
        return _onnx(load_saved_model(path), path, asked)
    suffix = path.suffix.lower()
    if suffix in EXPORTS:
        raise ConversionError(f"{path}: {EXPORTS[suffix]}")
    reader = READERS.get(suffix)
    if reader is None:
        known = ", ".join(READERS)
        raise ConversionError(f"{path}: not a model that EmoScope can convert ({known}, or a SavedModel folder)")
    return reader(path, asked)


def _keras(path: Path, asked: Asked) -> ModelFile:
    model = with_output(load_keras(path, asked.arch), asked.output, path)

    def opened(spec: InputSpec) -> OpenedModel:
        try:
            forward, classes = export(model, spec.shape)
        except EmoscopeError:
            raise
        except Exception as error:  # tf2onnx and onnxruntime raise whatever they do
            told = f"its graph cannot be written as ONNX, or does not run there ({first_line(error)})"
            raise ConversionError(
                f"{path}: {told}: replace the layer that this names, or export it with others"
            ) from error

        def reference(chosen: Forward) -> Reference:
            traced = [layer.name for layer in spread(chosen.layers, LAYERS_TRACED)]
            return KerasReference(model, chosen.layer_names, traced)

        return OpenedModel(forward, classes, reference)

    return ModelFile(keras_facts(model, path), opened)


def _onnx(model: onnx.ModelProto, path: Path, asked: Asked) -> ModelFile:
    try:
        check_unquantised(model)
        if asked.output:
            keep_outputs(model, [*wanted_outputs([output.name for output in model.graph.output], asked.output)])
    except ConversionError as error:
        raise ConversionError(f"{path}: {error}") from None
    in_float32(model)

    def opened(spec: InputSpec) -> OpenedModel:
        forward, classes = normal_form(model, path, spec.shape, spec.layout)
        return OpenedModel(forward, classes, lambda chosen: OnnxReference(model, chosen, spec.shape))

    return ModelFile(facts(model, path, asked.layout), opened)


READERS: dict[str, Callable[[Path, Asked], ModelFile]] = {
    ".keras": _keras,
    ".h5": _keras,
    ".hdf5": _keras,
    ".json": _keras,
    ".onnx": lambda path, asked: _onnx(read_onnx(path), path, asked),
}

TORCH = (
    "a file of PyTorch's holds code or bare weights: load the network in Python and export it, "
    "torch.onnx.export(network.eval(), torch.zeros(1, 3, HEIGHT, WIDTH), 'model.onnx', input_names=['input'], "
    "dynamic_axes={'input': {0: 'n'}})"
)
LITE = (
    "TensorFlow Lite keeps no gradients: convert the Keras model or SavedModel that it was made of, "
    "or, where it is not quantised, `python -m tf2onnx.convert --tflite FILE --output model.onnx --opset 18`"
)
EXPORTS = {".pt": TORCH, ".pth": TORCH, ".pth.tar": TORCH, ".ckpt": TORCH, ".safetensors": TORCH, ".tflite": LITE}
"""Files that are told how to become one that can be read."""
