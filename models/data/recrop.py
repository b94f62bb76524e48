"""Pictures of faces as the live program would show them to the network: found in a frame and cut out again.

    48×48 ──enlarged 4×──▶ 192×192 ──edges repeated outward by half──▶ 384×384 ──detector, cropper──▶ 48×48

A data set's own crops are looser or tighter than ours and never roll-aligned. A network that learns from both
reads a camera's faces as well as the data set's.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.faces.detector import Detector
from emoscope.faces.yunet import YuNet
from emoscope.media.raster import Bgr
from emoscope.network.contract import Contract
from emoscope.reading.crops import cut_crops
from emoscope.types import Face, Image

from .dataset import Split
from .store import Shelf, shelved

ENLARGED = 4


def with_crops(split: Split, contract: Contract) -> Split:
    """The split with `crops`; a picture in which no face is found stands for itself."""
    crops, found = recrop(split.images, contract)
    either = (crop if seen else image for image, crop, seen in zip(split.images, crops, found, strict=True))
    return replace(split, crops=shelved(either, split.images.shape[1:]))


def recrop(images: Image, contract: Contract) -> tuple[Image, NDArray[np.bool_]]:
    """What the network would be shown of the likeliest face in each picture.

    Args:
        images: (N, h, w, c) in the network's size and channels.
        contract: says how a face is cut out.

    Returns:
        (N, h, w, c) crops, zeros where no face is found; (N,) whether one is.
    """
    found = np.zeros(len(images), bool)
    shelf = Shelf(images.shape[1:])
    with closing(YuNet()) as detector:
        for number, image in enumerate(images):
            crop = _seen(image, detector, contract)
            found[number] = crop is not None
            shelf.add(np.zeros_like(image) if crop is None else crop)
    return shelf.pictures(), found


def framed(image: Image) -> Image:
    """A (h, w, c) picture as a frame: enlarged, its edges repeated outward by half; (8h, 8w, 3) BGR."""
    height, width = (ENLARGED * size for size in image.shape[:2])
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    coloured = cv2.cvtColor(large, cv2.COLOR_GRAY2BGR) if large.ndim == 2 else large
    margins = height // 2, height // 2, width // 2, width // 2
    return np.asarray(cv2.copyMakeBorder(coloured, *margins, cv2.BORDER_REPLICATE), np.uint8)


def _seen(image: Image, detector: Detector, contract: Contract) -> Image | None:
    rgb = contract.input.channels == "rgb"
    frame = framed(image[..., ::-1] if rgb else image)
    (faces,) = detector.detect([frame])
    if not faces:
        return None
    crop = cut_crops(Bgr(frame), [max(faces, key=_score)], contract)[0].reshape(image.shape)
    return np.asarray(crop[..., ::-1] if rgb else crop, np.uint8)


def _score(face: Face) -> float:
    return face.score
