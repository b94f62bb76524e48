"""BlazeFace for onnxruntime:  python -m emoscope.convert.detectors [FOLDER]

Turns blazeface_short.tflite and blazeface_full.tflite, as MediaPipe ships them, into .onnx files beside them. That was
done once; the files are in the repository. Needs the extra `train`. What is done, in this order:

\b
sparse weights   written out: of `full` only the weights that are not zero are stored, row by row
tf2onnx          TensorFlow Lite's operators become ONNX's, pictures (N, 3, H, W) RGB between −1 and 1
any batch        the first axis of the input and of the outputs is left open
16 bits          weights stay the halves that they are in the .tflite file; a Cast widens them as the file is loaded

Each result is held against TensorFlow Lite on noise before it is written.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from emoscope.errors import ConversionError
from emoscope.system.bundled import bundled, pretrained, sha256

from .batch import open_batch
from .observe import session
from .passes import rename_tensors
from .tensorflow import tensorflow

NAMES = ("blazeface_short", "blazeface_full")
INPUT, OUTPUTS = "pictures", {1: "logits", 16: "places"}
"""The input's new name, and the outputs' by their number of values a cell."""
OPSET = 18
SPARSE_AXIS = 1
"""TensorFlow Lite's DimensionType of an axis of which only the filled places are stored."""
TOLERANCE = 1e-3
"""In the outputs' units: logits, and pixels of the picture that the network sees."""

Array = NDArray[Any]


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
def detectors(folder: Path | None) -> None:
    """Writes the .onnx files into a folder, by default beside the .tflite files."""
    source = pretrained() / "detectors"
    for name in NAMES:
        tflite = bundled(source, f"{name}.tflite").read_bytes()
        model = converted(tflite)
        click.echo(f"{name}: at most {difference(model, tflite):.1e} from TensorFlow Lite")
        path = (folder or source) / f"{name}.onnx"
        onnx.save(model, str(path))
        click.echo(f"{sha256(path)}  {path.name}")


def converted(tflite: bytes) -> onnx.ModelProto:
    """A .tflite detector, which takes one picture, as ONNX for any number of them."""
    tensorflow()
    from tf2onnx.convert import from_tflite

    written = densified(tflite)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(written)
        name = _interpreter(tflite).get_input_details()[0]["name"]
        model: onnx.ModelProto = from_tflite(str(path), opset=OPSET, inputs_as_nchw=[name])[0]
    open_batch(model)
    for value in model.graph.output:
        value.type.tensor_type.shape.dim[0].dim_param = model.graph.input[0].type.tensor_type.shape.dim[0].dim_param
    _rename(model)
    _halve(model.graph)
    onnx.checker.check_model(model, full_check=True)
    return model


def difference(model: onnx.ModelProto, tflite: bytes) -> float:
    """The greatest difference from TensorFlow Lite's answers to two pictures of noise.

    Raises:
        ConversionError: it is no rounding error.
    """
    height, width = (size.dim_value for size in model.graph.input[0].type.tensor_type.shape.dim[2:])
    noise = np.random.default_rng(0).uniform(-1, 1, (2, height, width, 3)).astype(np.float32)
    ours = session(model).run([OUTPUTS[1], OUTPUTS[16]], {INPUT: noise.transpose(0, 3, 1, 2)})
    theirs = [np.concatenate(parts) for parts in zip(*(_answers(tflite, one[None]) for one in noise), strict=True)]
    worst = max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
    if not worst <= TOLERANCE:
        raise ConversionError(f"the converted detector differs from the original by {worst:g}")
    return worst


def densified(tflite: bytes) -> bytes:
    """The same model with all weights written out, and without the operators that would do so at run time."""
    tensorflow()
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(tflite, 0)
    codes = {
        index for index, code in enumerate(model.operatorCodes) if code.builtinCode == schema.BuiltinOperator.DENSIFY
    }
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            if tensor.sparsity is not None:
                buffer = model.buffers[tensor.buffer]
                filled = np.asarray(buffer.data, np.uint8).view(np.float16)
                buffer.data = np.frombuffer(dense(filled, tensor.shape, tensor.sparsity).tobytes(), np.uint8)
                tensor.sparsity = None
        whole = {one.outputs[0]: one.inputs[0] for one in graph.operators if one.opcodeIndex in codes}
        graph.operators = [one for one in graph.operators if one.opcodeIndex not in codes]
        for one in graph.operators:
            one.inputs = [whole.get(index, index) for index in one.inputs]
    builder = flatbuffers.Builder(len(tflite))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def dense(filled: Array, shape: Any, sparsity: Any) -> Array:
    """An array of which only the filled places are stored, as TensorFlow Lite stores it.

    The axes are walked from the first to the last. Each multiplies the places reached so far: by all its positions, or
    where it is sparse by those listed between two neighbouring `segments`.

    Args:
        filled: (K,) the stored values, in order.
        shape: of the whole array.
        sparsity: TensorFlow Lite's SparsityParameters.

    Raises:
        ConversionError: the axes are permuted or in blocks.
    """
    if list(sparsity.traversalOrder) != list(range(len(shape))):
        raise ConversionError("sparse weights whose axes are permuted or in blocks cannot be read")
    places = np.zeros((1, 0), np.int64)
    for size, axis in zip(shape, sparsity.dimMetadata, strict=True):
        if axis.format == SPARSE_AXIS:
            repeats, positions = np.diff(np.asarray(axis.arraySegments.values)), np.asarray(axis.arrayIndices.values)
        else:
            repeats, positions = np.full(len(places), size), np.tile(np.arange(size), len(places))
        places = np.column_stack([np.repeat(places, repeats, axis=0), positions])
    whole = np.zeros(tuple(shape), filled.dtype)
    whole[tuple(places.T)] = filled
    return whole


def _rename(model: onnx.ModelProto) -> None:
    """Names that say what a tensor is, in place of those of two training scripts."""
    (given,) = model.graph.input
    ends = {value.name: OUTPUTS[value.type.tensor_type.shape.dim[2].dim_value] for value in model.graph.output}
    rename_tensors(model, {given.name: INPUT, **ends})
    given.name = INPUT


def _halve(graph: onnx.GraphProto) -> None:
    """Stores as 16 bits what loses nothing by it, with a Cast to the 32 bits that are computed with."""
    casts, stored = [], []
    for tensor in graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype == np.float32 and np.array_equal(value, value.astype(np.float16)):
            half = f"{tensor.name}/half"
            stored.append(numpy_helper.from_array(value.astype(np.float16), half))
            casts.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))
        else:
            stored.append(tensor)
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(stored)
    graph.node.extend(nodes)


def _interpreter(tflite: bytes) -> Any:
    return tensorflow().lite.Interpreter(model_content=tflite)


def _answers(tflite: bytes, picture: Array) -> list[Array]:
    """TensorFlow Lite's logits and places for one (1, H, W, 3) picture."""
    interpreter = _interpreter(tflite)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    interpreter.invoke()
    outputs = [interpreter.get_tensor(output["index"]) for output in interpreter.get_output_details()]
    return sorted(outputs, key=lambda output: int(output.shape[2]))


if __name__ == "__main__":
    detectors()
