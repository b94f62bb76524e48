"""Heat for still pictures: methods that run the network many times for one face, and so are no view of the live window.

x is one face as it is fed, s_c the logit of class c, p_c its probability. A method is one function

    method(question) → heat (h, w), 0–1, divided by its own maximum; all zero where nothing speaks for the class

and a row of `STILLS`. All runs of a method go through the network in batches of `CHUNK`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Floats
from .contract import Contract, InputSpec
from .network import INPUT, NOTHING, Network, Request

CHUNK = 64
"""Pictures per call."""
STEPS = 32
"""Points on the way from black to the picture."""
SAMPLES, SIGMA = 32, 0.15
"""Noisy copies, and the deviation of their noise as a share of the picture's range."""
PATCH, STRIDE = 1 / 4, 1 / 16
"""Edge of the square that hides, and its step, as shares of the picture's width."""


@dataclass(frozen=True, slots=True)
class HeatQuestion:
    """What a method is asked.

    Attributes:
        network: the model.
        face: (1, …) as the contract's input says.
        layer: where Score-CAM takes its maps.
        target: class number that heat speaks for.
        against: class number that it is told against, or NOTHING.
        said: what the network said of all classes before, by digest of the pictures: to be shared by questions about
            one face, whose masked and hidden pictures are the same for each class.
    """

    network: Network
    face: Floats
    layer: str
    target: int
    against: int = NOTHING
    said: dict[bytes, Floats] = field(default_factory=dict, repr=False)

    @property
    def spec(self) -> InputSpec:
        """What a face looks like to the network."""
        return self.network.contract.input

    def chances(self, faces: Floats) -> Floats:
        """p_target, less p_against where there is one, of (N, …) faces. (N,)"""
        parts = [faces[start : start + CHUNK] for start in range(0, len(faces), CHUNK)]
        found = np.concatenate([self._said(part) for part in parts])
        return np.asarray(found[:, self.target] - (found[:, self.against] if self.against >= 0 else 0), np.float32)

    def _said(self, faces: Floats) -> Floats:
        """p of all classes, (N, K)."""
        known = blake2b(faces.tobytes()).digest()
        if known not in self.said:
            self.said[known] = self.network.answer(faces, Request()).probabilities
        return self.said[known]

    def slopes(self, faces: Floats) -> Floats:
        """∂ s_target / ∂ x, less ∂ s_against / ∂ x where there is one, of (N, …) faces. (N, H, W, C)"""
        wish = Request(layer=self.layer, slopes=True, against=self.against)
        parts = [faces[start : start + CHUNK] for start in range(0, len(faces), CHUNK)]
        found = [self.network.answer(part, wish, np.full(len(part), self.target)).slopes for part in parts]
        return np.concatenate([one for one in found if one is not None])

    def as_picture(self, faces: Floats) -> Floats:
        """Faces in the network's layout as (N, H, W, C)."""
        return faces if self.spec.layout == "NHWC" else faces.transpose(0, 2, 3, 1)

    def masked(self, mask: NDArray[np.floating]) -> NDArray[np.floating]:
        """Masks (N, H, W) so that they broadcast against faces."""
        return mask[..., None] if self.spec.layout == "NHWC" else mask[:, None]

    @property
    def black(self) -> Floats:
        """A black picture as the network is fed it."""
        offset = np.broadcast_to(np.asarray(self.spec.offset, np.float32), (self.spec.depth,))
        fitting = offset if self.spec.layout == "NHWC" else offset[:, None, None]
        return np.asarray(np.ones_like(self.face) * fitting, np.float32)


Still = Callable[[HeatQuestion], Floats]


def score_cam(q: HeatQuestion) -> Floats:
    """max(Σ_k w_k A_k, 0), w_k = p(x seen through map k) − p(nothing seen). Wang et al. 2020, arXiv:1910.01279.

    In the form of their own code: probabilities, not rescaled. Every map costs a run of the network.
    """
    maps = q.network.answer(q.face, Request(layer=q.layer, maps=True)).maps
    assert maps is not None
    masks = np.stack([_mask(one, q.spec.width, q.spec.height) for one in np.moveaxis(maps[0], -1, 0)])
    gains = q.chances(q.face * q.masked(masks)) - q.chances(np.zeros_like(q.face))
    return normalised(maps[0] @ gains)


def integrated_gradients(q: HeatQuestion) -> Floats:
    """max(Σ_C IG, 0), IG = (x − x₀) · mean of ∂s/∂x on the way from x₀. Sundararajan et al. 2017, arXiv:1703.01365.

    x₀ is a black picture. What IG adds up to over all pixels is s(x) − s(x₀); the way has 32 points, each in the middle
    of its part.
    """
    return normalised(integrated(q).sum(2))


def integrated(q: HeatQuestion) -> Floats:
    """IG itself, signed, (H, W, C)."""
    shares = ((np.arange(STEPS) + 0.5) / STEPS).astype(np.float32).reshape(-1, *[1] * (q.face.ndim - 1))
    way = q.slopes(q.black + shares * (q.face - q.black)).mean(0)
    return np.asarray(q.as_picture(q.face - q.black)[0] * way, np.float32)


def smoothgrad(q: HeatQuestion) -> Floats:
    """max_C |mean of ∂s/∂x over noisy copies of x|. Smilkov et al. 2017, arXiv:1706.03825, with 32 copies, σ = 15 %."""
    noise = np.random.default_rng(0).normal(size=(SAMPLES, *q.face.shape[1:])).astype(np.float32)
    spread = SIGMA * float(np.ptp(q.face))
    return normalised(np.abs(q.slopes(q.face + spread * noise).mean(0)).max(2))


def occlusion(q: HeatQuestion) -> Floats:
    """p(x) − p(x with a square of it hidden), for every place of the square. Zeiler and Fergus 2014, arXiv:1311.2901.

    What hides is the picture's own mean, a quarter of its width wide, and moves by a sixteenth; a pixel's heat is the
    mean over the squares that hide it.
    """
    height, width = q.spec.height, q.spec.width
    edge, stride = max(1, round(PATCH * width)), max(1, round(STRIDE * width))
    rows, columns = (range(-(edge // 2), size - edge // 2, stride) for size in (height, width))
    hiding = np.zeros((len(rows) * len(columns), height, width), np.float32)
    for number, (y, x) in enumerate((y, x) for y in rows for x in columns):
        hiding[number, max(0, y) : y + edge, max(0, x) : x + edge] = 1
    mean = q.face.mean(tuple(range(1, 3)) if q.spec.layout == "NHWC" else (2, 3), keepdims=True)
    hidden = np.concatenate([np.where(q.masked(part[None]) > 0, mean, q.face) for part in hiding]).astype(np.float32)
    drops = q.chances(q.face) - q.chances(hidden)
    return normalised(np.tensordot(drops, hiding, 1) / np.maximum(hiding.sum(0), 1))


STILLS: dict[str, Still] = {
    "scorecam": score_cam,
    "integrated": integrated_gradients,
    "smoothgrad": smoothgrad,
    "occlusion": occlusion,
}
"""Name → method. Those of the graph, which are live, stand in the contract."""

SLOPES = "gradientxinput"
"""A graph that has this method has the slope at the input, which it is made of, and which some others need."""
NEED_SLOPES = frozenset({"integrated", "smoothgrad"})
"""Those that need the gradient at the input, which bundles that were converted without it do not offer."""
AT_LAYER = frozenset({"scorecam"})
"""Those that are taken at a layer; the others are about the input's own pixels."""


def methods_of(contract: Contract, layer: str) -> tuple[str, ...]:
    """All methods of a model at a layer: those of its graph, then those for stills that it can answer."""
    spec = contract.layer(layer)
    masks = spec.height * spec.width > 1 and spec.channels <= MOST_MASKS
    left_out = (set() if masks else AT_LAYER) | (set() if SLOPES in contract.methods else NEED_SLOPES)
    return (*contract.methods, *(name for name in STILLS if name not in left_out))


MOST_MASKS = 512
"""Maps of a layer up to which Score-CAM is taken: it runs the network once for each of them."""


def still_layer(method: str, layer: str) -> str:
    """Where the heat of a method is taken."""
    return layer if method in AT_LAYER else INPUT


def normalised(heat: NDArray[np.floating]) -> Floats:
    """max(heat, 0), divided by its maximum; zero where that is zero."""
    rising = np.maximum(heat, 0)
    return np.asarray(rising / max(float(rising.max()), np.finfo(np.float32).tiny), np.float32)


def _mask(one: Floats, width: int, height: int) -> Floats:
    """A map, enlarged to the picture and stretched to 0–1; a flat map hides everything."""
    low, high = float(one.min()), float(one.max())
    stretched = (one - low) / (high - low) if high > low else np.zeros_like(one)
    return np.asarray(cv2.resize(stretched, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
