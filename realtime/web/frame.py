"""A frame as the page sends it: a JPEG, whose size is read before it is decoded."""

from __future__ import annotations

import io

import cv2
import numpy as np
import PIL.Image

from ..errors import SourceError
from ..types import Image

MOST_PIXELS = 2_500_000
UNREADABLE = "the frame is no JPEG picture, or damaged: load the page again"


def decode_frame(data: bytes) -> Image:
    """(H, W, 3) BGR.

    Raises:
        SourceError: it is no JPEG, damaged, or larger than the page ever sends.
    """
    try:
        with PIL.Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError):
        raise SourceError(UNREADABLE) from None
    if width * height > MOST_PIXELS:
        raise SourceError(f"the frame has {width}×{height} pixels, more than the page sends: load the page again")
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise SourceError(UNREADABLE)
    return np.asarray(image, np.uint8)
