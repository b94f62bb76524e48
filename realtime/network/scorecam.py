"""Score-CAM: heat without gradients, for still pictures, to compare the others with.

    weight of map k  =  p(class | picture seen through map k) − p(class | nothing seen)
    heat             =  max(Σ_k weight_k · map_k, 0), divided by its maximum

Wang et al. 2020, arXiv:1910.01279, in the form of their own code: probabilities, not rescaled. Every map costs a run of
the network, 256 of them as many milliseconds as a film has frames, so it is no view of the live window.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..types import Floats
from .network import Network, Request

CHUNK = 64
"""Masked pictures per call."""


def score_cam(network: Network, face: Floats, layer: str, target: int) -> Floats:
    """Heat of one face.

    Args:
        network: the model.
        face: (1, …) as the contract's input says.
        layer: whose maps mask the face.
        target: class number.

    Returns:
        (h, w) of the layer, 0–1; all zero where no map helps.
    """
    spec = network.contract.input
    maps = network.answer(face, Request(layer=layer, maps=True)).maps
    assert maps is not None
    masks = np.stack([_mask(one, spec.width, spec.height) for one in np.moveaxis(maps[0], -1, 0)])
    masked = face * (masks[..., None] if spec.layout == "NHWC" else masks[:, None])
    gains = _probabilities(network, masked, target) - _probabilities(network, np.zeros_like(face), target)
    heat = np.maximum(maps[0] @ gains, 0)
    return np.asarray(heat / max(float(heat.max()), np.finfo(np.float32).tiny), np.float32)


def _mask(one: Floats, width: int, height: int) -> Floats:
    """A map, enlarged to the picture and stretched to 0–1; a flat map hides everything."""
    low, high = float(one.min()), float(one.max())
    stretched = (one - low) / (high - low) if high > low else np.zeros_like(one)
    return np.asarray(cv2.resize(stretched, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _probabilities(network: Network, faces: Floats, target: int) -> Floats:
    parts = [faces[start : start + CHUNK] for start in range(0, len(faces), CHUNK)]
    return np.concatenate([network.answer(part, Request()).probabilities[:, target] for part in parts])
