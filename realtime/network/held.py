"""Large weights, held once for all graphs that are made of them in a conversion.

    model ──taken_out──▶ the same graph, light: nodes, small numbers, and of each large weight a mark
                 └─────▶ the weights ──▶ sessions, which point at them · numbers · the file that is written

A light graph is copied, cut and run in no time, however large the network. A mark is what ONNX calls external data; it
says by its digest which numbers are meant, so that two graphs with the same weight have one. Whoever takes weights out
owns them: a mark is good as long as somebody keeps what `taken_out` returned beside the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import prod
from pathlib import Path
from typing import TypeAlias
from weakref import WeakValueDictionary

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import numpy_helper

from ..errors import ResultError

Weights: TypeAlias = Sequence[np.ndarray]

MUCH = 1_000_000
"""Bytes of a weight from which on it is taken out."""
KINDS = {
    getattr(onnx.TensorProto, name): size
    for name, size in (
        ("FLOAT", 4),
        ("FLOAT16", 2),
        ("DOUBLE", 8),
        ("INT8", 1),
        ("UINT8", 1),
        ("INT32", 4),
        ("INT64", 8),
    )
}
"""Types of numbers that are taken out, and bytes of each: those of which an array is laid out as the file is."""
PLACE, DIGEST = "held", "digest"
NO_WEIGHTS_AMONG_INPUTS = 4
"""The version of the file format from which on a weight need not be listed as an input too."""
MOST = 2**31 - 1
"""Bytes that a file of ONNX may have: protobuf counts no further."""
GRAPH, NODE, INITIALIZER, INPUT, OUTPUT, RAW = (bytes([number << 3 | 2]) for number in (7, 1, 5, 11, 12, 9))
"""How protobuf begins a model's graph, a graph's parts, and a tensor's numbers."""

_HELD: WeakValueDictionary[str, np.ndarray] = WeakValueDictionary()


def taken_out(model: onnx.ModelProto, much: int = MUCH) -> tuple[onnx.ModelProto, Weights]:
    """The same graph without its large weights, and these; a graph that has none is returned as it is.

    Args:
        model: the graph; it may hold marks already.
        much: bytes from which on a weight is large.
    """
    large = {tensor.name for tensor in model.graph.initializer if _is_large(tensor, much)}
    if not large:
        return model, ()
    light = shell(model)
    light.ir_version = max(light.ir_version, NO_WEIGHTS_AMONG_INPUTS)
    kept, graph = [], light.graph
    for tensor in model.graph.initializer:
        if tensor.name in large:
            kept.append(_mark(graph.initializer.add(), tensor))
        else:
            graph.initializer.append(tensor)
    graph.input.extend(value for value in model.graph.input if value.name not in large)
    return light, kept


def shell(model: onnx.ModelProto, without: Sequence[str] = ("initializer", "input")) -> onnx.ModelProto:
    """A model without some parts of its graph: a new message, since one that was cleared keeps its memory.

    Args:
        model: is left as it is.
        without: names of the parts.
    """
    bare = onnx.ModelProto()
    for field, value in model.ListFields():
        if field.name != "graph":
            _put(bare, field.name, value)
    for field, value in model.graph.ListFields():
        if field.name not in without:
            _put(bare.graph, field.name, value)
    return bare


def _put(message: onnx.ModelProto | onnx.GraphProto, name: str, value: object) -> None:
    if isinstance(value, str | bytes | int):
        setattr(message, name, value)
    else:
        getattr(message, name).MergeFrom(value)


def _mark(mark: onnx.TensorProto, tensor: onnx.TensorProto) -> np.ndarray:
    numbers = numpy_helper.to_array(tensor)
    mark.name, mark.data_type = tensor.name, tensor.data_type
    mark.dims.extend(tensor.dims)
    _point(mark, digest := _digest(numbers))
    return _HELD.setdefault(digest, numbers)


def _digest(numbers: np.ndarray) -> str:
    digest = blake2b(repr((numbers.shape, numbers.dtype.str)).encode(), digest_size=32)
    digest.update(np.ascontiguousarray(numbers).data)
    return digest.hexdigest()


def _point(mark: onnx.TensorProto, digest: str) -> None:
    del mark.external_data[:]
    mark.data_location = onnx.TensorProto.EXTERNAL
    mark.external_data.add(key="location", value=PLACE)
    mark.external_data.add(key=DIGEST, value=digest)


def _is_large(tensor: onnx.TensorProto, much: int = MUCH) -> bool:
    size = KINDS.get(tensor.data_type, 0) * prod(tensor.dims)
    return size >= much and bool(tensor.HasField("raw_data"))  # whose length would cost a copy


def is_held(tensor: onnx.TensorProto) -> bool:
    """Whether a tensor is a mark."""
    return any(entry.key == DIGEST for entry in tensor.external_data)


def numbers(tensor: onnx.TensorProto) -> NDArray[np.generic]:
    """A tensor's numbers, which nobody may change."""
    digest = next((entry.value for entry in tensor.external_data if entry.key == DIGEST), "")
    return _HELD[digest] if digest else numpy_helper.to_array(tensor)


def held_by(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """The numbers of a light graph's marks, by name."""
    return {tensor.name: numbers(tensor) for tensor in model.graph.initializer if is_held(tensor)}


def lend(options: onnxruntime.SessionOptions, weights: Mapping[str, np.ndarray]) -> None:
    """Lets a session that is made with these options point at weights, which must outlive it."""
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(one) for one in weights.values()]
    options.add_external_initializers([*weights], values)


def brought_in(model: onnx.ModelProto, folder: Path, weights: Collection[np.ndarray]) -> None:
    """Reads what a model keeps in files beside it.

    Args:
        model: is changed in place.
        folder: of the files.
        weights: that are held in memory: where the model keeps one of them, it is pointed at and not read again.
    """
    for tensor in model.graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        told = {entry.key: entry.value for entry in tensor.external_data}
        kind, offset = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type), int(told.get("offset", 0))
        found = np.fromfile(folder / told["location"], kind, prod(tensor.dims), offset=offset)
        digest = _digest(found := found.reshape(tensor.dims))
        if any(_HELD.get(digest) is one for one in weights):
            _point(tensor, digest)
        else:
            tensor.CopyFrom(numpy_helper.from_array(found, tensor.name))


def filled(model: onnx.ModelProto) -> onnx.ModelProto:
    """The whole model again, a message of its own."""
    whole: onnx.ModelProto = onnx.ModelProto.FromString(b"".join(_pieces(model)))
    return whole


def check(model: onnx.ModelProto) -> None:
    """ONNX's own check, in which large weights stand for inputs: it would copy them, and look for files of the held.

    Raises:
        onnx.checker.ValidationError: it is no model by the standard.
    """
    large = {one.name: one for one in model.graph.initializer if is_held(one) or _is_large(one)}
    if large:
        bare = shell(model)
        bare.graph.input.extend(value for value in model.graph.input if value.name not in large)
        for name, one in large.items():
            bare.graph.input.append(onnx.helper.make_tensor_value_info(name, one.data_type, one.dims))
        bare.graph.initializer.extend(one for one in model.graph.initializer if one.name not in large)
        model = bare
    onnx.checker.check_model(model)


def write(model: onnx.ModelProto, path: Path) -> None:
    """Writes a light graph as the whole model that it stands for; weights go to the file one after another.

    Raises:
        ResultError: it would be longer than a file of ONNX may be.
        OSError: it cannot be written.
    """
    with path.open("wb") as file:
        for piece in _pieces(model):
            file.write(piece)


def _pieces(model: onnx.ModelProto) -> Iterator[bytes | memoryview]:
    """The bytes of the whole model: a message within another one begins with its length, so lengths come first."""
    marks = [tensor for tensor in model.graph.initializer if is_held(tensor)]
    if not marks:
        yield model.SerializeToString()
        return
    bare = shell(model)
    bare.graph.input.extend(model.graph.input)
    bare.graph.initializer.extend(tensor for tensor in model.graph.initializer if not is_held(tensor))
    graph = bare.graph.SerializeToString()
    bare.ClearField("graph")
    rest = bare.SerializeToString()
    heads = [(_head(mark), numbers(mark)) for mark in marks]
    entries = [(INITIALIZER + _varint(len(head) + values.nbytes) + head, values) for head, values in heads]
    length = len(graph) + sum(len(head) + values.nbytes for head, values in entries)
    if len(rest) + length > MOST - len(GRAPH) - len(_varint(length)):
        raise ResultError(f"it would be {length / 1e9:.1f} GB long, and a file of ONNX has 2 GB at most: try --fp16")
    yield rest + GRAPH + _varint(length) + graph
    for head, values in entries:
        yield head
        yield np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


def _head(mark: onnx.TensorProto) -> bytes:
    """A tensor up to its numbers."""
    told: bytes = onnx.TensorProto(name=mark.name, data_type=mark.data_type, dims=mark.dims).SerializeToString()
    return told + RAW + _varint(numbers(mark).nbytes)


def message(tag: bytes, content: bytes) -> bytes:
    """A message as a field of another one: how protobuf begins it, its length, itself."""
    return tag + _varint(len(content)) + content


@lru_cache(maxsize=1024)
def _varint(number: int) -> bytes:
    """A number as protobuf writes it: seven bits a byte, the lowest first, the eighth for all but the last."""
    more = b""
    while number > 127:
        more += bytes([number & 127 | 128])
        number >>= 7
    return more + bytes([number])
