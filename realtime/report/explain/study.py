"""All that is known of one face: its place in the photo, its crop, every layer's answer, the heat of every method.

    photo ──faces──▶ crops (N, h, w) ──┬─▶ probabilities (N, K)
                                       ├─▶ maps of each chosen layer (N, h, w, c)
                                       └─▶ heat of each method for the predicted class and the runner-up (N, h, w)

All faces of a photo go through the network together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...media.raster import Bgr
from ...network.contract import LayerSpec
from ...network.network import Network, Request
from ...network.offset import prior_offset
from ...network.scorecam import score_cam
from ...reading.analysis import prediction_of
from ...reading.crops import as_seen, face_chip, to_batch
from ...reading.session import Session, Wish
from ...reading.smoothing import UNSURE_BELOW
from ...types import Box, Floats, Image, Prediction
from .choice import SCORECAM, Choice


@dataclass(frozen=True, slots=True)
class LayerMaps:
    """The answer of one layer: (h, w, channels) activations."""

    spec: LayerSpec
    maps: Floats


@dataclass(frozen=True, slots=True)
class Heat:
    """Where one method sees reasons for one class, at one layer: (h, w), 0–1, all zero where it sees none."""

    method: str
    layer: str
    target: int
    heat: Floats


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
        heats: every method for the predicted class, then every method for the runner-up.
        unsure_below: confidence below which the viewer would not say a class.
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

    @property
    def targets(self) -> tuple[int, int]:
        """Numbers of the predicted class and of the runner-up."""
        return ranking(self.prediction.probabilities)[0], ranking(self.prediction.probabilities)[1]

    def of(self, target: int) -> tuple[Heat, ...]:
        """The heatmaps that speak for one class, one per method."""
        return tuple(heat for heat in self.heats if heat.target == target)


def study_photo(session: Session, choice: Choice, photo: Image, name: str) -> list[Study]:
    """Studies of all faces of a (H, W, 3) BGR photo, left to right; none where there is no face."""
    session.reset(anew=True)
    seen = session.read(photo, 0.0, Wish(smoothed=False))
    readings = sorted(seen.readings, key=lambda reading: reading.face.box_xyxy[0])
    if not readings:
        return []
    crops = np.stack([reading.crop for reading in readings])
    boxes = tuple(reading.face.box_xyxy for reading in readings)
    chips = [face_chip(Bgr(photo), reading) for reading in readings]
    return _studies(session.network, choice, photo, name, boxes, chips, crops)


def study_crop(network: Network, choice: Choice, photo: Image, name: str) -> Study:
    """The study of a picture that is a face already, cut as the network was trained; it is only resized."""
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
    heats = [heat for place in (0, 1) for heat in _heats(network, batch, choice, probabilities, place)]
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
        )
        for number in range(len(crops))
    ]


def _maps(network: Network, batch: Floats, layer: str) -> tuple[str, Floats]:
    maps = network.answer(batch, Request(layer, maps=True)).maps
    assert maps is not None
    return layer, maps


def _heats(network: Network, batch: Floats, choice: Choice, probabilities: Floats, place: int) -> list[list[Heat]]:
    """Per method, one heatmap a face, for the class at this place of each face's own ranking."""
    targets = np.array([ranking(face)[place] for face in probabilities], np.int64)
    found = []
    for method in choice.methods:
        layer, heat = _heat(network, batch, method, choice.heat_layer, targets)
        found.append([Heat(method, layer, int(target), one) for target, one in zip(targets, heat, strict=True)])
    return found


def _heat(network: Network, batch: Floats, method: str, layer: str, targets: NDArray[np.int64]) -> tuple[str, Floats]:
    """The layer that a method's heat comes from, and the heat of N faces, (N, h, w)."""
    if method == SCORECAM:
        pairs = zip(batch, targets, strict=True)
        return layer, np.stack([score_cam(network, face[None], layer, int(target)) for face, target in pairs])
    request = Request(layer, method=method)
    heat = network.answer(batch, request, targets).heat
    assert heat is not None
    return network.heat_layer(request), heat
