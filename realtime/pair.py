"""A model is a pair of files; this finds it, reads it and says plainly when it is something else.

NAME.onnx               classifier, fused, fast
NAME.activations.onnx   the same weights; every layer and heatmap as a named output
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from realtime.bundled import bundled, checksums, pretrained
from realtime.contract import METADATA_KEY, Contract
from realtime.errors import ContractError, ModelError

DEFAULT_MODEL = "gmp"
CONVERT = "make a pair with `emoscope convert`"


@dataclass(frozen=True, slots=True)
class Pair:
    """A model that was found and understood.

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


def open_pair(model: str = DEFAULT_MODEL) -> Pair:
    """Reads a pair by the name of a shipped model or the path of its classifier.

    Raises:
        ModelError: it is missing, damaged, or not an ONNX file.
        ContractError: it was not written by `emoscope convert`.
    """
    path = find_model(model)
    classifier = read_onnx(path)
    contract = read_contract(classifier, path)
    return Pair(path.stem, contract, classifier, _activations(path, contract))


def shipped_models() -> list[str]:
    """Names that `--model` knows without a path."""
    names = checksums(pretrained())
    return sorted(name.removesuffix(".activations.onnx") for name in names if name.endswith(".activations.onnx"))


def find_model(model: str) -> Path:
    """The classifier's file for a shipped name or a path."""
    if model in shipped_models():
        bundled(pretrained(), f"{model}.activations.onnx")
        return bundled(pretrained(), f"{model}.onnx")
    path = Path(model)
    if path.name.endswith(".activations.onnx"):
        path = path.with_name(path.name.removesuffix(".activations.onnx") + ".onnx")
    if not path.exists():
        raise ModelError(f"{model}: no such model; shipped are {', '.join(shipped_models())}, else give an .onnx file")
    if path.suffix != ".onnx":
        raise ModelError(f"{model}: not an .onnx file: {CONVERT}")
    return path


def read_onnx(path: Path) -> onnx.ModelProto:
    """Reads one .onnx file without ever leaving its folder for external data."""
    head = _head(path)
    if head.startswith(b"version https://git-lfs"):
        raise ModelError(f"{path}: a git-lfs pointer, not the model itself: run `git lfs pull` where it came from")
    if head.lstrip()[:1] == b"<":
        raise ModelError(f"{path}: a web page saved as .onnx: download the model file itself")
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except (DecodeError, onnx.checker.ValidationError, ValueError, OSError) as error:
        raise ModelError(f"{path}: not a whole ONNX model ({_first_line(error)}): get the file again") from None
    return model


def read_contract(model: onnx.ModelProto, path: Path) -> Contract:
    """What the model says about itself; ContractError where it says nothing."""
    for entry in model.metadata_props:
        if entry.key == METADATA_KEY:
            return Contract.from_json(entry.value, str(path))
    raise ContractError(f"{path}: says nothing about its labels and input: run `emoscope convert {path.name}` first")


def _activations(path: Path, contract: Contract) -> onnx.ModelProto:
    beside = path.with_suffix(".activations.onnx")
    if not beside.is_file():
        raise ModelError(f"{beside}: missing; it belongs to {path.name}: {CONVERT}")
    model = read_onnx(beside)
    if read_contract(model, beside).source_sha256 != contract.source_sha256:
        raise ContractError(f"{path.name} and {beside.name} come from different models: {CONVERT}")
    return model


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
