"""All that is known of one face: its place in the photo, its crop, every layer's answer, the heat of every method.

    photo ──faces──▶ crops (N, h, w) ──┬─▶ probabilities (N, K)
                                       ├─▶ maps of each chosen layer (N, h, w, c)
                                       └─▶ heat of each method (N, h, w): for the predicted class, for the runner-up,
                                           and for the one rather than the other

All faces of a photo go through the network together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ...draw.maps import order
from ...media.raster import Bgr
from ...network.contract import LayerSpec
from ...network.network import NOTHING, Network, Request
from ...network.offset import prior_offset
from ...network.stills import STILLS, HeatQuestion, still_layer
from ...reading.analysis import prediction_of
from ...reading.crops import as_seen, face_chip, to_batch
from ...reading.session import Session
from ...reading.smoothing import UNSURE_BELOW
from ...types import Box, Floats, Image, Prediction
from .choice import Choice


@dataclass(frozen=True, slots=True)
class LayerMaps:
    """The answer of one layer: (h, w, channels) activations."""

    spec: LayerSpec
    maps: Floats


@dataclass(frozen=True, slots=True)
class Unit:
    """One channel of a layer, and what in this picture drives it.

    Attributes:
        spec: the layer.
        channel: its number.
        map: (h, w) its activation.
        pixels: rule → (H, W) signed, summed over the picture's channels; none where the model cannot tell.
    """

    spec: LayerSpec
    channel: int
    map: Floats
    pixels: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Heat:
    """Where one method sees reasons for one class, at one layer.

    With `against` they are reasons for that class rather than the other; NOTHING without.

    Attributes:
        method: the CAM method.
        layer: that it comes from, or "input".
        target: number of the class.
        heat: (h, w), 0–1, all zero where it sees none.
        against: class that the reasons are told against; NOTHING without.
    """

    method: str
    layer: str
    target: int
    heat: Floats
    against: int = NOTHING


@dataclass(frozen=True, slots=True)
class Study:
    """One face, from photo to decision.

    Attributes:
        name: of the photo.
        photo: (H, W, 3) BGR.
        number: of the face in the photo, from 1, left to right.
        boxes: of all faces of the photo, in that order; none where the photo is a bare crop.
        chip: the part of the photo that the crop was made from, at the photo's own resolution, gray or BGR.
        crop: (h, w) gray or (h, w, 3) BGR, as the network sees it, in whole levels.
        prediction: the network's answer.
        layers: the chosen layers' answers, from input to output.
        heat_layer: the layer that `heats` come from, but for saliency, which is the input's.
        heats: every method for the predicted class, then for the runner-up, then for the one rather than the other.
        unsure_below: confidence below which the viewer would not say a class.
        against: the class that the prediction is told against; NOTHING where the model cannot.
        units: the channels that are followed back to the pixels: of each layer the one that was asked for, or the one
            that answers most.
    """

    name: str
    photo: Image
    number: int
    boxes: tuple[Box, ...]
    chip: Image
    crop: Image
    prediction: Prediction
    layers: tuple[LayerMaps, ...]
    heat_layer: str
    heats: tuple[Heat, ...]
    unsure_below: float = UNSURE_BELOW
    against: int = NOTHING
    units: tuple[Unit, ...] = ()

    @property
    def targets(self) -> tuple[int, int]:
        """Numbers of the predicted class and of the runner-up."""
        return ranking(self.prediction.probabilities)[0], ranking(self.prediction.probabilities)[1]

    @property
    def questions(self) -> tuple[tuple[int, int], ...]:
        """Class and class against which, for each row of heatmaps."""
        return tuple(dict.fromkeys((heat.target, heat.against) for heat in self.heats))

    def of(self, target: int, against: int = NOTHING) -> tuple[Heat, ...]:
        """The heatmaps that speak for one class, or for it rather than another, one per method."""
        return tuple(heat for heat in self.heats if (heat.target, heat.against) == (target, against))


def study_photo(session: Session, choice: Choice, photo: Image, name: str) -> list[Study]:
    """Studies of all faces of a (H, W, 3) BGR photo, left to right; none where there is no face.

    Args:
        session: reads the photo; whatever it read before is forgotten.
        choice: what is shown.
        photo: (H, W, 3) BGR.
        name: of the photo.
    """
    seen = session.read_still(photo)
    readings = sorted(seen.readings, key=lambda reading: reading.face.box_xyxy[0])
    if not readings:
        return []
    crops = np.stack([reading.crop for reading in readings])
    boxes = tuple(reading.face.box_xyxy for reading in readings)
    chips = [face_chip(Bgr(photo), reading) for reading in readings]
    return _studies(session.network, choice, photo, name, boxes, chips, crops)


def study_crop(network: Network, choice: Choice, photo: Image, name: str) -> Study:
    """The study of a picture that is a face already, cut as the network was trained; it is only resized.

    Args:
        network: reads it.
        choice: what is shown.
        photo: (h, w, 3) BGR, a face that fills it.
        name: of the picture.
    """
    spec = network.contract.input
    gray = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8) if spec.channels == "gray" else photo
    shrinking = photo.shape[0] > spec.height
    method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    crops = np.asarray(cv2.resize(gray, (spec.width, spec.height), interpolation=method), np.uint8)[None]
    (study,) = _studies(network, choice, photo, name, (), [photo], crops)
    return study


def ranking(probabilities: Floats) -> list[int]:
    """Class numbers, the most probable first."""
    return [int(number) for number in np.argsort(-probabilities, kind="stable")]


def _studies(
    network: Network,
    choice: Choice,
    photo: Image,
    name: str,
    boxes: tuple[Box, ...],
    chips: Sequence[Image],
    crops: Image,
) -> list[Study]:
    contract, batch = network.contract, to_batch(crops, network.contract.input)
    seen = as_seen(crops, contract.input)
    prior = prior_offset(contract, choice.prior)
    answer = network.answer(batch, Request(), offsets=None if prior is None else np.tile(prior, (len(crops), 1)))
    probabilities = answer.probabilities
    layers = [_maps(network, batch, layer) for layer in choice.layers]
    ranked = [ranking(face) for face in probabilities]
    first, second = ([face[place] for face in ranked] for place in (0, 1))
    others = [_other(face, choice.against) if network.contrasts else NOTHING for face in ranked]
    rows = [(first, [NOTHING] * len(crops)), (second, [NOTHING] * len(crops))]
    rows += [(first, others)] if network.contrasts else []
    asking = _Asking(network, batch, choice, [{} for _ in crops])
    heats = [heat for targets, against in rows for heat in asking.heats(targets, against)]
    return [
        Study(
            name=name,
            photo=photo,
            number=number + 1,
            boxes=boxes,
            chip=chips[number],
            crop=seen[number],
            prediction=prediction_of(contract, answer, number),
            layers=tuple(LayerMaps(contract.layer(layer), maps[number]) for layer, maps in layers),
            heat_layer=choice.heat_layer,
            heats=tuple(per_face[number] for per_face in heats),
            unsure_below=UNSURE_BELOW if contract.unsure is None else contract.unsure.below,
            against=others[number],
            units=tuple(
                _unit(network, batch[number], contract.layer(name), maps[number], choice) for name, maps in layers
            ),
        )
        for number in range(len(crops))
    ]


def _unit(network: Network, face: Floats, spec: LayerSpec, maps: Floats, choice: Choice) -> Unit:
    channel = choice.units.get(spec.name, int(order(maps, most_active_first=True)[0]))
    pixels = {}
    for rule in network.rules(spec.name):
        found = network.answer(face[None], Request(spec.name, rule=rule, unit=channel)).pixels
        assert found is not None
        pixels[rule] = found[0].sum(-1)
    return Unit(spec, channel, maps[:, :, channel], pixels)


def _other(ranked: Sequence[int], wanted: int) -> int:
    """The class that a prediction is told against: the one that was asked for, or the runner-up."""
    return wanted if wanted >= 0 and wanted != ranked[0] else ranked[1]


def _maps(network: Network, batch: Floats, layer: str) -> tuple[str, Floats]:
    maps = network.answer(batch, Request(layer, maps=True)).maps
    assert maps is not None
    return layer, maps


@dataclass(frozen=True, slots=True)
class _Asking:
    """Faces and how they are asked about.

    Attributes:
        network: answers.
        batch: (N, …) faces as they are fed.
        choice: methods and layers.
        said: see `HeatQuestion`, for each face.
    """

    network: Network
    batch: Floats
    choice: Choice
    said: Sequence[dict[bytes, Floats]]

    def heats(self, targets: Sequence[int], against: Sequence[int]) -> list[list[Heat]]:
        """Per method, one heatmap a face, for each face's own class against its own other one."""
        found = []
        for method in self.choice.methods:
            layer, heat = self._heat(method, targets, against)
            faces = zip(targets, heat, against, strict=True)
            found.append([Heat(method, layer, target, one, other) for target, one, other in faces])
        return found

    def _heat(self, method: str, targets: Sequence[int], against: Sequence[int]) -> tuple[str, Floats]:
        """The layer that a method's heat comes from, and the heat of N faces, (N, h, w)."""
        network, layer = self.network, self.choice.heat_layer
        faces = zip(self.batch, targets, against, self.said, strict=True)
        if method in STILLS:
            asked = (
                HeatQuestion(network, face[None], layer, target, other, said) for face, target, other, said in faces
            )
            return still_layer(method, layer), np.stack([STILLS[method](question) for question in asked])
        found = [
            _live(network, face, Request(layer, method=method, against=other), target)
            for face, target, other, _ in faces
        ]
        return network.heat_layer(Request(layer, method=method)), np.stack(found)


def _live(network: Network, face: Floats, request: Request, target: int) -> Floats:
    heat = network.answer(face[None], request, np.array([target], np.int64)).heat
    assert heat is not None
    return np.asarray(heat[0])
