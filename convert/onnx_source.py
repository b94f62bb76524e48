"""An .onnx classifier, as anybody may have written it → its forward graph.

read        external weights included
plain       functions expanded, old opsets upgraded
rename      input and output get our names; whatever else has them steps aside
open        a batch that was fixed becomes free
pads        of poolings are written out where only the runtime knows them
fold        constants are computed, layers and logits are found
"""

from __future__ import annotations

import re
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from emoscope.errors import ConversionError, MissingRuleError
from emoscope.network.contract import METADATA_KEY, Contract

from .autodiff import Graph
from .batch import open_batch
from .ending import settle_ending
from .fold import fold_constants
from .forward import (
    FACES,
    LOGITS,
    NUMBERS,
    OFFSET,
    PROBABILITIES,
    QUALITY,
    TARGET,
    Answers,
    Facts,
    Forward,
    answers_among,
    several_inputs,
)
from .layers import find_layers
from .observe import observed_shapes
from .original import ASIDE
from .pads import say_pads
from .passes import fresh, rename_tensors, taken
from .tokens import laid_out
from .upgrade import first_line, plain


def facts(model: onnx.ModelProto, path: Path, layout: str | None) -> Facts:
    """What the file itself says about its input."""
    value = _only_input(model, path)
    dims = [size.dim_value if size.HasField("dim_value") else None for size in value.type.tensor_type.shape.dim]
    if len(dims) != 4 or value.type.tensor_type.elem_type != TensorProto.FLOAT:
        raise ConversionError(f"{path}: input {value.name!r} is not four axes of float32, as pictures are")
    layouts = [name for name, axis in (("NCHW", 1), ("NHWC", 3)) if dims[axis] in (1, 3)]
    found = layout or (layouts[0] if len(layouts) == 1 else "")
    sizes = dims[2:] if found == "NCHW" else dims[1:3]
    stamped = next((item.value for item in model.metadata_props if item.key == METADATA_KEY), None)
    contract = Contract.from_json(stamped, str(path)) if stamped else None
    return Facts(sizes[0], sizes[1], dims[1] if found == "NCHW" else dims[3], found, contract)


def normal_form(model: onnx.ModelProto, path: Path, face_shape: tuple[int, ...], layout: str) -> tuple[Forward, int]:
    """The forward graph of a loaded model, and its number of classes.

    Args:
        model: as it was read.
        path: of its file, for messages.
        face_shape: of one face, as the network takes it.
        layout: "NCHW" or "NHWC".

    Raises:
        ConversionError: it cannot be brought into the form that is differentiated; the message says why.
    """
    scopes = scope_names(model)
    ours, fixed = plain(model, path), None
    try:
        answers = _renamed(ours, path, face_shape)
        fixed = open_batch(ours)
        say_pads(ours, face_shape)
        fold_constants(ours, face_shape)
        logits, classes = settle_ending(ours, answers.classes, face_shape, answers.quality, answers.numbers)
        graph, axis = Graph(ours, observed_shapes(ours, face_shape)), 1 if layout == "NCHW" else 3
        forward = Forward(ours, logits, find_layers(graph, logits, axis, scopes), axis)
        return laid_out(forward, face_shape), classes
    except MissingRuleError as error:
        raise MissingRuleError(f"{path}: {error}") from None
    except ConversionError as error:
        raise ConversionError(f"{path}: {error}") from None
    except Exception as error:  # onnxruntime's errors share no base class of their own
        cure = "export it with a dynamic batch axis" if fixed else "export it anew"
        raise ConversionError(f"{path}: does not run on batches of pictures ({first_line(error)}): {cure}") from error


SCOPES, SCOPE_SEPARATOR = "pkg.torch.onnx.name_scopes", "."


def scope_names(model: onnx.ModelProto) -> dict[str, str]:
    """Tensor → path of the module that made it, with its operator, where PyTorch's newer exporter tells."""
    found = {}
    for node in model.graph.node:
        told = next((item.value for item in node.metadata_props if item.key == SCOPES), "")
        parts = re.findall(r"'([^']*)'", told)
        if len(parts) > 1 and parts[-2]:
            found[node.output[0]] = f"{parts[-2]}{SCOPE_SEPARATOR}{node.op_type}"
    return found


def _only_input(model: onnx.ModelProto, path: Path) -> onnx.ValueInfoProto:
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs: list[onnx.ValueInfoProto] = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1:
        raise several_inputs(path, [value.name for value in inputs], "export it with the picture as its only input")
    return inputs[0]


def _renamed(model: onnx.ModelProto, path: Path, face_shape: tuple[int, ...]) -> Answers:
    """Gives the input our name, moves others that have a name of ours out of the way; returns its outputs."""
    source = _only_input(model, path)
    answers = answers_among([value.name for value in model.graph.output])
    ours = {FACES, TARGET, LOGITS, OFFSET, PROBABILITIES, QUALITY, NUMBERS} - {source.name}
    known = taken(model)
    names = {name: fresh(f"{name}{ASIDE}", known) for name in known & ours} | {source.name: FACES}
    rename_tensors(model, names)
    batch = source.type.tensor_type.shape.dim[0]
    first = batch.dim_value if batch.HasField("dim_value") else "N"
    del model.graph.input[:]
    model.graph.input.append(helper.make_tensor_value_info(FACES, TensorProto.FLOAT, [first, *face_shape]))
    return Answers(*(names.get(name, name) for name in answers))
