"""A network against a split of a data set: which pictures count, what the truth is, and the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.network.contract import CropSpec, InputSpec
from emoscope.types import Floats

from ..data.cutting import AUTO, Cutter
from ..data.dataset import Dataset, Split
from ..data.duplicates import standing_in
from ..data.load import load, with_votes
from ..data.membership import together
from ..data.splitting import Splitting
from ..data.telling import what_was_read
from ..data.votes import read_votes
from .classifier import Classifier
from .cropped import CropCheck, check_crops
from .metrics import Figures, figures
from .robustness import DegradationRow, robustness

OF_PICTURES = "pictures_sha256"


@dataclass(frozen=True, slots=True)
class Question:
    """What a network is asked.

    Attributes:
        data: folder or CSV file of the data set.
        split: "train", "validation", "test" or "all".
        votes: FER+ votes to judge against their majorities, or None for the data set's own labels.
        flip: whether answers are averaged with those for the mirror image.
        leak_free: whether pictures that also stand in the training split are left out.
        seed: of the held-out pictures where the data set does not name them; None for that of the network's own run.
        cut: whether faces are cut out of the pictures, a word of CUTS; each network says how.
        numbers: what class folders that are numbers mean, see `emoscope.models.data.numbers`.
    """

    data: Path
    split: str = "test"
    votes: Path | None = None
    flip: bool = False
    leak_free: bool = False
    seed: int | None = None
    cut: str = AUTO
    numbers: str = ""


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

    Where the data set does not say which pictures are held out, those are judged on that no network has learnt from.

    Args:
        question: what is asked.
        networks: all that will be judged.
        tell: is told what one should know of the pictures, a line at a time.
    """

    def __init__(
        self,
        question: Question,
        networks: Sequence[Classifier] = (),
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._question, self._tell = question, tell
        learnt = [network.learnt for network in networks if network.learnt]
        self._known = together(learnt).splits if learnt and question.seed is None else None
        self._read: dict[tuple[InputSpec, CropSpec, tuple[str, ...], Splitting], Dataset] = {}
        self._splits: dict[str, Split] = {}
        self._answers: dict[str, Floats] = {}
        self._told: set[str] = set()

    def judge(self, classifier: Classifier) -> Verdict:
        """The verdict on one network.

        Raises:
            DataError: the data set cannot be read, none of its pictures count, or it is not known which do.
        """
        return verdict(classifier, self._split(classifier), answers=self.answers(classifier))

    def answers(self, classifier: Classifier) -> Floats:
        """(N, K) what a network says of the pictures that it is judged on; it is asked once."""
        if classifier.name not in self._answers:
            self._answers[classifier.name] = classifier.answers(self._split(classifier).images, self._question.flip)
        return self._answers[classifier.name]

    def check_crops(self, classifier: Classifier) -> CropCheck:
        """What the way through detector and cropper costs the network on the same pictures."""
        return check_crops(classifier, self._split(classifier))

    def robustness(self, classifier: Classifier) -> Iterator[DegradationRow]:
        """How the network does on the same pictures, degraded."""
        split = self._split(classifier)
        return robustness(classifier, split.images, split.classes(), self._question.seed or 0, self._question.flip)

    def pictures(self, classifier: Classifier) -> Split:
        """The pictures that a network is judged on, in its own size and colours; the same ones for every network."""
        return self._split(classifier)

    def _split(self, classifier: Classifier) -> Split:
        if classifier.name not in self._splits:
            data = self._data(classifier)
            split = self._counted(data, classifier)
            for line in (*what_was_read(data), *self._doubts(data, split, classifier)):
                if line not in self._told:
                    self._told.add(line)
                    self._tell(line)
            self._splits[classifier.name] = split
        return self._splits[classifier.name]

    def _data(self, classifier: Classifier) -> Dataset:
        question, held_out = self._question, classifier.contract.held_out
        splitting = Splitting(question.seed or 0)
        if question.seed is None and held_out:
            splitting = Splitting(**{name: value for name, value in asdict(held_out).items() if name != OF_PICTURES})
        key = classifier.input, classifier.contract.crop, classifier.labels, splitting
        if key not in self._read:
            with Cutter(question.cut, classifier.contract) as cutter:
                arguments = question.data, classifier.input, classifier.labels, splitting
                self._read[key] = load(
                    *arguments, complete=False, cutter=cutter, known=self._known, numbers=question.numbers
                )
        return self._read[key]

    def _counted(self, data: Dataset, classifier: Classifier) -> Split:
        """The pictures of the split that count: of decided truth and, where asked, not in training."""
        question = self._question
        if question.votes:
            data = with_votes(data, read_votes(question.votes, data.labels), ("votes",))
        split = data.split(question.split)
        counts: NDArray[np.bool_] = split.decided()
        if question.leak_free and classifier.learnt:
            counts = counts & ~classifier.learnt.learnt(split)
        if question.leak_free and not classifier.learnt and "train" not in data.splits:
            told = f"--leak-free cannot tell what {classifier.name} has learnt from: {question.data} has no train split"
            cure = "give the whole data set that it was trained on, or the model.keras of its run, or leave it out"
            raise DataError(f"{told}, and the network does not say: {cure}")
        if question.leak_free and "train" in data.splits:
            counts = counts & ~standing_in(split, data.split("train"))
        if not counts.any():
            raise DataError(f"{question.data}: no picture of the {question.split} split is left to judge")
        return split.take(counts)

    def _doubts(self, data: Dataset, split: Split, classifier: Classifier) -> Iterator[str]:
        """What one should know of the figures."""
        question, held_out = self._question, classifier.contract.held_out
        if classifier.ending:
            yield f"{classifier.name} answers {classifier.ending}: they are made probabilities that add up to one"
        if classifier.learnt and question.split != "train":
            seen = int(classifier.learnt.learnt(split).sum())
            if seen:
                told = f"{classifier.name} has learnt from {seen:,} of the {len(split):,} pictures it is judged on"
                yield f"{told}: --leak-free leaves them out"
        elif (
            held_out
            and not data.divided
            and question.split != "train"
            and data.pictures_sha256 != held_out.pictures_sha256
        ):
            yield (
                f"{classifier.name} was trained when {question.data} held other pictures, or was divided otherwise: "
                "it may have learnt from some that are held out now; the model.keras of its run knows from which"
            )
        others = next(iter(self._splits.values()), split)
        if len(others) != len(split) or (others.digests != split.digests).any():
            yield "the networks are judged on different pictures, each on those that its own run held out"


def verdict(
    classifier: Classifier,
    split: Split,
    task: int = 0,
    flip: bool = False,
    name: str = "",
    answers: Floats | None = None,
) -> Verdict:
    """How a network does on a split against one of its label sets.

    Args:
        classifier: the network.
        split: pictures of one size, and their targets.
        task: number of the label set.
        flip: whether answers are averaged with those for the mirror image.
        name: that it is told under; "" for the network's own.
        answers: (N, K) probabilities that were asked for already; None to ask now.
    """
    told = classifier.answers(split.images, flip) if answers is None else answers
    measured = figures(told, split.classes(task), classifier.labels)
    speed = classifier.ms_per_face(split.images[0])
    return Verdict(name or classifier.name, classifier.labels, classifier.parameters, speed, measured)
