"""Whether the live crop is the network's crop: accuracy on pictures, and on what is cut out of them again.

A network whose answers differ for the two was trained on other faces than it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.types import Image

from ..data.dataset import Split
from ..data.recrop import recrop
from .classifier import Classifier


@dataclass(frozen=True, slots=True)
class CropCheck:
    """What the way through detector and cropper costs.

    Attributes:
        pictures: how many were shown.
        found: in how many a face was found.
        direct: accuracy on those pictures themselves.
        cropped: accuracy on what was cut out of them again.
    """

    pictures: int
    found: int
    direct: float
    cropped: float

    def __str__(self) -> str:
        share = self.found / self.pictures
        return (
            f"through detector and cropper: a face found in {self.found} of {self.pictures} pictures ({share:.1%}); "
            f"accuracy there {self.cropped:.4f}, of the pictures themselves {self.direct:.4f} "
            f"({100 * (self.cropped - self.direct):+.2f} points)"
        )


def check_crops(classifier: Classifier, split: Split) -> CropCheck:
    """Compares a network's answers to pictures with those to what the runtime cuts out of them.

    Raises:
        DataError: no face is found in any picture.
    """
    crops, found = recrop(split.images, classifier.contract)
    if not found.any():
        raise DataError(f"the detector finds no face in any of {len(split)} pictures")
    truth = split.classes()[found]
    accuracies = [_accuracy(classifier, images, truth) for images in (split.images[found], crops[found])]
    return CropCheck(len(split), int(found.sum()), *accuracies)


def _accuracy(classifier: Classifier, images: Image, truth: NDArray[np.int64]) -> float:
    return float((classifier.answers(images).argmax(axis=1) == truth).mean())
