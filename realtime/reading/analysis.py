"""From a picture and its faces to readings: crops and one network call for all of them.

faces ──▶ crops (N, h, w) ──▶ batch ──▶ network ──▶ readings, one a face
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import numpy as np

from ..network.network import PREDICTED, Answer, Network, Request
from ..system.stopwatch import Stopwatch
from ..types import Explanation, Face, Floats, Prediction, Raster, Reading
from .crops import as_seen, crop_square, cut_crops, to_batch


def read_faces(
    network: Network,
    picture: Raster,
    faces: Sequence[Face],
    request: Request | None = None,
    targets: Mapping[int, int] | int = PREDICTED,
    explained: Container[int] | None = None,
    stopwatch: Stopwatch | None = None,
) -> list[Reading]:
    """The network's answer for each face.

    Args:
        network: answers for all faces in one call.
        picture: in whose pixels the faces' coordinates are.
        faces: that are read.
        request: what is wanted besides the probabilities.
        targets: class that heatmaps speak for, one for all or by track number; PREDICTED for the predicted one.
        explained: track numbers of the faces that the request is for; None where it is for all.
        stopwatch: is told how long crops and network take.
    """
    if not faces:
        return []
    contract, watch = network.contract, stopwatch or Stopwatch()
    with watch.stage("crops"):
        crops = cut_crops(picture, faces, contract)
        batch = to_batch(crops, contract.input)
        seen = None if contract.input.stretch is None else as_seen(crops, contract.input)
    wanted = [targets if isinstance(targets, int) else targets.get(face.track, PREDICTED) for face in faces]
    wants = [explained is None or face.track in explained for face in faces]
    with watch.stage("network"):
        answers = _answers(network, batch, wanted, request or Request(), wants)
    readings = []
    for number, (face, answer) in enumerate(zip(faces, answers, strict=True)):
        square, turn_rad = crop_square(face, contract.crop)
        stretched = None if seen is None else seen[number]
        readings.append(Reading(face, square, crops[number], *answer, turn_rad, stretched))
    return readings


def _answers(
    network: Network, batch: Floats, targets: Sequence[int], request: Request, explained: Sequence[bool]
) -> list[tuple[Prediction, Explanation | None]]:
    """Prediction and explanation of each face; those that are not to be explained go to the plain classifier."""
    answers: dict[int, tuple[Prediction, Explanation | None]] = {}
    for wish, wants in ((request, True), (Request(), False)):
        numbers = [number for number, one in enumerate(explained) if one == wants]
        if not numbers:
            continue
        answer = network.answer(batch[numbers], wish, np.array(targets, np.int64)[numbers])
        for place, number in enumerate(numbers):
            prediction = Prediction(network.contract.labels, answer.probabilities[place])
            why = _explanation(network, answer, place, wish, prediction, targets[number]) if wish.layer else None
            answers[number] = prediction, why
    return [answers[number] for number in range(len(batch))]


def _explanation(
    network: Network, answer: Answer, number: int, request: Request, prediction: Prediction, target: int
) -> Explanation:
    return Explanation(
        layer=request.layer,
        maps=None if answer.maps is None else answer.maps[number],
        method=request.method,
        target=prediction.emotion if target == PREDICTED else prediction.labels[target],
        heat=None if answer.heat is None else answer.heat[number],
        heat_layer=network.heat_layer(request),
    )
