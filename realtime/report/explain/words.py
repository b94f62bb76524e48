"""The sentences of the page: what each step does, in words that a student understands."""

from __future__ import annotations

import numpy as np

from ...reading.smoothing import UNSURE
from ...types import UNREADABLE
from .beside import Beside, strength, whom_to_believe
from .study import LayerMaps, Study, Unit

METHODS = {
    "gradcam": "weighs each map by how much the class's score would rise with it, averaged over the map",
    "gradcam++": "like Grad-CAM, but cells that help count and cells that hinder do not; it likes whole regions",
    "xgradcam": "weighs each map by how much of the score it carries at its own active cells",
    "hirescam": "multiplies map and slope cell by cell, so that only cells which really added to the score are hot",
    "layercam": "like HiResCAM with helpful slopes only; it stays sharp in early layers",
    "saliency": "the slope of the score at each input pixel: where a small change would matter most",
    "eigencam": "shows what most maps have in common; it knows nothing of the class",
    "rollout": "follows attention from block to block; it knows nothing of the class",
    "gradientxinput": "slope times brightness: how much each pixel adds to the score, to a first approximation",
    "scorecam": "uses no slopes: it shows the network the face through each map and watches the score",
    "integrated": "adds up the slopes on the way from a black picture to this one; what it shows adds up to the score",
    "smoothgrad": "the slope of the score, averaged over noisy copies of the face",
    "occlusion": "uses no slopes: it hides a square of the face, everywhere in turn, and watches the score fall",
}
RULES = {
    "gradient": "the slope of the filter’s answer at each pixel",
    "gradientxinput": "slope times brightness",
    "guided": "guided backpropagation: only what helps, at every step; clean edges, but it may ignore later weights",
    "deconvolution": "lets through what helps, whoever was silent; it may ignore later weights",
    "field": "the slope of the filter’s strongest cell alone: what that one cell sees",
}


def photo(study: Study) -> str:
    """How the face was found."""
    if not study.boxes:
        return "The picture was given as a face already cut out, so nothing had to be found in it."
    if len(study.boxes) == 1:
        return "A detector looked for faces and found one. Its box says where the face is, not yet what it shows."
    return (
        f"A detector looked for faces and found {len(study.boxes)}, numbered from the left. Each goes through the "
        "network on its own; open one to follow it."
    )


def crop(study: Study) -> str:
    """What the network is given."""
    height, width = study.crop.shape[:2]
    numbers = height * width * (1 if study.crop.ndim == 2 else 3)
    depth = "shades of gray" if study.crop.ndim == 2 else "colour"
    return (
        f"The network never sees the photo. It is given this square around the eyes, shrunk to {width}×{height} pixels "
        f"in {depth}: {numbers:,} numbers and nothing else. Hair, clothes and surroundings are mostly gone."
    )


def layer(shown: LayerMaps, place: int, count: int) -> str:
    """What one layer does; `place` of `count` is its number among the model's layers."""
    spec, early = shown.spec, place < count / 3
    size = f"{spec.width}×{spec.height}"
    if spec.kind == "conv":
        finds = "edges, brightness and skin" if early else "larger shapes, such as an open mouth or a drawn brow"
        text = (
            f"A convolution slides {spec.channels} small filters over what comes before; each map shows where one of "
        )
        return (
            text
            + f"them answered, on {size} cells. So near the {'input' if early else 'output'} they tend to find {finds}."
        )
    if spec.kind == "pool":
        return f"Pooling keeps one number of each small neighbourhood. On {size} cells it matters less where exactly " \
            "something was, and more that it was there."  # fmt: skip
    if spec.kind == "activation" and shown.maps.min(initial=0.0) >= 0:
        return f"The activation passes on what its filters found and sets the rest to zero: {size} cells a map."
    return f"This layer answers with {spec.channels} maps of {size} cells."


def scale(shown: LayerMaps) -> str:
    """How to read the colours of a layer's maps."""
    if shown.maps.min(initial=0.0) < 0:
        return "White is zero, red above, blue below; all maps of the layer share one scale."
    return "Dark is zero, yellow the layer's strongest answer; all maps of the layer share one scale."


def decision(study: Study) -> str:
    """What the network said."""
    said, (first, second) = study.prediction, study.targets
    share, other = float(said.probabilities[first]), float(said.probabilities[second])
    text = f"The last layers turn the maps into one number per class: {100 * share:.0f} % for {said.labels[first]}, "
    text += f"{100 * other:.0f} % for {said.labels[second]}. "
    if not said.readable:
        return text + f"But it could hardly read the face: the viewer would call it “{UNREADABLE}”."
    if share < study.unsure_below:
        return text + f"No class has {100 * study.unsure_below:.0f} %: the viewer would call this face “{UNSURE}”."
    if share - other < 0.2:
        return text + "The two are close: treat this as a face between both."
    return text + "It names what the face shows to the network, which is not what the person feels."


def heat(study: Study, known: Beside) -> str:
    """How to read the heatmaps."""
    first, second = (study.prediction.labels[target] for target in study.targets)
    rows = f"first for {first}, then for {second}"
    if study.against >= 0:
        rows += f", then for {first} rather than {study.prediction.labels[study.against]}"
    faint = [label for label, share in zip((first, second), _shares(study), strict=True) if strength(share) < 1]
    hardly = f" The class {faint[0]} has next to no probability, so its heat is drawn faintly." if faint else ""
    return (
        f"Each picture asks which parts of the face spoke for a class, at the layer {study.heat_layer}: {rows}. "
        f"Every map is divided by its own maximum, so compare places, not strengths.{hardly} "
        f"{whom_to_believe(study, known)} Heat beside the face proves nothing by itself: a cell sees far around "
        "itself, and at the border of the picture filters answer to the padding as well."
    )


def unit(shown: Unit, known: Beside) -> str:
    """What one filter's pictures say."""
    text = (
        f"Map {shown.channel} answers most here, with up to {float(shown.map.max()):.2f}. Red: brighter pixels raise "
        "its answer; blue: they lower it."
    )
    layer = known.atlas.layer(shown.spec.name) if known.atlas else None
    if known.atlas is None or layer is None:
        return text
    text += f" It likes best the made-up picture at the right; one cell of it sees {layer.field}×{layer.field} pixels."
    if layer.shares is None:
        return text
    shares = layer.shares[shown.channel]
    most = int(np.abs(shares).argmax())
    side = "for" if shares[most] > 0 else "against"
    part = f"{100 * abs(float(shares[most])):.1f} % of what the layer says"
    return f"{text} It speaks most {side} {known.atlas.labels[most]}: {part}."


def _shares(study: Study) -> tuple[float, float]:
    first, second = study.targets
    return float(study.prediction.probabilities[first]), float(study.prediction.probabilities[second])
