"""The measurement: every method at every layer, on many pictures, beside chance and the middle of the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from emoscope.network.bundle import ModelBundle
from emoscope.network.network import Network, Request
from emoscope.network.stills import STILLS, HeatQuestion, still_layer
from emoscope.types import Floats

from ..labelled import evenly
from .curves import Curves, area, enlarged, measure_curves
from .interval import Interval, interval
from .regions import REGIONS, pointing, regions
from .sanity import EVERYTHING, forgetful, rank_correlation, stages

RANDOM, CENTRE = "random", "centre"
BASELINES = (RANDOM, CENTRE)
TRIALS = 5
"""Random orders are averaged over this many."""
REMEMBERED = 24
"""Pictures on which heat is compared with that of networks with shuffled weights."""
FEWEST = 5
"""Pictures of a class from which on its own figures are worth a line."""


@dataclass(frozen=True, slots=True)
class MethodStudy:
    """One method at one layer, over all pictures.

    Attributes:
        method: its name, or a baseline's.
        layer: empty for a baseline.
        curves: means over the pictures.
        scores: (N,) area under insertion less area under deletion, of each picture.
        roads: (N,) ROAD's score of each picture.
        targets: (N,) predicted class of each picture, which heat spoke for.
        memories: what was shuffled → mean rank correlation of the heat with that of such a network.
        regions: part of the face → mean correlation of the heat with it.
        ends: class → its mean probability on the pictures of that class, and on the same pictures blurred all over.
    """

    method: str
    layer: str
    curves: Curves
    scores: NDArray[np.float64]
    roads: NDArray[np.float64]
    targets: NDArray[np.int64]
    memories: Mapping[str, float] = field(default_factory=dict)
    regions: Mapping[str, float] = field(default_factory=dict)
    ends: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    @property
    def areas(self) -> tuple[float, float]:
        """Areas under deletion and insertion."""
        return area(self.curves.deletion), area(self.curves.insertion)

    @property
    def both(self) -> NDArray[np.float64]:
        """(N,) the mean of both scores, by which methods are ranked."""
        return (self.scores + self.roads) / 2

    @property
    def score(self) -> float:
        """The mean of both scores over all pictures."""
        return float(self.both.mean())

    @property
    def memory(self) -> float:
        """Correlation with the heat of a network that forgot everything; NaN where it was not taken."""
        return self.memories.get(EVERYTHING, float("nan"))

    def of_class(self, number: int) -> Interval | None:
        """Both scores on pictures of one class; None where they are too few to speak of."""
        chosen = self.both[self.targets == number]
        return interval(chosen.tolist()) if len(chosen) >= FEWEST else None


def explained(bundle: ModelBundle, methods: Sequence[str], layers: Sequence[str]) -> list[tuple[str, str]]:
    """Every method at every layer, but those of the input's own pixels once, there."""
    network = Network(bundle)
    return list(dict.fromkeys((method, _where(network, method, layer)) for method, layer in product(methods, layers)))


def _where(network: Network, method: str, layer: str) -> str:
    return still_layer(method, layer) if method in STILLS else network.heat_layer(Request(layer, method=method))


def study(
    bundle: ModelBundle, faces: Sequence[Floats], places: Sequence[tuple[str, str]], step: Callable[[], None]
) -> list[MethodStudy]:
    """Findings, the most faithful first.

    Args:
        bundle: the model.
        faces: each (1, …) as the contract's input says.
        places: methods and the layers they are taken at; those for stills may be among them.
        step: called after every face of every place, and of every baseline.
    """
    network = Network(bundle, kept=1)
    empty = {stage: Network(forgetful(bundle, stage), kept=1) for stage in stages(bundle.contract)}
    targets = [int(network.answer(face, Request()).probabilities[0].argmax()) for face in faces]
    masks, found = regions(bundle.contract), []
    remembered = set(evenly(range(len(faces)), REMEMBERED))  # the first ones might be of one class
    # One method at one layer for all faces, then the next: a network builds anew what it is asked for in turn.
    for method, layer in places:
        curves, pointed = list[Curves](), list[list[float]]()
        memories: dict[str, list[float]] = {stage: [] for stage in empty}
        for number, (face, target) in enumerate(zip(faces, targets, strict=True)):
            heat = heat_of(network, face, target, method, layer)
            curves.append(measure_curves(network, face, heat, target, number))
            pointed.append(pointing(enlarged(heat, bundle.contract.input), masks))
            if method not in STILLS and number in remembered:
                for stage, forgot in empty.items():
                    memories[stage].append(rank_correlation(heat, heat_of(forgot, face, target, method, layer)))
            step()
        means = {stage: float(np.mean(values)) for stage, values in memories.items() if values}
        found.append(_finding(method, layer, curves, targets, means, pointed))
    return sorted([*found, *_beside(network, faces, targets, step)], key=lambda one: -one.score)


def heat_of(network: Network, face: Floats, target: int, method: str, layer: str) -> Floats:
    """Heat of one method at one layer for one face, (h, w), 0–1.

    Args:
        network: the model.
        face: (1, …) as the contract's input says.
        target: number of the class that it speaks for.
        method: a CAM method, or one that takes many runs.
        layer: that it is taken from.
    """
    if method in STILLS:
        return STILLS[method](HeatQuestion(network, face, layer, target))
    heat = network.answer(face, Request(layer=layer, method=method), np.array([target])).heat
    assert heat is not None
    return np.asarray(heat[0])


def _beside(
    network: Network, faces: Sequence[Floats], targets: Sequence[int], step: Callable[[], None]
) -> Iterator[MethodStudy]:
    masks, spec = regions(network.contract), network.contract.input
    for name in BASELINES:
        curves, pointed = list[Curves](), list[list[float]]()
        for number, (face, target) in enumerate(zip(faces, targets, strict=True)):
            heats = list(baselines(network, number, name))
            curves.append(_mean([measure_curves(network, face, heat, target, number) for heat in heats]))
            pointed.append(pointing(enlarged(heats[0], spec), masks))
            step()
        yield _finding(name, "", curves, targets, {}, pointed)


def baselines(network: Network, number: int, name: str) -> Iterator[Floats]:
    """Chance, several times, or a Gaussian hill in the middle, which is where faces are."""
    height, width = network.contract.input.height, network.contract.input.width
    rng = np.random.default_rng(number)
    for _ in range(TRIALS if name == RANDOM else 0):
        yield rng.random((height, width), dtype=np.float32)
    if name == CENTRE:
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        yield np.exp(-2 * (x**2 + y**2)).astype(np.float32)


def _finding(
    method: str,
    layer: str,
    curves: Sequence[Curves],
    targets: Sequence[int],
    memories: Mapping[str, float],
    pointed: Sequence[Sequence[float]],
) -> MethodStudy:
    return MethodStudy(
        method,
        layer,
        _mean(curves),
        np.array([one.score for one in curves]),
        np.array([one.road for one in curves]),
        np.array(targets, np.int64),
        memories,
        dict(zip(REGIONS, np.mean(pointed, 0).tolist(), strict=True)),
        {number: _ends(curves, targets, number) for number in set(targets)},
    )


def _ends(curves: Sequence[Curves], targets: Sequence[int], number: int) -> tuple[float, float]:
    """A fully blurred face is something to the network too: where it is this class, deletion cannot judge it."""
    own = [one.deletion for one, target in zip(curves, targets, strict=True) if target == number]
    return float(np.mean([curve[0] for curve in own])), float(np.mean([curve[-1] for curve in own]))


def _mean(curves: Sequence[Curves]) -> Curves:
    return Curves(*(_stacked(getattr(one, name) for one in curves) for name in Curves.__slots__))


def _stacked(curves: Iterable[Floats]) -> Floats:
    return np.asarray(np.mean(list(curves), 0), np.float32)
