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
from emoscope.network.held import Weights, taken_out

from .forward import NUMBERS, Facts, Forward, spread, wanted_outputs
from .further import FurtherOutput, joined, number_names
from .keras_to_onnx import export, keras_facts, load_keras
from .onnx_reference import OnnxReference
from .onnx_source import facts, normal_form
from .original import shapes_of
from .passes import keep_outputs
from .precision import check_unquantised, in_float32
from .recording import Names, with_output
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
        numbers: names of the numbers that further outputs give; None where none was to be kept.
    """

    forward: Forward
    classes: int
    reference: Callable[[Forward], Reference]
    numbers: Names = None


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that has been read.

    Attributes:
        facts: what it says about its input.
        open: makes its graph, once the rest is known.
        owned: large weights, which its graphs and all that is made of them point at: they need the file as long.
    """

    facts: Facts
    open: Callable[[InputSpec], OpenedModel]
    owned: Weights = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user says about how a file is to be read.

    Attributes:
        layout: "NHWC" or "NCHW"; None where nothing.
        output: name of the output that is about classes.
        arch: file with the architecture that the weights belong to.
        keep: further outputs whose numbers are kept.
        labels: of the classes, where they are given: no number may have such a name.
    """

    layout: str | None = None
    output: str | None = None
    arch: Path | None = None
    keep: tuple[FurtherOutput, ...] = ()
    labels: tuple[str, ...] = ()


ASKED_NOTHING = Asked()


def read_model_file(path: Path, asked: Asked = ASKED_NOTHING) -> ModelFile:
    """Reads a model file; ConversionError or ModelError where it is none that can be converted."""
    if path.is_dir():
        return _onnx(path, asked, load_saved_model)
    suffix = path.suffix.lower()
    if suffix in EXPORTS:
        raise ConversionError(f"{path}: {EXPORTS[suffix]}")
    reader = READERS.get(suffix)
    if reader is None:
        known = ", ".join(READERS)
        raise ConversionError(f"{path}: not a model that EmoScope can convert ({known}, or a SavedModel folder)")
    return reader(path, asked)


def _keras(path: Path, asked: Asked) -> ModelFile:
    loaded = load_keras(path, asked.arch)
    try:
        model, names = with_output(loaded, asked.output, asked.keep, asked.labels)
    except ConversionError as error:
        raise ConversionError(f"{path}: {error}") from None

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

        return OpenedModel(forward, classes, reference, names)

    return ModelFile(keras_facts(model, path), opened)


def _onnx(path: Path, asked: Asked, read: Callable[[Path], onnx.ModelProto] = read_onnx) -> ModelFile:
    model, owned = _light(read(path))
    try:
        check_unquantised(model)
        numbers = _only_asked(model, asked)
    except ConversionError as error:
        raise ConversionError(f"{path}: {error}") from None

    def opened(spec: InputSpec) -> OpenedModel:
        forward, classes = normal_form(model, path, spec.shape, spec.layout)
        try:
            names = numbers(spec)
        except ConversionError as error:
            raise ConversionError(f"{path}: {error}") from None
        return OpenedModel(forward, classes, lambda chosen: OnnxReference(model, chosen, spec.shape, path), names)

    return ModelFile(facts(model, path, asked.layout), opened, owned)


def _only_asked(model: onnx.ModelProto, asked: Asked) -> Callable[[InputSpec], Names]:
    """Leaves a graph the outputs that were asked for; returns what names the numbers of those that are kept."""
    if not asked.output and not asked.keep:
        return lambda spec: None
    kept = [one.output for one in asked.keep]
    wanted = wanted_outputs([output.name for output in model.graph.output], asked.output, kept)
    if not kept:
        keep_outputs(model, wanted)
        return lambda spec: None
    tensors = joined(model, asked.keep)
    keep_outputs(model, [*wanted, NUMBERS])

    def named(spec: InputSpec) -> Names:
        shapes = dict(zip(kept, shapes_of(model, tensors, spec.shape), strict=True))
        return number_names(asked.keep, shapes, asked.labels)

    return named


def _light(model: onnx.ModelProto) -> tuple[onnx.ModelProto, Weights]:
    in_float32(model)
    return taken_out(model)


READERS: dict[str, Callable[[Path, Asked], ModelFile]] = {
    ".keras": _keras,
    ".h5": _keras,
    ".hdf5": _keras,
    ".json": _keras,
    ".onnx": _onnx,
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
