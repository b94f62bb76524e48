"""A network against a split of a data set: which pictures count, what the truth is, and the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.network.contract import CropSpec, InputSpec

from ..data.cutting import AUTO, Cutter
from ..data.dataset import Dataset, Split
from ..data.duplicates import standing_in
from ..data.load import load, with_votes
from ..data.telling import what_was_read
from ..data.votes import read_votes
from .classifier import Classifier
from .cropped import CropCheck, check_crops
from .metrics import Figures, figures
from .robustness import DegradationRow, robustness


@dataclass(frozen=True, slots=True)
class Question:
    """What a network is asked.

    Attributes:
        data: folder or CSV file of the data set.
        split: "train", "validation", "test" or "all".
        votes: FER+ votes to judge against their majorities, or None for the data set's own labels.
        flip: whether answers are averaged with those for the mirror image.
        leak_free: whether pictures that also stand in the training split are left out.
        seed: of the held-out pictures where the data set does not name them.
        cut: whether faces are cut out of the pictures, a word of CUTS; each network says how.
    """

    data: Path
    split: str = "test"
    votes: Path | None = None
    flip: bool = False
    leak_free: bool = False
    seed: int = 0
    cut: str = AUTO


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one network did.

    Attributes:
        name: of the network.
        labels: its classes.
        parameters: number of its weights.
        ms_per_face: median time for one face at a time; Keras pays its own overhead here.
        figures: everything measured.
    """

    name: str
    labels: tuple[str, ...]
    parameters: int
    ms_per_face: float
    figures: Figures


class Judge:
    """Judges networks on the same pictures; a data set is read once for every input that networks ask for.

    Args:
        question: what is asked.
        tell: is told what was left out of the data set, a line at a time.
    """

    def __init__(self, question: Question, tell: Callable[[str], None] = lambda line: None) -> None:
        self._question, self._tell = question, tell
        self._read: dict[tuple[InputSpec, CropSpec, tuple[str, ...]], Split] = {}
        self._told: set[str] = set()

    def judge(self, classifier: Classifier) -> Verdict:
        """The verdict on one network.

        Raises:
            DataError: the data set cannot be read, or none of its pictures count.
        """
        return verdict(classifier, self._split(classifier), flip=self._question.flip)

    def check_crops(self, classifier: Classifier) -> CropCheck:
        """What the way through detector and cropper costs the network on the same pictures."""
        return check_crops(classifier, self._split(classifier))

    def robustness(self, classifier: Classifier) -> Iterator[DegradationRow]:
        """How the network does on the same pictures, degraded."""
        split = self._split(classifier)
        return robustness(classifier, split.images, split.classes(), self._question.seed, self._question.flip)

    def pictures(self, classifier: Classifier) -> Split:
        """The pictures that a network is judged on, in its own size and colours; the same ones for every network."""
        return self._split(classifier)

    def _split(self, classifier: Classifier) -> Split:
        key = classifier.input, classifier.contract.crop, classifier.labels
        if key not in self._read:
            self._read[key] = self._counted(self._data(classifier))
        return self._read[key]

    def _data(self, classifier: Classifier) -> Dataset:
        question = self._question
        with Cutter(question.cut, classifier.contract) as cutter:
            data = load(question.data, classifier.input, classifier.labels, question.seed, False, cutter)
        for line in what_was_read(data):
            if line not in self._told:
                self._told.add(line)
                self._tell(line)
        return data

    def _counted(self, data: Dataset) -> Split:
        """The pictures of the split that count: of decided truth and, where asked, not in training."""
        question = self._question
        if question.votes:
            data = with_votes(data, read_votes(question.votes, data.labels), ("votes",))
        split = data.split(question.split)
        counts: NDArray[np.bool_] = split.decided()
        if question.leak_free:
            counts = counts & ~standing_in(split, data.split("train"))
        if not counts.any():
            raise DataError(f"{question.data}: no picture of the {question.split} split is left to judge")
        return split.take(counts)


def verdict(classifier: Classifier, split: Split, task: int = 0, flip: bool = False, name: str = "") -> Verdict:
    """How a network does on a split against one of its label sets."""
    measured = figures(classifier.answers(split.images, flip), split.classes(task), classifier.labels)
    speed = classifier.ms_per_face(split.images[0])
    return Verdict(name or classifier.name, classifier.labels, classifier.parameters, speed, measured)
