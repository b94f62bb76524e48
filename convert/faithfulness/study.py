"""The measurement: every method at every layer, on many pictures, beside chance and the middle of the picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from emoscope.network.bundle import ModelBundle
from emoscope.network.network import Network, Request
from emoscope.network.scorecam import score_cam
from emoscope.types import Floats

from .curves import Curves, area, measure_curves
from .sanity import forgetful, rank_correlation

SCORE_CAM, RANDOM, CENTRE = "scorecam", "random", "centre"
BASELINES = (RANDOM, CENTRE)
TRIALS = 5
"""Random orders are averaged over this many."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One method at one layer, over all pictures.

    Attributes:
        method: its name, or a baseline's.
        layer: empty for a baseline.
        curves: means over the pictures.
        score: mean area under insertion less area under deletion.
        error: standard error of that mean.
        memory: mean rank correlation with the heat of the network with shuffled weights; NaN where it was not taken.
    """

    method: str
    layer: str
    curves: Curves
    score: float
    error: float
    memory: float

    @property
    def areas(self) -> tuple[float, float]:
        """Areas under deletion and insertion."""
        return area(self.curves.deletion), area(self.curves.insertion)


def explained(pair: ModelBundle, methods: Sequence[str], layers: Sequence[str]) -> list[tuple[str, str]]:
    """Every method at every layer, but saliency once, at the input, where that can be explained."""
    network = Network(pair)
    wanted = product(methods, layers)
    return list(dict.fromkeys((method, network.heat_layer(Request(layer, method=method))) for method, layer in wanted))


def study(
    pair: ModelBundle, faces: Sequence[Floats], places: Sequence[tuple[str, str]], step: Callable[[], None]
) -> list[Finding]:
    """Findings, the most faithful first.

    Args:
        pair: the model.
        faces: each (1, …) as the contract's input says.
        places: methods and the layers they are taken at; Score-CAM may be among them.
        step: called after every face of every place.
    """
    network, empty = Network(pair, kept=1), Network(forgetful(pair), kept=1)
    targets = [int(network.answer(face, Request()).probabilities[0].argmax()) for face in faces]
    found = []
    # One method at one layer for all faces, then the next: a network builds anew what it is asked for in turn.
    for method, layer in places:
        curves, memory = list[Curves](), list[float]()
        for number, (face, target) in enumerate(zip(faces, targets, strict=True)):
            heat = heat_of(network, face, target, method, layer)
            curves.append(measure_curves(network, face, heat, target, number))
            if method != SCORE_CAM:
                memory.append(rank_correlation(heat, heat_of(empty, face, target, method, layer)))
            step()
        found.append(_finding(method, layer, curves, memory))
    return sorted([*found, *_beside(network, faces, targets)], key=lambda one: -one.score)


def _beside(network: Network, faces: Sequence[Floats], targets: Sequence[int]) -> Iterator[Finding]:
    curves: dict[str, list[Curves]] = defaultdict(list)
    for number, (face, target) in enumerate(zip(faces, targets, strict=True)):
        for name, heat in baselines(network, number):
            curves[name].append(measure_curves(network, face, heat, target, number))
    return (_finding(name, "", measured, []) for name, measured in curves.items())


def heat_of(network: Network, face: Floats, target: int, method: str, layer: str) -> Floats:
    """(h, w) of one method at one layer."""
    if method == SCORE_CAM:
        return score_cam(network, face, layer, target)
    heat = network.answer(face, Request(layer=layer, method=method), np.array([target])).heat
    assert heat is not None
    return np.asarray(heat[0])


def baselines(network: Network, number: int) -> Iterator[tuple[str, Floats]]:
    """Chance, and a Gaussian hill in the middle, which is where faces are."""
    height, width = network.contract.input.height, network.contract.input.width
    rng = np.random.default_rng(number)
    for _ in range(TRIALS):
        yield RANDOM, rng.random((height, width), dtype=np.float32)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    yield CENTRE, np.exp(-2 * (x**2 + y**2)).astype(np.float32)


def _finding(method: str, layer: str, curves: Sequence[Curves], memory: Sequence[float]) -> Finding:
    scores = [one.score for one in curves]
    mean = Curves(_mean(one.deletion for one in curves), _mean(one.insertion for one in curves))
    return Finding(
        method,
        layer,
        mean,
        float(np.mean(scores)),
        float(np.std(scores) / np.sqrt(len(scores))),
        float(np.mean(memory)) if memory else float("nan"),
    )


def _mean(curves: Iterable[Floats]) -> Floats:
    return np.asarray(np.mean(list(curves), 0), np.float32)
