"""A classifier of one's own, any callable, in the place of a bundle: probabilities alone, no maps and no heat.

def classify(crops):                # (N, 48, 48) uint8, gray
    return probabilities            # (N, K), each row summing to 1

classify.labels = ("calm", "glad")  # K names; also `size`, `channels` and `crop` where they differ
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..types import Floats, Image, is_whole
from .contract import Contract, CropSpec, InputSpec
from .network import Answer, Network, Request
from .offset import shifted

SIZE = 48
OFF = 0.02
"""By how much the probabilities of a face may miss 1."""


class OwnClassifier(Protocol):
    """What answers for crops; it may also say `size`, `channels` and `crop`.

    Attributes:
        labels: K class names.
    """

    labels: Sequence[str]

    def __call__(self, crops: Image, /) -> Any:
        """Probabilities (N, K) of N crops: (N, size, size) uint8 gray, or (N, size, size, 3) where `channels` is bgr
        or rgb.
        """
        ...


class OwnNetwork(Network):
    """Asks a classifier of one's own.

    Args:
        classifier: see `OwnClassifier`. Optional attributes are `size` (edge of a crop in pixels, 48), `channels`
            ("gray", "bgr" or "rgb") and `crop` (a `CropSpec`).

    Raises:
        ModelError: it does not name its classes.
    """

    def __init__(self, classifier: OwnClassifier) -> None:
        self.name = str(getattr(classifier, "__name__", type(classifier).__name__))
        if not callable(classifier):
            told = f"an object of type {self.name} is no model"
            raise ModelError(f"{told}: give a shipped name, the path of an .onnx file, or a callable")
        labels = getattr(classifier, "labels", ())
        labels = tuple(labels) if isinstance(labels, Iterable) and not isinstance(labels, str) else ()
        if not labels:
            raise ModelError(f"{self.name}: a classifier names its classes: set its attribute `labels`")
        size, crop = getattr(classifier, "size", SIZE), getattr(classifier, "crop", CropSpec())
        if not is_whole(size):
            raise ModelError(f"{self.name}: `size` is the edge of a crop in pixels, not {size!r}")
        if not isinstance(crop, CropSpec):
            raise ModelError(f"{self.name}: `crop` is an emoscope.CropSpec, not {crop!r}")
        spec = InputSpec(int(size), int(size), getattr(classifier, "channels", "gray"), scale=1.0)
        self.contract = Contract(labels, spec, crop)
        self.contrasts = False
        self._classify = classifier

    @property
    def provider(self) -> str:
        """Where it runs."""
        return "Python"

    def answer(
        self,
        batch: Floats,
        request: Request,
        targets: NDArray[np.int64] | None = None,
        offsets: Floats | None = None,
    ) -> Answer:
        """See `Network.answer`.

        Raises:
            ModelError: maps or heat are asked for, or the classifier's answer is not (N, K) probabilities.
        """
        if request != Request():
            raise ModelError(
                f"{self.name} is a callable, which has no layers to look at: convert it to a bundle for that"
            )
        crops = batch[..., 0] if self.contract.input.channels == "gray" else batch
        answer = self._classify(np.asarray(crops, np.uint8))
        try:
            said = np.asarray(answer, np.float32)
        except (TypeError, ValueError):
            raise ModelError(f"{self.name} answered what is no array of numbers: give a row for each face") from None
        expected = (len(batch), len(self.contract.labels))
        if said.shape != expected:
            raise ModelError(
                f"{self.name} answered an array of shape {said.shape}, not {expected}: a row for each face"
            )
        if not (np.isfinite(said).all() and (said >= 0).all() and (np.abs(said.sum(axis=1) - 1) < OFF).all()):
            raise ModelError(f"{self.name} answered numbers that are no probabilities: let each row sum to 1")
        return Answer(said if offsets is None else shifted(said, offsets))

    def fitting(self, request: Request) -> Request:
        """As it is: what it cannot answer is refused."""
        return request

    def rules(self, layer: str) -> tuple[str, ...]:
        """There are none."""
        return ()

    def ready(self, request: Request) -> bool:
        """There is nothing to wait for."""
        return True
