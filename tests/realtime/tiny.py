"""A bundle whose every number can be worked out by hand, and the people it is shown.

The input is 4×4 gray in 0–1. For a face that is x everywhere:

    conv1 (4×4×2) = x, 1 − x      pool1 (2×2×2) = its 2×2 means
    logits = x · (2, 0, 0) + (1 − x) · (0, 2, 0)         for happy, sad, neutral
    cam    = relu(Σ over channels of weight of the target · map), divided by its own maximum

Classes beyond these are as `neutral`. A modern one also takes `offset`, which is added to the logits, and tells its
`quality`, which is x.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx.parser

from emoscope.network.contract import METADATA_KEY, Contract, CropSpec, InputSpec, LayerSpec
from emoscope.reading.smoothing import Shown, raw
from emoscope.types import Explanation, Face, Image, Prediction, Raster, Reading

LABELS = ("happy", "sad", "neutral")
CONTRACT = Contract(
    labels=LABELS,
    input=InputSpec(height=4, width=4),
    crop=CropSpec(eye_distances=2.0, eye_line=0.5),
    layers=(LayerSpec("conv1", "conv", "conv1", 4, 4, 2), LayerSpec("pool1", "pool", "pool1", 2, 2, 2)),
    methods=("gradcam", "layercam"),
    default_layer="pool1",
    default_method="gradcam",
    metrics={"fer2013_private": 0.5},
    source_sha256="5eed",
)
OPENING = '<ir_version: 9, opset_import: ["" : 18]>'
FORWARD = """
    one = Constant<value = float[1] {1.0}>()
    rest = Sub(one, faces)
    conv1 = Concat<axis = 3>(faces, rest)
    planes = Transpose<perm = [0, 3, 1, 2]>(conv1)
    halved = AveragePool<kernel_shape = [2, 2], strides = [2, 2]>(planes)
    pool1 = Transpose<perm = [0, 2, 3, 1]>(halved)
    places = Constant<value = int64[2] {1, 2}>()
    means = ReduceMean<keepdims = 0>(pool1, places)
    weights = Constant<value = float[2, CLASSES] {WEIGHTS}>()
    LOGITS
    probabilities = Softmax<axis = 1>(logits)
"""
PLAIN = "logits = MatMul(means, weights)"
MODERN = """
    scores = MatMul(means, weights)
    logits = Add(scores, offset)
    everywhere = Constant<value = int64[3] {1, 2, 3}>()
    quality = ReduceMean<keepdims = 0>(faces, everywhere)
"""
OFFSET, ZEROS, QUALITY = ", float[N,CLASSES] offset", "<float[1,CLASSES] offset = {ZEROS}>", ", float[N] quality"
TARGETS = """
    best = ArgMax<axis = 1, keepdims = 0>(logits)
    zero = Constant<value = int64[1] {0}>()
    follows = Less(target, zero)
    class = Where(follows, best, target)
    by_class = Transpose<perm = [1, 0]>(weights)
    chosen = Gather<axis = 0>(by_class, class)
    spread = Constant<value = int64[2] {1, 2}>()
    gains = Unsqueeze(chosen, spread)
    depth = Constant<value = int64[1] {3}>()
    tiny = Constant<value = float[1] {0.000000000001}>()
"""
CAM = """
    seen_NUMBER = Mul(LAYER, gains)
    summed_NUMBER = ReduceSum<keepdims = 0>(seen_NUMBER, depth)
    lit_NUMBER = Relu(summed_NUMBER)
    peak_NUMBER = ReduceMax(lit_NUMBER, spread)
    floor_NUMBER = Max(peak_NUMBER, tiny)
    "cam/METHOD/LAYER" = Div(lit_NUMBER, floor_NUMBER)
"""


def classifier(contract: Contract = CONTRACT, modern: bool = False, classes: int = 3) -> onnx.ModelProto:
    """The plain graph."""
    offset, zeros, quality = (OFFSET, ZEROS, QUALITY) if modern else ("", "", "")
    answers = f"(float[N,CLASSES] probabilities{quality})"
    return _stamped(
        f"classifier (float[N,4,4,1] faces{offset}) => {answers} {zeros} {{{_forward(modern)}}}", contract, classes
    )


def _forward(modern: bool) -> str:
    return FORWARD.replace("LOGITS", MODERN if modern else PLAIN)


def activations(contract: Contract = CONTRACT, modern: bool = False, classes: int = 3) -> onnx.ModelProto:
    """The graph with every layer and heatmap as an output."""
    offset, zeros, quality = (OFFSET, ZEROS, QUALITY) if modern else ("", "", "")
    outputs, nodes = [f"float[N,CLASSES] probabilities{quality}", "float[N,CLASSES] logits"], _forward(modern) + TARGETS
    for layer in CONTRACT.layers:
        outputs.append(f'float[N,{layer.height},{layer.width},2] "activation/{layer.name}"')
        nodes += f'    "activation/{layer.name}" = Identity({layer.name})\n'
        for method in CONTRACT.methods:
            outputs.append(f'float[N,{layer.height},{layer.width}] "cam/{method}/{layer.name}"')
            number = f"{method}_{layer.name}"
            nodes += CAM.replace("LAYER", layer.name).replace("METHOD", method).replace("NUMBER", number)
    inputs = f"(float[N,4,4,1] faces, int64[N] target{offset})"
    return _stamped(f"activations {inputs} => ({', '.join(outputs)}) {zeros} {{{nodes}}}", contract, classes)


def write_bundle(
    folder: Path, name: str = "tiny", contract: Contract = CONTRACT, modern: bool = False, classes: int = 3
) -> Path:
    """Writes both halves and returns the classifier's path."""
    onnx.save(activations(contract, modern, classes), folder / f"{name}.activations.onnx")
    onnx.save(classifier(contract, modern, classes), folder / f"{name}.onnx")
    return folder / f"{name}.onnx"


def _stamped(graph: str, contract: Contract, classes: int) -> onnx.ModelProto:
    weights = np.eye(2, classes, dtype=np.float32) * 2
    for word, values in (("WEIGHTS", weights.ravel()), ("ZEROS", np.zeros(classes))):
        graph = graph.replace(word, ", ".join(map(str, values.tolist())))
    model = onnx.parser.parse_model(f"{OPENING}\n{graph.replace('CLASSES', str(classes))}")
    onnx.helper.set_model_props(model, {METADATA_KEY: contract.to_json()})
    return model


def face(x: float = 40, y: float = 30, edge: float = 20, track: int = 1, score: float = 0.9) -> Face:
    """A square face with its upper left corner at (x, y), its eyes at half height and half its edge apart."""
    eyes = ((x + edge / 4, y + edge / 2), (x + 3 * edge / 4, y + edge / 2))
    return Face((x, y, x + edge, y + edge), eyes, score, track)


def reading(of: Face | None = None, best: int = 0, why: Explanation | None = None) -> Reading:
    """What the tiny network might say about a face: 0.7 for one class, the rest shared."""
    of = of or face()
    probabilities = np.full(len(LABELS), 0.15, np.float32)
    probabilities[best] = 0.7
    return Reading(of, of.box_xyxy, np.full((4, 4), 128, np.uint8), Prediction(LABELS, probabilities), why)


def shown(of: Face | None = None, best: int = 0, why: Explanation | None = None) -> Shown:
    """The same as it is shown."""
    return raw(reading(of, best, why))


def explained(seed: int = 0, edge: int = 4, channels: int = 2) -> Explanation:
    """Maps and heat of a layer, made up."""
    random = np.random.default_rng(seed)
    maps = random.random((edge, edge, channels), dtype=np.float32)
    heat = maps[:, :, 0] / maps[:, :, 0].max()
    return Explanation("conv1", maps, "gradcam", "happy", heat)


def gray(value: int = 128, width: int = 160, height: int = 120) -> Image:
    """A picture of one shade."""
    return np.full((height, width, 3), value, np.uint8)


class FixedFinder:
    """A finder that sees the same faces in every picture, and remembers how it was called.

    Args:
        faces: what it sees; may be replaced at any time.
    """

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.times_s: list[float] = []
        self.resets = self.starts = self.jumps = 0
        self.puts_off = False
        self.closed = False

    def find(self, image: Image | Raster, time_s: float) -> list[Face]:
        """The fixed faces."""
        self.times_s.append(time_s)
        return list(self.faces)

    def catch_up(self) -> None:
        """Has seen all that there is."""

    def changes(self, image: Image | Raster, time_s: float) -> bool:
        """Never."""
        return False

    def stands_still(self) -> bool:
        """Never."""
        return False

    def mirror(self, width: float) -> None:
        """Sees on."""

    def jump(self) -> None:
        """Counts."""
        self.jumps += 1

    def reset(self, anew: bool = False) -> None:
        """Counts."""
        self.resets += 1
        self.starts += anew

    def fresh(self) -> FixedFinder:
        """Itself: it remembers nothing that it could forget."""
        return self

    def close(self) -> None:
        """Remembers."""
        self.closed = True

    def __enter__(self) -> FixedFinder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
