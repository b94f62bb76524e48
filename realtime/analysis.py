"""From a picture to readings: faces → crops → one network call for all of them.

finder ──▶ faces ──▶ crops (N, h, w) ──▶ batch ──▶ network ──▶ readings, one a face
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from realtime.crops import crop_square, cut_crops, levelled, to_batch
from realtime.faces.finder import FaceFinder
from realtime.network import PREDICTED, Answer, Network, Request
from realtime.stages import Stopwatch
from realtime.types import Explanation, Face, Image, Prediction, Reading


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
    ) -> list[Reading]:
        """The network's answer for faces that are known already, at least one.

        Args:
            image: (H, W, 3) BGR or (H, W) gray, in whose pixels the faces' coordinates are.
            faces: that are read.
            request: what is wanted besides the probabilities.
            targets: as in `read`.
            levels: (256,) brightness that each value of the picture stands for; None where they are the same.
        """
        contract = self.network.contract
        with self.stopwatch.stage("crops"):
            crops = levelled(cut_crops(image, faces, contract), levels)
            batch = to_batch(crops, contract.input)
        wanted = [targets if isinstance(targets, int) else targets.get(face.track, PREDICTED) for face in faces]
        with self.stopwatch.stage("network"):
            answer = self.network.answer(batch, request, np.array(wanted, np.int64))
        readings = []
        for number, face in enumerate(faces):
            prediction = Prediction(contract.labels, answer.probabilities[number])
            why = self._explanation(answer, number, request, prediction, wanted[number]) if request.layer else None
            square, turn_rad = crop_square(face, contract.crop)
            readings.append(Reading(face, square, crops[number], prediction, why, turn_rad))
        return readings

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
