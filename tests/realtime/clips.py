"""Small films made for tests: frame n is a plain gray picture whose shade tells n."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from emoscope.types import Image

BLACK, WHITE = 16, 235
"""Luma of black and of white in a film."""
STEP = 5
"""Luma between two frames: enough to survive compression."""


def make_clip(path: Path, frames: int = 30, fps: int = 25, size: tuple[int, int] = (64, 48)) -> Path:
    """Writes a film without sound and returns its path; at most 40 frames can be told apart."""
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"qp": "1", "preset": "ultrafast", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        for number in range(frames):
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            planes[:height] = BLACK + STEP * (number + 1)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def number_of(image: Image) -> int:
    """Which frame a picture is."""
    return round(float(image.mean()) * (WHITE - BLACK) / 255 / STEP) - 1
