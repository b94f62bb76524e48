"""Older or richer words of ONNX, said in those of one opset for which there are rules.

inlined     functions of the file's own, and operators that the standard defines by others and that have no rule here,
            are replaced by their bodies
upgraded    operators of older opsets; resizings are told what was understood without words before opset 11
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import helper, inliner, numpy_helper, version_converter

from emoscope.errors import ConversionError
from emoscope.network.held import NO_WEIGHTS_AMONG_INPUTS

from .autodiff.table import RULES
from .forward import OPSET
from .passes import store_constants

KEPT = {"Constant"}
RESIZE_SAYS_HOW = 11
"""The opset from which a resizing says where its cells lie."""


def plain(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    """A copy of a model in operators of the standard alone, in a new enough opset, with its constants as weights."""
    try:
        inlined = _inlined(model)
    except RuntimeError as error:
        message = f"{path}: its functions cannot be expanded ({first_line(error)}): export it anew"
        raise ConversionError(message) from error
    upgraded = _upgraded(inlined, path)
    store_constants(upgraded)
    if _opset(inlined) < RESIZE_SAYS_HOW:
        _say_how(upgraded)
    return upgraded


def _opset(model: onnx.ModelProto) -> int:
    return next((int(entry.version) for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)


def _inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    plain = inliner.inline_local_functions(model)
    plain.ir_version = max(plain.ir_version, NO_WEIGHTS_AMONG_INPUTS)
    ruleless = {node.op_type for node in plain.graph.node if node.domain in ("", "ai.onnx")} - RULES.keys()
    expandable = [("", name) for name in sorted(ruleless) if onnx.defs.has(name) and name not in KEPT]
    if not expandable:
        return plain
    known = {value.name for value in plain.graph.value_info}
    plain.graph.value_info.extend(
        helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        for tensor in plain.graph.initializer
        if tensor.name not in known
    )
    return inliner.inline_selected_functions(plain, expandable, inline_schema_functions=True)


def _upgraded(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    version = _opset(model)
    if version >= OPSET:
        return model
    try:
        return version_converter.convert_version(model, OPSET)
    except Exception as error:  # the converter raises RuntimeError and its own ConvertError
        message = f"{path}: its opset {version} cannot be upgraded to {OPSET} ({first_line(error)}): export it anew"
        raise ConversionError(message) from error


def _say_how(model: onnx.ModelProto) -> None:
    """Old resizings measured from the corner; the nearest cell was the one before, or the one behind in shrinking."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Resize":
            scales = weights.get(node.input[2]) if len(node.input) > 2 else None
            shrinks = scales is not None and numpy_helper.to_array(scales).min() < 1
            style = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "ceil" if shrinks else "floor"}
            node.attribute.extend(helper.make_attribute(name, value) for name, value in style.items())


def first_line(error: Exception) -> str:
    """What an error of a library says, in one line."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
