"""From a picture to readings: faces → crops → one network call for all of them.

finder ──▶ faces ──▶ crops (N, h, w) ──▶ batch ──▶ network ──▶ readings, one a face
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import numpy as np

from ..faces.finder import FaceFinder
from ..network.network import PREDICTED, Answer, Network, Request
from ..system.stopwatch import Stopwatch
from ..types import Explanation, Face, Floats, Image, Prediction, Reading
from .crops import as_seen, crop_square, cut_crops, levelled, to_batch


class Analyser:
    """Reads all faces of a picture.

    Args:
        finder: finds and numbers faces; closed by whoever opened it.
        network: answers for all faces in one call.
    """

    def __init__(self, finder: FaceFinder, network: Network) -> None:
        self.finder = finder
        self.network = network
        self.stopwatch = Stopwatch()

    def read(
        self,
        image: Image,
        time_s: float,
        request: Request | None = None,
        targets: Mapping[int, int] | int = PREDICTED,
    ) -> list[Reading]:
        """All faces of one picture, in the finder's order.

        Args:
            image: (H, W, 3) BGR, upright; faces are looked for in it.
            time_s: when it is shown, in seconds; never less than in the call before.
            request: what is wanted besides the probabilities.
            targets: class that heatmaps speak for, one for all or by track number; PREDICTED for the predicted one.
        """
        with self.stopwatch.stage("faces"):
            faces = self.finder.find(image, time_s)
        return self.read_faces(image, faces, request or Request(), targets) if faces else []

    def read_faces(
        self,
        image: Image,
        faces: Sequence[Face],
        request: Request,
        targets: Mapping[int, int] | int = PREDICTED,
        levels: Image | None = None,
        explained: Container[int] | None = None,
    ) -> list[Reading]:
        """The network's answer for faces that are known already, at least one.

        Args:
            image: (H, W, 3) BGR or (H, W) gray, in whose pixels the faces' coordinates are.
            faces: that are read.
            request: what is wanted besides the probabilities.
            targets: as in `read`.
            levels: (256,) brightness that each value of the picture stands for; None where they are the same.
            explained: track numbers of the faces that the request is for; None where it is for all.
        """
        contract = self.network.contract
        with self.stopwatch.stage("crops"):
            crops = levelled(cut_crops(image, faces, contract), levels)
            batch = to_batch(crops, contract.input)
            seen = None if contract.input.stretch is None else as_seen(crops, contract.input)
        wanted = [targets if isinstance(targets, int) else targets.get(face.track, PREDICTED) for face in faces]
        with self.stopwatch.stage("network"):
            answers = self._answers(batch, wanted, request, [explained is None or f.track in explained for f in faces])
        readings = []
        for number, (face, answer) in enumerate(zip(faces, answers, strict=True)):
            square, turn_rad = crop_square(face, contract.crop)
            stretched = None if seen is None else seen[number]
            readings.append(Reading(face, square, crops[number], *answer, turn_rad, stretched))
        return readings

    def _answers(
        self, batch: Floats, targets: Sequence[int], request: Request, explained: Sequence[bool]
    ) -> list[tuple[Prediction, Explanation | None]]:
        """Prediction and explanation of each face; those that are not to be explained go to the plain classifier."""
        answers: dict[int, tuple[Prediction, Explanation | None]] = {}
        for wish, wants in ((request, True), (Request(), False)):
            numbers = [number for number, one in enumerate(explained) if one == wants]
            if not numbers:
                continue
            answer = self.network.answer(batch[numbers], wish, np.array(targets, np.int64)[numbers])
            for place, number in enumerate(numbers):
                prediction = Prediction(self.network.contract.labels, answer.probabilities[place])
                why = self._explanation(answer, place, wish, prediction, targets[number]) if wish.layer else None
                answers[number] = prediction, why
        return [answers[number] for number in range(len(batch))]

    def _explanation(
        self, answer: Answer, number: int, request: Request, prediction: Prediction, target: int
    ) -> Explanation:
        return Explanation(
            layer=request.layer,
            maps=None if answer.maps is None else answer.maps[number],
            method=request.method,
            target=prediction.emotion if target == PREDICTED else prediction.labels[target],
            heat=None if answer.heat is None else answer.heat[number],
            heat_layer=self.network.heat_layer(request),
        )
