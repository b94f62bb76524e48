"""How much of the picture one cell of a layer really sees: its effective receptive field.

The slopes at a cell, |∂a/∂x|, averaged over channels and noise; the square about the cell that holds `SHARE` of them is
its field. Luo et al. 2016, arXiv:1701.04128: most of what a cell may see hardly moves it.
"""

from __future__ import annotations

import numpy as np

from emoscope.network.contract import InputSpec

from ..observe import random_faces
from .ascent import middle
from .inside import OpenedLayer, bounds

SHARE = 0.95
PROBES = 32


def field_edge(opened: OpenedLayer, spec: InputSpec) -> int:
    """Edge of the field in pixels of the input, odd; no larger than the picture."""
    low, high = bounds(spec)
    faces = (low + (high - low) * random_faces(PROBES, spec.shape)).astype(np.float32)
    channels = np.linspace(0, opened.spec.channels - 1, PROBES).round().astype(int)
    _, pull = opened(faces, channels, middle(opened, PROBES))
    axes = (0, 3) if spec.layout == "NHWC" else (0, 1)
    slopes = np.abs(pull).mean(axes)
    row, column = cell_centre(opened, spec, opened.spec.height // 2, opened.spec.width // 2)
    total = slopes.sum()
    for reach in range(max(spec.height, spec.width)):
        part = slopes[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
        if part.sum() >= SHARE * total:
            return min(2 * reach + 1, spec.height, spec.width)
    return min(spec.height, spec.width)


def cell_centre(opened: OpenedLayer, spec: InputSpec, row: int, column: int) -> tuple[int, int]:
    """The pixel in the middle of a cell.

    Args:
        opened: the layer.
        spec: the network's input.
        row: of the cell.
        column: of the cell.

    Returns:
        Row and column of the pixel.
    """
    y, x = (row + 0.5) * spec.height / opened.spec.height, (column + 0.5) * spec.width / opened.spec.width
    return int(y), int(x)


def square_about(picture: np.ndarray, row: int, column: int, edge: int) -> np.ndarray:
    """The square of a picture about a pixel; beyond the border its edge is repeated.

    Args:
        picture: (H, W, C).
        row: of the pixel.
        column: of the pixel.
        edge: of the square, in pixels.

    Returns:
        (edge, edge, C), or the picture itself where the square is no smaller.
    """
    if edge >= max(picture.shape[:2]):
        return picture
    reach = edge // 2
    padded = np.pad(picture, ((reach, edge), (reach, edge), (0, 0)), mode="edge")
    return padded[row : row + edge, column : column + edge]
