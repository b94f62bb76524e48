"""Whether the live crop is the network's crop: pictures shown as faces in a frame, found and cut out again.

    48×48 ──enlarged 4×──▶ 192×192 ──edges repeated outward by half──▶ 384×384 ──detector, cropper──▶ 48×48

A network whose answers differ for the two was trained on other faces than it is shown.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Split
from models.evaluation.classifier import Classifier
from realtime.contract import Contract
from realtime.crops import cut_crops
from realtime.errors import DataError
from realtime.faces.detector import Detector
from realtime.faces.yunet import YuNet
from realtime.types import Face, Image

ENLARGED = 4


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
    with closing(YuNet()) as detector:
        crops = [_seen(image, detector, classifier.contract) for image in split.images]
    found = np.array([crop is not None for crop in crops])
    if not found.any():
        raise DataError(f"the detector finds no face in any of {len(split)} pictures")
    truth = split.classes()[found]
    cut = np.stack([crop for crop in crops if crop is not None])
    accuracies = [_accuracy(classifier, images, truth) for images in (split.images[found], cut)]
    return CropCheck(len(split), int(found.sum()), *accuracies)


def framed(image: Image) -> Image:
    """A (h, w, c) picture as a frame: enlarged, its edges repeated outward by half; (8h, 8w, 3) BGR."""
    height, width = (ENLARGED * size for size in image.shape[:2])
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    coloured = cv2.cvtColor(large, cv2.COLOR_GRAY2BGR) if large.ndim == 2 else large
    margins = height // 2, height // 2, width // 2, width // 2
    return np.asarray(cv2.copyMakeBorder(coloured, *margins, cv2.BORDER_REPLICATE), np.uint8)


def _seen(image: Image, detector: Detector, contract: Contract) -> Image | None:
    """What the network would be shown of the likeliest face, (h, w, c), or None without a face."""
    rgb = contract.input.channels == "rgb"
    frame = framed(image[..., ::-1] if rgb else image)
    (faces,) = detector.detect([frame])
    if not faces:
        return None
    crop = cut_crops(frame, [max(faces, key=_score)], contract)[0].reshape(image.shape)
    return np.asarray(crop[..., ::-1] if rgb else crop, np.uint8)


def _score(face: Face) -> float:
    return face.score


def _accuracy(classifier: Classifier, images: Image, truth: NDArray[np.int64]) -> float:
    return float((classifier.answers(images).argmax(axis=1) == truth).mean())
