"""A model is a bundle of two files; this finds it, reads it and says plainly when it is something else.

NAME.onnx               classifier, fused, fast
NAME.activations.onnx   the same weights; every layer and heatmap as a named output
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from ..errors import ContractError, ModelError
from ..system.bundled import bundled, checksums, pretrained
from .contract import METADATA_KEY, Contract
from .held import check

DEFAULT_MODEL = "ferplus"
ACTIVATIONS = ".activations.onnx"
"""Ends the name of the half of a pair that explains."""
CONVERT = "make a bundle with `emoscope convert`"


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """A model that was found and understood: two graphs and what they say of themselves.

    Attributes:
        name: the file's stem.
        contract: what the model says about itself.
        classifier: the plain graph.
        activations: the graph with every layer and heatmap as an output.
    """

    name: str
    contract: Contract
    classifier: onnx.ModelProto
    activations: onnx.ModelProto


def open_bundle(model: str = DEFAULT_MODEL) -> ModelBundle:
    """Reads a bundle by the name of a shipped model or the path of its classifier.

    Raises:
        ModelError: it is missing, damaged, or not an ONNX file.
        ContractError: it was not written by `emoscope convert`.
    """
    path, is_whole = find_model(model), model in shipped_models()  # then its checksum was held
    classifier = read_onnx(path, is_whole)
    contract = read_contract(classifier, path)
    check_shape(classifier, contract, path)
    return ModelBundle(path.stem, contract, classifier, _activations(path, contract, is_whole))


def shipped_models() -> list[str]:
    """Names that `--model` knows without a path."""
    names = checksums(pretrained())
    return sorted(name.removesuffix(ACTIVATIONS) for name in names if name.endswith(ACTIVATIONS))


def find_model(model: str) -> Path:
    """The classifier's file for a shipped name or a path."""
    if model in shipped_models():
        bundled(pretrained(), model + ACTIVATIONS)
        return bundled(pretrained(), f"{model}.onnx")
    path = Path(model)
    if path.name.endswith(ACTIVATIONS):
        path = path.with_name(path.name.removesuffix(ACTIVATIONS) + ".onnx")
    if not path.exists():
        raise ModelError(f"{model}: no such model; shipped are {', '.join(shipped_models())}, else give an .onnx file")
    if path.suffix != ".onnx":
        raise ModelError(f"{model}: not an .onnx file: {CONVERT}")
    return path


def read_onnx(path: Path, is_whole: bool = False) -> onnx.ModelProto:
    """Reads one .onnx file without ever leaving its folder for external data; what is known to be whole, unchecked."""
    head = _head(path)
    if head.startswith(b"version https://git-lfs"):
        raise ModelError(f"{path}: a git-lfs pointer, not the model itself: run `git lfs pull` where it came from")
    if head.lstrip()[:1] == b"<":
        raise ModelError(f"{path}: a web page saved as .onnx: download the model file itself")
    try:
        model = onnx.load(path)
        if not is_whole:
            check(model)
    except (DecodeError, onnx.checker.ValidationError, ValueError, OSError) as error:
        elsewhere = re.search(r"should be stored in (.+), but it", str(error))
        if elsewhere and not Path(elsewhere[1]).exists():
            told = f"its weights lie in {Path(elsewhere[1]).name}, which is not beside it: get that file too"
            raise ModelError(f"{path}: {told}") from None
        raise ModelError(f"{path}: not a whole ONNX model ({_first_line(error)}): get the file again") from None
    return model


def read_contract(model: onnx.ModelProto, path: Path) -> Contract:
    """What the model says about itself; ContractError where it says nothing."""
    for entry in model.metadata_props:
        if entry.key == METADATA_KEY:
            return Contract.from_json(entry.value, str(path))
    raise ContractError(
        f"{path}: says nothing about its labels and input: run `emoscope convert {path.name} -n NAME` first"
    )


def _activations(path: Path, contract: Contract, is_whole: bool) -> onnx.ModelProto:
    beside = path.with_suffix(ACTIVATIONS)
    if not beside.is_file():
        raise ModelError(f"{beside}: missing; it belongs to {path.name}: {CONVERT}")
    model = read_onnx(beside, is_whole)
    if read_contract(model, beside).source_sha256 != contract.source_sha256:
        raise ContractError(f"{path.name} and {beside.name} come from different models: {CONVERT}")
    check_shape(model, contract, beside)
    missing = _missing_outputs(model, contract)
    if missing:
        raise ContractError(f"{beside}: has no output {missing[0]!r}, though its contract says so: {CONVERT}")
    return model


def check_shape(model: onnx.ModelProto, contract: Contract, path: Path) -> None:
    """Holds a graph against its contract.

    Args:
        model: the graph.
        contract: what it says of itself.
        path: of the file, for the message.

    Raises:
        ContractError: its inputs or its number of classes are others than the contract's.
    """
    spec, labels = contract.input, contract.labels
    shape = _shape(model.graph.input, "faces")
    if not _fits(shape, spec.shape):
        told = f"reads {_told(shape) or 'no faces'}, but its contract says {_told(spec.shape)}"
        raise ContractError(f"{path}: {told}: {CONVERT}")
    classes = _shape(model.graph.output, "probabilities")
    if not _fits(classes, (len(labels),)):
        told = f"gives {_told(classes) or 'no'} probabilities, but its contract has {len(labels)} labels"
        raise ContractError(f"{path}: {told}: {CONVERT}")
    offsets = _shape(model.graph.input, "offset")
    if offsets and not _fits(offsets, (len(labels),)):
        told = f"takes offsets for {_told(offsets)} classes, but its contract has {len(labels)} labels"
        raise ContractError(f"{path}: {told}: {CONVERT}")


def _shape(values: Iterable[onnx.ValueInfoProto], name: str) -> tuple[int | str, ...]:
    """Lengths of a value's dimensions after the first, "?" for a free one; empty where there is no such value."""
    dimensions = [value.type.tensor_type.shape.dim for value in values if value.name == name]
    return tuple(dim.dim_value or "?" for dim in dimensions[0][1:]) if dimensions else ()


def _told(shape: tuple[int | str, ...]) -> str:
    return "×".join(map(str, shape))


def _fits(found: tuple[int | str, ...], expected: tuple[int, ...]) -> bool:
    return len(found) == len(expected) and all(a in ("?", b) for a, b in zip(found, expected, strict=True))


def _missing_outputs(model: onnx.ModelProto, contract: Contract) -> list[str]:
    there = {output.name for output in model.graph.output}
    wanted = [f"activation/{layer}" for layer in contract.layer_names]
    if contract.default_method in contract.methods:
        wanted.append(f"cam/{contract.default_method}/{contract.default_layer}")
    return [name for name in wanted if name not in there]


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
