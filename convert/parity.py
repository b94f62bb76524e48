"""How near the graphs come to TensorFlow's GradientTape: `python -m emoscope.convert.parity [NETWORK | FILE.keras]...`.

Our own networks at every layer, to 1e-4; by default those that are shipped. To 1e-3, networks of Keras Applications
with random weights, at every layer of their last convolutional block (all maps of the final resolution). Compared are
the raw gradient of the target's logit, every CAM made of it and, of our own networks, the pixels that drive a channel
by each rule, where the tape's Relu is given the gradient of guided backpropagation and of a deconvolution in turn (of a
deep network that takes the tape many minutes). Deviations are relative to the largest value of the reference, per
picture and layer, and the worst of them is what is printed. A picture whose reference is zero everywhere is not
counted, nor are the pixels behind a map that hardly answers to it, a thousandth of what drives it in another picture:
there float32 has no digits left to compare.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.system.bundled import pretrained

from .autodiff import Graph
from .cam import METHODS
from .cam_numpy import ORACLES, Array, normalised
from .explain import activation_graph
from .forward import FACES, TARGET, UNIT, Forward, Layer
from .keras_to_onnx import export, load_keras
from .observe import observed_shapes, random_faces, session
from .reference import KerasReference, Truth, relu_sending_back
from .tensorflow import tensorflow

SIZES = {
    "VGG16": 128,
    "ResNet50V2": 128,
    "InceptionV3": 128,
    "Xception": 128,
    "DenseNet121": 128,
    "MobileNetV2": 128,
    "MobileNetV3Small": 128,
    "EfficientNetB0": 128,
    "EfficientNetV2B0": 128,
    "NASNetMobile": 224,
    "ConvNeXtTiny": 128,
}
CLASSES = 7
PICTURES = 8
FAINT = 1e-3
"""Of the strongest picture's pixels: what is fainter is not compared."""
LIMIT, OWN_LIMIT = 1e-3, 1e-4


@dataclass(frozen=True, slots=True)
class ParityRow:
    """One network at its last convolutional block, or everywhere.

    Attributes:
        network: name of the architecture.
        layers: names of the layers compared, from input to output.
        size: height and width of their maps.
        deviations: "gradient" and each method → the worst relative deviation; NaN where no picture counted.
        limit: of the deviations.
    """

    network: str
    layers: tuple[str, ...]
    size: tuple[int, int]
    deviations: dict[str, float]
    limit: float


def compare(network: str, every: int = 1) -> ParityRow:
    """Builds a network with random weights, or loads one of ours, and compares both sides; see `compare_model`."""
    if network.endswith(".keras"):
        return compare_model(Path(network).stem, load_keras(Path(network)), everywhere=True, every=every)
    keras = tensorflow().keras
    keras.utils.set_random_seed(0)
    size = SIZES[network]
    model = getattr(keras.applications, network)(weights=None, input_shape=(size, size, 3), classes=CLASSES)
    return compare_model(network, model)


def compare_model(network: str, model: Any, everywhere: bool = False, every: int = 1) -> ParityRow:
    """Compares both sides of a Keras model at its last convolutional block, or at every layer.

    Args:
        network: its name.
        model: the loaded model.
        everywhere: at every layer, and the pixels that drive a channel too.
        every: of so many layers, from the last one on, those pixels are compared of one: the tape walks for each anew.
    """
    whole, _ = export(model, model.input_shape[1:])
    graph = Graph(whole.model, observed_shapes(whole.model, model.input_shape[1:]))
    forward = whole if everywhere else replace(whole, layers=last_block(whole, graph))
    names = tuple(layer.name for layer in forward.layers)
    explained = session(activation_graph(forward, graph, METHODS, raw_gradients=True))
    faces = random_faces(PICTURES, model.input_shape[1:])
    target = np.arange(PICTURES, dtype=np.int64) % CLASSES
    followed = names[::-every] if everywhere else ()
    truth = KerasReference(model, names, followed)(faces, target)
    outputs = [output.name for output in explained.get_outputs()]
    feed = {FACES: faces, TARGET: target, UNIT: target}
    answers = dict(zip(outputs, explained.run(outputs, feed), strict=True))
    size = forward.last_map.size(graph.shapes[forward.last_map.tensor])[:2]
    pixels = {**truth.pixels, **(changed_pixels(model, followed, faces, target) if everywhere else {})}
    found = deviations(truth, answers) | pixel_deviations(pixels, answers, faces)
    return ParityRow(network, names, size, found, OWN_LIMIT if everywhere else LIMIT)


def changed_pixels(model: Any, layers: Sequence[str], faces: Array, unit: NDArray[np.int64]) -> dict[str, Array]:
    """RULE/LAYER → pixels that drive a channel, by the rules that change what Relu sends back.

    Args:
        model: the Keras model.
        layers: whose channels are followed back.
        faces: (N, h, w, c).
        unit: (N,) number of the channel for each face.
    """
    found: dict[str, Array] = {}
    for rule in ("guided", "deconvolution"):
        with relu_sending_back(rule):
            pixels = KerasReference(model, layers, layers)(faces, unit).pixels
        found |= {name.replace("gradient", rule): one for name, one in pixels.items() if name.startswith("gradient/")}
    return found


def pixel_deviations(truth: Mapping[str, Array], answers: Mapping[str, Array], faces: Array) -> dict[str, float]:
    """The worst deviation over all layers of the pixels by each rule; those of no network's walk are left out."""
    wanted = {**truth}
    wanted |= {
        name.replace("gradient/", "gradientxinput/"): g * faces for name, g in truth.items() if "gradient/" in name
    }
    found: dict[str, list[float]] = defaultdict(list)
    for name, pixels in wanted.items():
        if f"unit/{name}" in answers:
            found[name.partition("/")[0]].append(worst(answers[f"unit/{name}"], pixels, FAINT))
    return {f"unit {rule}": float(np.nanmax(figures)) for rule, figures in found.items()}


def last_block(forward: Forward, graph: Graph) -> tuple[Layer, ...]:
    """The layers whose maps have the resolution of the last ones before the final pooling."""
    sizes = {layer.name: layer.size(graph.shapes[layer.tensor])[:2] for layer in forward.layers}
    return tuple(layer for layer in forward.layers if sizes[layer.name] == sizes[forward.last_map.name])


def deviations(truth: Truth, answers: Mapping[str, Array]) -> dict[str, float]:
    """The worst deviation over all layers of the raw gradient and of each method's heatmap."""
    found: dict[str, list[float]] = defaultdict(list)
    for layer in truth.gradients.keys() - {"input"}:
        g = truth.gradients[layer]
        found["gradient"].append(worst(answers[f"gradient/{layer}"], g))
        for method in METHODS:
            wanted = normalised(ORACLES[method](truth.activations[layer], g))
            found[method].append(worst(answers[f"cam/{method}/{layer}"], wanted))
    return {name: float(np.nanmax(figures)) for name, figures in found.items()}


def worst(got: Array, wanted: Array, faint: float = 0.0) -> float:
    """The largest relative deviation over the pictures that count; NaN where none counts.

    Args:
        got: (N, …).
        wanted: (N, …), the reference.
        faint: pictures whose reference is smaller than this share of the largest one's do not count.
    """
    axes = tuple(range(1, wanted.ndim))
    scale = np.abs(wanted).max(axes)
    counts = scale > faint * scale.max()
    deviations = np.abs(got - wanted).max(axes)[counts] / scale[counts]
    return float(deviations.max()) if counts.any() else float("nan")


def line(row: ParityRow) -> str:
    """A row of the table, and whether it passes."""
    figures = "".join(f"{figure:>12.1e}" for figure in row.deviations.values())
    passed = "ok" if max(row.deviations.values()) <= row.limit else "FAILED"
    where = f"{len(row.layers)} layers {row.layers[0]} … {row.layers[-1]}, {row.size[0]}×{row.size[1]}"
    return f"{row.network:<18}{figures}  {passed:<8}{where}"


def main(networks: Sequence[str]) -> int:
    """Prints the table; the exit status tells whether every network passed."""
    heads = "".join(f"{name:>12}" for name in ("gradient", *METHODS))
    print(f"{'worst deviation':<18}{heads}")
    lines = []
    for network in networks or (*map(str, sorted(pretrained().glob("*.keras"))), *SIZES):
        lines.append(line(compare(network)))
        print(lines[-1], flush=True)
    return int(any("FAILED" in text for text in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
