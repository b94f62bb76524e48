"""Where heat points: its correlation with the parts of a face, whose places follow from the eyes of the crop.

    d = distance between the eyes, m = the point between them; x to the right, y down, both in d

    brows   two bars above the eyes         y −0.45 … −0.18
    eyes    two ellipses about them         0.30 × 0.18
    nose    between eyes and mouth          x ±0.28, y 0.20 … 0.78
    mouth   an ellipse                      at y 1.12, 0.52 × 0.30

The crop is cut by the eyes, so they stand at the same place in every crop: at `eye_line` of its height, the distance a
part of its width (`Contract.crop`). The proportions are those of the mean face of FER2013's PublicTest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import Contract
from emoscope.types import Floats

REGIONS = ("brows", "eyes", "nose", "mouth")
Mask = NDArray[np.bool_]


def regions(contract: Contract) -> dict[str, Mask]:
    """Region → mask of the input's size, (height, width)."""
    spec, crop = contract.input, contract.crop
    rows, columns = np.mgrid[: spec.height, : spec.width] + 0.5
    x = (columns / spec.width - 0.5) * crop.eye_distances
    y = (rows / spec.height - crop.eye_line) * crop.eye_distances * spec.height / spec.width
    side = np.abs(np.abs(x) - 0.5)
    return {
        "brows": (side < 0.32) & (y > -0.45) & (y < -0.18),
        "eyes": (side / 0.30) ** 2 + (y / 0.18) ** 2 < 1,
        "nose": (np.abs(x) < 0.28) & (y > 0.20) & (y < 0.78),
        "mouth": (x / 0.52) ** 2 + ((y - 1.12) / 0.30) ** 2 < 1,
    }


def pointing(heat: Floats, masks: dict[str, Mask]) -> list[float]:
    """Pearson's correlation of heat (height, width) with each region; 0 where heat is flat or there is no region."""
    flat = heat.ravel() - heat.mean()
    return [_correlation(flat, mask.ravel()) for mask in masks.values()]


def _correlation(centred: Floats, mask: Mask) -> float:
    inside = mask.astype(np.float32) - mask.mean()
    size = float(np.sqrt((centred**2).sum() * (inside**2).sum()))
    return float((centred * inside).sum() / size) if size else 0.0
