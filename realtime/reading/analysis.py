"""From pictures and their faces to readings: crops and one network call for all of them.

faces ──▶ crops (N, h, w) ──▶ batch ──▶ network ──▶ readings, one a face
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..network.contract import Contract
from ..network.network import PREDICTED, RUNNER_UP, Answer, Network, Request
from ..network.offset import shifted
from ..system.stopwatch import Stopwatch
from ..types import Explanation, Face, Floats, Prediction, Raster, Reading
from .crops import as_read, crop_square, cut_crops
from .stretch import rounded, stretched


@dataclass(frozen=True, slots=True)
class FacesAsked:
    """The faces of one picture, and what is asked of each.

    Attributes:
        picture: in whose pixels the faces' coordinates are.
        faces: that are read.
        explained: track numbers of the faces that the request is for; None where it is for all.
        own: added to the logits of some faces, by track number, (K,): their own baselines. Their readings also hold the
            answer without.
        targets: as `read_faces` takes them, for this picture; None where they are those of all.
    """

    picture: Raster
    faces: Sequence[Face]
    explained: Container[int] | None = None
    own: Mapping[int, Floats] = field(default_factory=dict)
    targets: Mapping[int, int] | int | None = None

    def each(self) -> Iterator[tuple[Face, bool, Floats | None]]:
        """Every face, whether the request is for it, and its own baseline."""
        for face in self.faces:
            yield face, self.explained is None or face.track in self.explained, self.own.get(face.track)


def read_faces(
    network: Network,
    asked: Sequence[FacesAsked],
    request: Request | None = None,
    targets: Mapping[int, int] | int = PREDICTED,
    stopwatch: Stopwatch | None = None,
    prior: Floats | None = None,
) -> list[list[Reading]]:
    """The network's answer for each face of each picture.

    Args:
        network: answers for all faces in one call.
        asked: pictures and their faces.
        request: what is wanted besides the probabilities.
        targets: class that heatmaps speak for, one for all or by track number; PREDICTED for the predicted one.
        stopwatch: is told how long crops and network take.
        prior: added to the logits of every face, (K,).
    """
    everyone = [one for some in asked for one in some.each()]
    if not everyone:
        return [[] for _ in asked]
    request = network.fitting(request or Request())
    contract, watch = network.contract, stopwatch or Stopwatch()
    with watch.stage("crops"):
        crops = np.concatenate([cut_crops(some.picture, some.faces, contract) for some in asked])
        lit = stretched(crops, contract.input.stretch)
        batch = as_read(lit, contract.input)
        seen = None if contract.input.stretch is None else rounded(lit)
    wanted = [one for some in asked for one in _targets(some, targets)]
    with watch.stage("network"):
        offsets = _offsets([own for _, _, own in everyone], len(contract.labels), prior)
        answers = _answers(network, batch, wanted, request, [wants for _, wants, _ in everyone], offsets)
    readings = []
    for number, ((face, _, own), answer) in enumerate(zip(everyone, answers, strict=True)):
        square, turn_rad = crop_square(face, contract.crop)
        shown = None if seen is None else seen[number]
        plain = _without(answer[0], own)
        readings.append(Reading(face, square, crops[number], *answer, turn_rad, shown, plain))
    given = iter(readings)
    return [[next(given) for _ in some.faces] for some in asked]


def _targets(asked: FacesAsked, targets: Mapping[int, int] | int) -> Iterator[int]:
    """What heat of each face is to speak for."""
    told = targets if asked.targets is None else asked.targets
    for face in asked.faces:
        yield told if isinstance(told, int) else told.get(face.track, PREDICTED)


def _offsets(own: Sequence[Floats | None], classes: int, prior: Floats | None) -> Floats | None:
    """What is added to the logits of each face, (N, K), or None where that is nothing for any."""
    if prior is None and all(one is None for one in own):
        return None
    nothing = np.zeros(classes, np.float32)
    everyone = nothing if prior is None else prior
    return np.stack([everyone + (nothing if one is None else one) for one in own])


def _without(prediction: Prediction, own: Floats | None) -> Prediction | None:
    return None if own is None else replace(prediction, probabilities=shifted(prediction.probabilities[None], -own)[0])


def _answers(
    network: Network,
    batch: Floats,
    targets: Sequence[int],
    request: Request,
    explained: Sequence[bool],
    offsets: Floats | None,
) -> list[tuple[Prediction, Explanation | None]]:
    """Prediction and explanation of each face; those that are not to be explained go to the plain classifier."""
    answers: dict[int, tuple[Prediction, Explanation | None]] = {}
    wishes = [request if wants else Request() for wants in explained]
    for wish in dict.fromkeys((request, Request())):  # which are one where nothing is to be explained
        numbers = [number for number, one in enumerate(wishes) if one == wish]
        if not numbers:
            continue
        some = None if offsets is None else offsets[numbers]
        answer = network.answer(batch[numbers], wish, np.array(targets, np.int64)[numbers], some)
        for place, number in enumerate(numbers):
            prediction = prediction_of(network.contract, answer, place)
            why = _explanation(network, answer, place, wish, prediction, targets[number]) if wish.layer else None
            answers[number] = prediction, why
    return [answers[number] for number in range(len(batch))]


def prediction_of(contract: Contract, answer: Answer, number: int) -> Prediction:
    """What an answer says about one of its faces, and whether that face can be read at all.

    Args:
        contract: holds names, and the quality below which nothing is said.
        answer: to N faces.
        number: of the face, from 0.
    """
    further = [] if answer.numbers is None else answer.numbers[number].tolist()
    numbers = dict(zip(contract.numbers, further, strict=False))
    if answer.quality is None:
        return Prediction(contract.labels, answer.probabilities[number], numbers=numbers)
    quality, least = float(answer.quality[number]), contract.unreadable
    readable = least is None or quality >= least.below
    return Prediction(contract.labels, answer.probabilities[number], quality, readable, numbers)


def _explanation(
    network: Network, answer: Answer, number: int, request: Request, prediction: Prediction, target: int
) -> Explanation:
    wanted = prediction.index if target == PREDICTED else target
    return Explanation(
        layer=request.layer,
        maps=None if answer.maps is None else answer.maps[number],
        method=request.method,
        target=prediction.labels[wanted],
        heat=None if answer.heat is None else answer.heat[number],
        heat_layer=network.heat_layer(request),
        against=other_class(prediction, request.against, wanted),
        rule=request.rule,
        unit=request.unit,
        pixels=None if answer.pixels is None else _over_channels(answer.pixels[number]),
        layers=tuple(maps[number] for maps in answer.layers),
    )


def other_class(prediction: Prediction, against: int, target: int) -> str:
    """Name of the class that heat is told against; "" for none.

    Args:
        prediction: of the face.
        against: number of a class, RUNNER_UP, or NOTHING.
        target: number of the class that heat speaks for.
    """
    if against == RUNNER_UP:
        return (
            prediction.labels[int(np.argsort(-prediction.probabilities, kind="stable")[:2][-1])]
            if (target == prediction.index)
            else prediction.emotion
        )
    return prediction.labels[against] if against >= 0 else ""


def _over_channels(pixels: Floats) -> Floats:
    return np.asarray(pixels.sum(-1), np.float32)
