"""An .onnx classifier, as anybody may have written it → its forward graph.

read        external weights included; functions of the file's own, and operators that the standard defines by
            others and that have no rule here, are replaced by their bodies
upgrade     to opset 18 at least
rename      input and output get our names; whatever else has them steps aside
open        a batch that was fixed becomes free
fold        constants are computed, layers and logits are found
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper, inliner, version_converter

from convert.autodiff import Graph
from convert.autodiff.table import RULES
from convert.batch import open_batch
from convert.ending import settle_ending
from convert.fold import fold_constants
from convert.forward import FACES, LOGITS, OPSET, PROBABILITIES, TARGET, Facts, Forward
from convert.layers import find_layers
from convert.observe import observed_shapes
from convert.passes import rename_tensors, store_constants
from realtime.contract import METADATA_KEY, Contract
from realtime.errors import ConversionError


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
    """The forward graph of a loaded model, and its number of classes."""
    plain = _upgraded(_inlined(model), path)
    output = _renamed(plain, path, face_shape)
    store_constants(plain)
    open_batch(plain)
    try:
        fold_constants(plain, face_shape)
        logits, classes = settle_ending(plain, output, face_shape)
        graph, axis = Graph(plain, observed_shapes(plain, face_shape)), 1 if layout == "NCHW" else 3
    except ConversionError as error:
        raise ConversionError(f"{path}: {error}") from None
    except Exception as error:  # onnxruntime's errors share no base class of their own
        raise ConversionError(f"{path}: does not run on batches of pictures ({_first_line(error)})") from error
    return Forward(plain, logits, find_layers(graph, logits, axis), axis), classes


def _only_input(model: onnx.ModelProto, path: Path) -> onnx.ValueInfoProto:
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs: list[onnx.ValueInfoProto] = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        raise ConversionError(f"{path}: a classifier has one input, the picture; this has {len(inputs)}: {names}")
    return inputs[0]


def _only_output(model: onnx.ModelProto, path: Path) -> str:
    if len(model.graph.output) != 1:
        names = ", ".join(value.name for value in model.graph.output)
        raise ConversionError(f"{path}: a classifier has one output; this has {len(model.graph.output)}: {names}")
    return str(model.graph.output[0].name)


def _inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    plain = inliner.inline_local_functions(model)
    plain.ir_version = max(plain.ir_version, NO_WEIGHTS_AMONG_INPUTS)
    ruleless = {node.op_type for node in plain.graph.node if node.domain in ("", "ai.onnx")} - RULES.keys()
    expandable = [("", name) for name in sorted(ruleless) if onnx.defs.has(name) and name not in KEPT]
    return inliner.inline_selected_functions(plain, expandable, inline_schema_functions=True) if expandable else plain


KEPT = {"Constant"}
NO_WEIGHTS_AMONG_INPUTS = 4
"""The version of the file format that no longer lists every weight as an input too."""


def _upgraded(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    version = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)
    if version >= OPSET:
        return model
    try:
        return version_converter.convert_version(model, OPSET)
    except Exception as error:  # the converter raises RuntimeError and its own ConvertError
        message = f"{path}: its opset {version} cannot be upgraded to {OPSET} ({_first_line(error)}): export it anew"
        raise ConversionError(message) from error


def _renamed(model: onnx.ModelProto, path: Path, face_shape: tuple[int, ...]) -> str:
    """Gives the input our name, moves others that have a name of ours out of the way; returns the output's name."""
    source, output = _only_input(model, path), _only_output(model, path)
    ours = {FACES, TARGET, LOGITS, PROBABILITIES} - {source.name}
    taken = {name for node in model.graph.node for name in node.output} | {t.name for t in model.graph.initializer}
    names = {name: f"{name}/original" for name in taken & ours} | {source.name: FACES}
    rename_tensors(model, names)
    batch = source.type.tensor_type.shape.dim[0]
    first = batch.dim_value if batch.HasField("dim_value") else "N"
    del model.graph.input[:]
    model.graph.input.append(helper.make_tensor_value_info(FACES, TensorProto.FLOAT, [first, *face_shape]))
    return names.get(output, output)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
