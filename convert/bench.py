"""What an explanation costs: `python -m emoscope.convert.bench RUN/model.keras`, on one thread.

Everything is timed in the same run, turn by turn, and medians of processor time are compared: on one thread that is the
time it takes, less what other programs took of it. TensorFlow's GradientTape computes the same Grad-CAM at the same
layer, as the Keras guide writes it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from emoscope.network.bundle import ModelBundle

from .bundle import build
from .cam_numpy import Array
from .describe import Told, described
from .forward import FACES, PROBABILITIES, TARGET
from .keras_to_onnx import export, keras_facts, load_keras
from .observe import random_faces
from .passes import keep_outputs
from .tensorflow import tensorflow

TURNS = 60
BATCHES = (1, 8)
LIMITS = {"first": 3.5, "last": 1.15}
COMPILED, EAGER = 1.2, 8.0

Run = Callable[[], Any]


def main(arguments: Sequence[str]) -> int:
    """Prints the table; the exit status tells whether every ratio keeps its limit."""
    path = Path(arguments[0])
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"  # its fastest kernels, as installed
    config = tensorflow().config.threading
    config.set_intra_op_parallelism_threads(1)
    config.set_inter_op_parallelism_threads(1)
    model = load_keras(path)
    contract = described(path, keras_facts(model, path), Told())
    bundle = build(export(model, contract.input.shape)[0], contract, ("gradcam",), path.stem)
    kept = [compare(model, bundle, batch) for batch in BATCHES]
    return int(not all(kept))


def compare(model: Any, bundle: ModelBundle, batch: int) -> bool:
    """Times all ways on one batch size and prints them; whether the limits are kept."""
    faces = random_faces(batch, bundle.contract.input.shape)
    convolutions = [layer.name for layer in bundle.contract.layers if layer.kind == "conv"]
    places = {"first": convolutions[0], "last": convolutions[-1]}
    runs: dict[str, Run] = {"plain": onnx_run(bundle.classifier, faces)}
    for place, layer in places.items():
        outputs = (PROBABILITIES, f"cam/gradcam/{layer}")
        runs[place] = onnx_run(subgraph(bundle.activations, outputs), faces)
    eager = tape(model, places["last"])
    compiled = tensorflow().function(eager, autograph=False)
    tapes: dict[str, Run] = {"compiled": lambda: compiled(faces), "eager": lambda: eager(faces)}
    return report(batch, places, times(runs) | times(tapes))


def report(batch: int, places: Mapping[str, str], ms: Mapping[str, float]) -> bool:
    """Prints one batch size; whether its limits are kept. The limits against GradientTape are for a batch of one."""
    print(f"batch {batch}: probabilities alone {ms['plain']:.2f} ms")
    kept = []
    for place, layer in places.items():
        ratio = ms[place] / ms["plain"]
        kept.append(ratio <= LIMITS[place])
        print(f"  with Grad-CAM at {layer:<24}{ms[place]:>8.2f} ms {ratio:>7.2f} × alone     (limit {LIMITS[place]})")
    for way, limit in (("compiled", COMPILED), ("eager", EAGER)):
        ratio = ms[way] / ms["last"]
        kept.append(ratio >= limit or batch > 1)
        wish = f"(at least {limit})" if batch == 1 else ""
        print(f"  GradientTape, {way:<27}{ms[way]:>8.2f} ms {ratio:>7.2f} × as long   {wish}")
    return all(kept)


def times(runs: Mapping[str, Run]) -> dict[str, float]:
    """Median milliseconds of each way, run in turns."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(TURNS + 5):
        for name, run in runs.items():
            begin = process_time()
            run()
            found[name] += [1e3 * (process_time() - begin)] if turn >= 5 else []
    return {name: median(values) for name, values in found.items()}


def onnx_run(model: onnx.ModelProto, faces: Array) -> Run:
    """A run of a graph on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    running = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values = {FACES: faces, TARGET: np.full(len(faces), -1)}
    feed = {value.name: values[value.name] for value in running.get_inputs()}
    return lambda: running.run(None, feed)


def subgraph(model: onnx.ModelProto, outputs: Sequence[str]) -> onnx.ModelProto:
    """The part of a graph that these outputs need."""
    part = onnx.ModelProto()
    part.CopyFrom(model)
    keep_outputs(part, outputs)
    return part


def tape(model: Any, layer: str) -> Callable[[Array], Any]:
    """Probabilities and Grad-CAM of the predicted class, by GradientTape."""
    tf = tensorflow()
    parts = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.outputs[0]])

    def run(faces: Array) -> Any:
        with tf.GradientTape() as recorded:
            maps, probabilities = parts([faces], training=False)
            score = tf.reduce_max(probabilities, axis=1)
        weights = tf.reduce_mean(recorded.gradient(score, maps), axis=(1, 2), keepdims=True)
        heat = tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1))
        return probabilities, tf.math.divide_no_nan(heat, tf.reduce_max(heat, axis=(1, 2), keepdims=True))

    return run


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
