"""Which crop a network is most often right about: what it learned from is seldom written down.

    every rule ──a part of one half──▶ the best few ──all of that half──▶ the best ──the other half──▶ what it gains

A rule that is the best of sixty on some pictures owes part of that to chance. So what it gains is measured on others,
and where it gains nothing there, the rule of before stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.network.contract import Contract, CropSpec
from emoscope.reading.crops import cut_crops, to_batch
from emoscope.types import Floats, Image

from .labelled import Framed, Labelled, Onlooker, labelled, parted
from .presets import in_words

DISTANCES = (2.1, 2.4, 2.7, 3.0, 3.3, 3.7, 4.2)
LINES = (0.32, 0.36, 0.40, 0.44)
MARGINS = (-0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
RULES = (
    *(CropSpec(wide, line, align) for wide, line, align in product(DISTANCES, LINES, (False, True))),
    *(CropSpec(box_margin=margin) for margin in MARGINS),
)
PICTURES, FIRST, FEW = 1000, 150, 6
"""Pictures that are looked at, those of them that every rule is tried on, and the rules that are tried on more."""
LEAST = 40
"""Faces below which chance alone would choose."""
Ask = Callable[[Floats], Floats]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CropFound:
    """What the search found.

    Attributes:
        best: the rule that seemed best.
        before: the rule of before.
        faces: that the figures are of; none of them helped to choose.
        accuracy: share of right answers with the best rule.
        accuracy_before: likewise, with the rule of before.
        spread: 95 % of the difference, half of the interval.
        whole: share of right answers about bare crops as they are, None where the pictures are photos.
    """

    best: CropSpec
    before: CropSpec
    faces: int
    accuracy: float
    accuracy_before: float
    spread: float
    whole: float | None

    @property
    def crop(self) -> CropSpec:
        """The best rule, or the one of before where that is no worse."""
        return self.best if self.accuracy > self.accuracy_before else self.before

    @property
    def lines(self) -> Iterator[str]:
        """In words."""
        said = {self.best: self.accuracy, self.before: self.accuracy_before}
        told = f"right about {said[self.crop]:.1%} of {self.faces} faces that did not help to choose it"
        if self.crop == self.best != self.before:
            gain = f"{100 * (self.accuracy - self.accuracy_before):+.1f} ± {100 * self.spread:.1f} points"
            yield f"crop: {in_words(self.crop)}, {told} ({gain} against {in_words(self.before)})"
        elif self.best == self.before:
            yield f"crop: {in_words(self.crop)} stays, {told}: none of {len(RULES)} others seemed better"
        else:
            other = f"{in_words(self.best)}, the best of the others, about {self.accuracy:.1%}"
            yield f"crop: {in_words(self.crop)} stays, {told}; {other}"
        if self.whole is not None:
            yield f"crop: of these pictures as they are, {self.whole:.1%}"


def fit_crop(contract: Contract, ask: Ask, data: Path, tell: Callable[[str], None]) -> CropFound:
    """The crop rule with which a network is most often right.

    Args:
        contract: its labels, input, and the rule of before.
        ask: (N, …) faces → (N, classes) probabilities.
        data: folder with a folder of pictures for each class.
        tell: is told what is being done.

    Raises:
        DataError: there are no such pictures, or faces in too few of them.
    """
    pictures = labelled(data, contract.labels, PICTURES)
    halves = parted(pictures, 2)
    rules = list(dict.fromkeys((contract.crop, *RULES)))
    with Onlooker() as onlooker:
        trial = _Trial(contract, ask, onlooker, tell)
        first = trial.points(halves[0][:FIRST], rules)
        few = _best(first, FEW)
        rest = trial.points(halves[0][FIRST:], [rules[place] for place in few])
        best = rules[few[_best(np.concatenate([first[:, few], rest]), 1)[0]]]
        trial.whole.clear()
        last = trial.points(halves[1], [best, contract.crop])
    if len(last) < LEAST:
        raise DataError(f"{data}: a face is found in {len(last)} of {len(halves[1])} pictures; {LEAST} are the least")
    return _judged(best, contract.crop, last[..., 0], trial.whole)


class _Trial:
    """What a network says of pictures, cut by rules.

    Attributes:
        whole: whether it was right about each bare crop as it is.
    """

    def __init__(self, contract: Contract, ask: Ask, onlooker: Onlooker, tell: Callable[[str], None]) -> None:
        self.whole: list[bool] = []
        self._ask, self._onlooker, self._tell = ask, onlooker, tell
        self._contract, self._asked = contract, 0

    def points(self, pictures: Sequence[Labelled], rules: Sequence[CropSpec]) -> Points:
        """(N, rules, 2): whether each answer is right, and the logarithm of the true class's probability.

        Pictures without a face are left out.
        """
        found = [np.empty((0, len(rules), 2))]
        for picture in pictures:
            self._asked += 1
            self._tell(f"looking for the crop: picture {self._asked}")
            seen = self._onlooker.see(picture.path)
            if seen is not None:
                found.append(self._about(seen, picture.truth, rules)[None])
        return np.concatenate(found)

    def _about(self, seen: Framed, truth: int, rules: Sequence[CropSpec]) -> Points:
        spec = self._contract.input
        crops = [cut_crops(seen.frame, [seen.face], self._contract.with_(crop=rule)) for rule in rules]
        if seen.whole is not None:
            crops.append(_sized(seen.whole, self._contract)[None])
        said = self._ask(to_batch(np.concatenate(crops), spec))
        right = said.argmax(1) == truth
        if seen.whole is not None:
            self.whole.append(bool(right[-1]))
        sure = np.log(np.maximum(said[:, truth], 1e-6))
        return np.stack([right, sure], axis=1)[: len(rules)].astype(np.float64)


def _sized(picture: Image, contract: Contract) -> Image:
    """A whole (h, w, 3) BGR picture in the size of the network's input, gray where that is."""
    spec = contract.input
    shrinks = picture.shape[0] > spec.height
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    sized = cv2.resize(picture, (spec.width, spec.height), interpolation=way)
    return np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2GRAY) if spec.channels == "gray" else sized, np.uint8)


def _best(points: Points, number: int) -> list[int]:
    """The rules that are right most often; of equals those that are surest of the truth."""
    right, sure = points.mean(axis=0).T if len(points) else np.zeros((2, points.shape[1]))
    return [int(place) for place in np.lexsort((-sure, -right))[:number]]


def _judged(best: CropSpec, before: CropSpec, right: Points, whole: list[bool]) -> CropFound:
    """What there is to tell. `right` is (N, 2): with each of the two rules."""
    spread = 1.96 * float((right[:, 0] - right[:, 1]).std()) / np.sqrt(len(right))
    seen = float(np.mean(whole)) if whole else None
    accuracy, accuracy_before = map(float, right.mean(axis=0))
    return CropFound(best, before, len(right), accuracy, accuracy_before, float(spread), seen)
