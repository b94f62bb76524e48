"""Deletion and insertion: does the network lose its class where the heat is, and find it there again?

    deletion     pixels of the picture are blurred away, hottest first     the class should fall fast
    insertion    pixels appear in a blurred picture, hottest first         the class should rise fast

Each curve is the probability of the predicted class over the share of pixels changed, 0 … 1; its area is its mean.
Petsiuk et al. 2018, arXiv:1806.07421, with a blurred picture instead of grey in both, so that no edges are added.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from emoscope.network.contract import InputSpec
from emoscope.network.network import Network, Request
from emoscope.types import Floats

STEPS = 16
BLUR = 1 / 6
"""Standard deviation of the blur, as a share of the picture's width."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Probabilities over the share of pixels changed.

    Attributes:
        deletion: (steps + 1,).
        insertion: (steps + 1,).
    """

    deletion: Floats
    insertion: Floats

    @property
    def score(self) -> float:
        """Area under insertion less area under deletion; higher is more faithful."""
        return area(self.insertion) - area(self.deletion)


def area(curve: Floats) -> float:
    """Area under a curve over 0 … 1, by trapezoids."""
    return float((curve[:-1] + curve[1:]).mean() / 2)


def measure_curves(network: Network, face: Floats, heat: Floats, target: int, seed: int) -> Curves:
    """Both curves of one face and one heatmap.

    Args:
        network: the model.
        face: (1, …) as the contract's input says.
        heat: (h, w), any size.
        target: class whose probability is followed.
        seed: settles the order of equally hot pixels.
    """
    spec = network.contract.input
    rank = ranks(heat, spec, seed)
    shares = np.linspace(0, 1, STEPS + 1)
    hot = rank[None] < shares[:, None, None] * rank.size
    mask = hot[..., None] if spec.layout == "NHWC" else hot[:, None]
    dull = blurred(face, spec)
    deletion, insertion = np.where(mask, dull, face), np.where(mask, face, dull)
    both = network.answer(np.concatenate([deletion, insertion]).astype(np.float32), Request()).probabilities[:, target]
    return Curves(both[: STEPS + 1], both[STEPS + 1 :])


def ranks(heat: Floats, spec: InputSpec, seed: int) -> Floats:
    """Place of every pixel when the hottest comes first, (height, width); chance decides among equals."""
    large = cv2.resize(heat.astype(np.float32), (spec.width, spec.height), interpolation=cv2.INTER_LINEAR)
    chance = np.random.default_rng(seed).random(large.size)
    order = np.lexsort((chance, -large.ravel()))
    places = np.empty(large.size, np.float32)
    places[order] = np.arange(large.size)
    return places.reshape(spec.height, spec.width)


def blurred(face: Floats, spec: InputSpec) -> Floats:
    """A face of which only its large shadows are left."""
    picture = face[0] if spec.layout == "NHWC" else face[0].transpose(1, 2, 0)
    soft = cv2.GaussianBlur(picture, (0, 0), BLUR * spec.width).reshape(picture.shape)
    return np.asarray((soft if spec.layout == "NHWC" else soft.transpose(2, 0, 1))[None], np.float32)
