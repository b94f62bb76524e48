"""Does the network lose its class where the heat is, and find it there again? Two ways to take pixels away.

    deletion     pixels of the picture are blurred away, hottest first      the class should fall fast
    insertion    pixels appear in a blurred picture, hottest first          the class should rise fast
    ROAD         pixels are imputed from their neighbours, hottest first or coldest first: the class should fall fast
                 in the one and stay in the other

Each curve is the probability of the predicted class over the share of pixels changed; its area is its mean. The blurred
score is the area under insertion less that under deletion; ROAD's is the mean with the coldest taken less that with the
hottest. Petsiuk et al. 2018, arXiv:1806.07421, with a blurred picture instead of grey in both, so that no edges are
added; Rong et al. 2022, arXiv:2202.00449.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from emoscope.network.contract import InputSpec
from emoscope.network.network import Network, Request
from emoscope.types import Floats

from .imputation import imputed

STEPS = 16
BLUR = 1 / 6
"""Standard deviation of the blur, as a share of the picture's width."""
ROAD_SHARES = np.arange(1, 10) / 10
"""Shares of pixels that ROAD takes away."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Probabilities over the share of pixels changed.

    Attributes:
        deletion: (steps + 1,) over shares 0 … 1.
        insertion: (steps + 1,) likewise.
        hottest: (9,) with the hottest 10 … 90 % imputed.
        coldest: (9,) with the coldest 10 … 90 % imputed.
    """

    deletion: Floats
    insertion: Floats
    hottest: Floats
    coldest: Floats

    @property
    def score(self) -> float:
        """Area under insertion less area under deletion; higher is more faithful."""
        return area(self.insertion) - area(self.deletion)

    @property
    def road(self) -> float:
        """Mean with the coldest taken less mean with the hottest taken; higher is more faithful."""
        return float(self.coldest.mean() - self.hottest.mean())


def area(curve: Floats) -> float:
    """Area under a curve over 0 … 1, by trapezoids."""
    return float((curve[:-1] + curve[1:]).mean() / 2)


def measure_curves(network: Network, face: Floats, heat: Floats, target: int, seed: int) -> Curves:
    """All curves of one face and one heatmap.

    Args:
        network: the model.
        face: (1, …) as the contract's input says.
        heat: (h, w), any size.
        target: class whose probability is followed.
        seed: settles the order of equally hot pixels.
    """
    spec = network.contract.input
    share = ranks(heat, spec, seed) / (spec.height * spec.width)
    mask = _fitting(share[None] < np.linspace(0, 1, STEPS + 1)[:, None, None], spec)
    dull = blurred(face, spec)
    deletion, insertion = np.where(mask, dull, face), np.where(mask, face, dull)
    taken = np.concatenate([share[None] < ROAD_SHARES[:, None, None], share[None] >= 1 - ROAD_SHARES[:, None, None]])
    without = as_fed(imputed(as_picture(face, spec), taken, seed), spec)
    both = np.concatenate([deletion, insertion, without]).astype(np.float32)
    curve = network.answer(both, Request()).probabilities[:, target]
    parts = np.split(curve, np.cumsum([STEPS + 1, STEPS + 1, len(ROAD_SHARES)]))
    return Curves(*parts)


def ranks(heat: Floats, spec: InputSpec, seed: int) -> Floats:
    """Place of every pixel when the hottest comes first, (height, width); chance decides among equals."""
    large = enlarged(heat, spec)
    chance = np.random.default_rng(seed).random(large.size)
    order = np.lexsort((chance, -large.ravel()))
    places = np.empty(large.size, np.float32)
    places[order] = np.arange(large.size)
    return places.reshape(spec.height, spec.width)


def enlarged(heat: Floats, spec: InputSpec) -> Floats:
    """Heat in the size of the input."""
    size = (spec.width, spec.height)
    return np.asarray(cv2.resize(heat.astype(np.float32), size, interpolation=cv2.INTER_LINEAR), np.float32)


def blurred(face: Floats, spec: InputSpec) -> Floats:
    """A face of which only its large shadows are left."""
    picture = as_picture(face, spec)
    soft = cv2.GaussianBlur(picture, (0, 0), BLUR * spec.width).reshape(picture.shape)
    return as_fed(np.asarray(soft[None], np.float32), spec)


def as_picture(face: Floats, spec: InputSpec) -> Floats:
    """One face (1, …) as (H, W, C)."""
    return np.asarray(face[0] if spec.layout == "NHWC" else face[0].transpose(1, 2, 0), np.float32)


def as_fed(pictures: Floats, spec: InputSpec) -> Floats:
    """Pictures (N, H, W, C) in the network's own layout."""
    return pictures if spec.layout == "NHWC" else pictures.transpose(0, 3, 1, 2)


def _fitting(mask: np.ndarray, spec: InputSpec) -> np.ndarray:
    return np.asarray(mask[..., None] if spec.layout == "NHWC" else mask[:, None])
