"""From the student's two heads to the networks that ship: which mixture, which prior, which temperature; by rule.

    python -m emoscope.models.distillation.ship faces.npz RUN/refined.npz -o MODELS

The votes' head and the labels' head are mixed in their logits; a share τ of the mixture's prior is taken off; both are
folded into one dense layer. The rule, written down before anything was chosen by it:

    the mixture and τ with the highest mean of two balanced accuracies, on PublicTest (FER+ majorities) and on a set
    that was not trained on (CK+48), among those that name at least LEAST of PublicTest's majorities

The temperature is the highest at which the expected calibration error on PublicTest is at most OFF: the calmer, the
fewer wrong answers come surely. Of two thresholds one is the confidence from which on 90 % of what is said on
PublicTest is right, the other the quality below which most answers to degraded pictures are not those to the clean one.

MODELS/ferplus.keras, fer2013.keras     with NAME.contract.json beside; ferplus.choice.csv: every mixture tried
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import Contract, Threshold
from emoscope.reading.crops import fed
from emoscope.system.atomic import atomic_write

from .. import backend
from ..architectures import Design, architecture, build
from ..evaluation.degradations import degraded
from ..evaluation.metrics import calibration_error, reliability
from ..evaluation.robustness import row
from ..labels import EMOTIONS
from ..plan import FER2013_CROP
from .faces import Faces, unpack

CLASSES = len(EMOTIONS)
AT_ONCE = 256
LEAST = 0.87
MIXTURES = tuple(np.round(np.arange(1, 0.29, -0.05), 2))
"""Shares of the votes' head."""
TAUS = tuple(np.round(np.arange(0, 1.001, 0.01), 2))
WORSE = ("blur-2", "small-16", "small-12", "noise-25", "dark-0.1", "dim-0.3-5", "dim-0.1-5", "jpeg-10")
"""What PublicTest is degraded by for the temperature and the thresholds."""
SAID_RIGHT = 0.9
OFF = 0.026
TEMPERATURES = tuple(number / 100 for number in range(30, 300))

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mixture:
    """One mixture of the heads, and what it does.

    Attributes:
        votes: share of the votes' head.
        tau: share of the prior that is taken off.
        public: accuracy on PublicTest's majorities.
        public_balanced: mean recall of the classes there.
        beside: accuracy on the other set.
        beside_balanced: mean recall there.
    """

    votes: float
    tau: float
    public: float
    public_balanced: float
    beside: float
    beside_balanced: float

    @property
    def merit(self) -> float:
        """What the rule maximises."""
        return (self.public_balanced + self.beside_balanced) / 2


class TwoHeads:
    """The trained network with both heads."""

    def __init__(self, path: Path) -> None:
        keras = backend.keras()
        design = Design(architecture("emoscope").input, 2 * CLASSES, dropout=0.0, quality=True)
        self.network = build("emoscope", design)
        with np.load(path) as file:
            for variable in self.network.variables:
                variable.assign(file[variable.path])
        outputs = [self.network.get_layer(name).output for name in ("logits", "quality")]
        self._both = keras.Model(self.network.inputs, outputs)

    def answers(self, pictures: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """(N, 2, K) log-probabilities of both heads and (N,) quality for (N, 48, 48) pictures."""
        inputs = fed(pictures[..., None], architecture("emoscope").input)
        parts = [self._both([inputs[at : at + AT_ONCE]], training=False) for at in range(0, len(inputs), AT_ONCE)]
        logits = np.concatenate([np.asarray(one) for one, _ in parts]).reshape(-1, 2, CLASSES).astype(np.float64)
        shifted = logits - logits.max(-1, keepdims=True)
        shares = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        return np.asarray(shares, np.float32), np.concatenate([np.asarray(one)[:, 0] for _, one in parts])

    def folded(self, weights: Floats, prior: Floats, tau: float, by: float) -> Any:
        """A network with one head, which answers as a mixture of both does.

        Args:
            weights: (2,) shares of the heads, which sum to 1.
            prior: (K,) share of each class in training.
            tau: how much of the log prior is taken off, 0–1.
            by: temperature that the logits are divided by.
        """
        design = Design(architecture("emoscope").input, CLASSES, dropout=0.0, quality=True)
        single = build("emoscope", design)
        for ours, theirs in zip(single.layers, self.network.layers, strict=True):
            if ours.name != "logits":
                ours.set_weights(theirs.get_weights())
        kernel, bias = self.network.get_layer("logits").get_weights()
        kernel = kernel.reshape(len(kernel), 2, CLASSES)
        mixed = np.tensordot(kernel, weights, axes=([1], [0])), weights @ bias.reshape(2, CLASSES) - tau * np.log(prior)
        single.get_layer("logits").set_weights([mixed[0] / by, mixed[1] / by])
        return single


def priors(train: Faces) -> tuple[Floats, Floats]:
    """Shares of the classes among the votes, and among the labels."""
    votes = train.votes.sum(0)
    labels = np.bincount(train.labels, minlength=CLASSES)
    return np.asarray(votes / votes.sum(), np.float32), np.asarray(labels / labels.sum(), np.float32)


def mixed_prior(votes: float, both: tuple[Floats, Floats]) -> Floats:
    """The prior of a mixture in logits: the weighted geometric mean."""
    shares = both[0] ** votes * both[1] ** (1 - votes)
    return np.asarray(shares / shares.sum(), np.float32)


def mixed(said: Floats, votes: float, tau: float, both: tuple[Floats, Floats]) -> Floats:
    """(N, K) logits of a mixture.

    Args:
        said: (N, 2, K) log-probabilities of both heads.
        votes: share of the votes' head, 0–1.
        tau: how much of the log prior is taken off, 0–1.
        both: (K,) priors of votes and of labels.
    """
    return np.asarray(
        votes * said[:, 0] + (1 - votes) * said[:, 1] - tau * np.log(mixed_prior(votes, both)), np.float32
    )


def in_logits(prior: Floats, by: float) -> tuple[float, ...]:
    """The prior as it counts in logits that were divided by a temperature: shares to the power 1/T, summing to 1."""
    shares = prior.astype(np.float64) ** (1 / by)
    return tuple(float(one) for one in np.round(shares / shares.sum(), 7))


def scores(logits: Floats, truth: NDArray[np.int64]) -> tuple[float, float]:
    """Accuracy and mean recall of the classes that there are."""
    right = logits.argmax(1) == truth
    return float(right.mean()), float(np.mean([right[truth == one].mean() for one in np.unique(truth)]))


def choose(choices: list[Mixture], least: float = LEAST) -> Mixture:
    """The best by the rule; the surest on PublicTest where none is good enough there."""
    good = [one for one in choices if one.public >= least]
    return max(good, key=lambda one: one.merit) if good else max(choices, key=lambda one: one.public)


def softmax(logits: Floats) -> Floats:
    """Probabilities."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)


def calmest(logits: Floats, truth: NDArray[np.int64]) -> float:
    """The highest temperature whose calibration error is at most `OFF`; that of the least where there is none."""
    errors = {by: calibration_error(reliability(softmax(logits / by), truth)) for by in TEMPERATURES}
    return max((by for by, error in errors.items() if error <= OFF), default=min(errors, key=lambda by: errors[by]))


def said_from(confidence: Floats, right: NDArray[np.bool_], wanted: float, where: str) -> Threshold:
    """The lowest confidence from which on the share `wanted` of the answers is right.

    Args:
        confidence: (N,) of the answers, 0–1.
        right: (N,) which of them are.
        wanted: share of the answers that is to be right, 0–1.
        where: what it was measured on, for the contract.
    """
    order = np.argsort(-confidence)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last = int(np.flatnonzero(share >= wanted).max(initial=0))
    below = math.ceil(1000 * float(confidence[order[last]])) / 1000
    said = confidence >= below
    return Threshold(below, round(float(right[said].mean()), 4), round(float(said.mean()), 4), where)


class Shipping:
    """The way from the student to the two files."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.folder, self.least = given.output, given.least
        self.folder.mkdir(parents=True, exist_ok=True)
        sets = unpack(given.faces)
        self.public, self.beside = sets["validation"], sets[given.beside]
        self.both = priors(sets["train"])
        self.student = TwoHeads(given.student)
        self.clean, self.clean_quality, self.other, self.worse, self.worse_quality = self._asked()

    def _asked(self) -> list[Floats]:
        """What the student says of all pictures; kept, so that another rule costs nothing."""
        kept = self.folder / "answers.npz"
        if not kept.exists():
            clean, other = self.student.answers(self.public.pictures), self.student.answers(self.beside.pictures)
            worse = [self.student.answers(degraded(self.public.pictures, name)) for name in WORSE]
            said = [*clean, other[0], *(np.concatenate(list(parts)) for parts in zip(*worse, strict=True))]
            np.savez(kept, *said)
        with np.load(kept) as file:
            return [file[name] for name in file.files]

    def go(self) -> None:
        """Both networks."""
        decided = self.public.majorities >= 0
        truth = self.public.majorities[decided]
        choices = []
        for votes, tau in product(MIXTURES, TAUS):
            public = scores(mixed(self.clean[decided], votes, tau, self.both), truth)
            choices.append(Mixture(votes, tau, *public, *scores(self.abroad(votes, tau), self.beside.labels)))
        lines = ["votes,tau,public,public_balanced,beside,beside_balanced,mean"]
        lines += [",".join(f"{value:.4f}" for value in (*_values(one), one.merit)) for one in choices]
        atomic_write(self.folder / "ferplus.choice.csv", "\n".join(lines) + "\n")
        best = choose(choices, self.least)
        print(best, f"mean {best.merit:.4f}")
        self.write("ferplus", best.votes, best.tau, np.where(decided, self.public.majorities, -1), "FER+ majorities")
        self.write("fer2013", 0.0, 0.0, self.public.labels, "FER2013 labels")

    def write(self, name: str, votes: float, tau: float, truth: NDArray[np.int64], what: str) -> None:
        """One file, its temperature fitted, its thresholds measured.

        Args:
            name: of the file.
            votes: share of the votes' head, 0–1.
            tau: how much of the log prior is taken off, 0–1.
            truth: (N,) classes of PublicTest, −1 where nobody decided.
            what: how that truth was found, for the contract.
        """
        prior = mixed_prior(votes, self.both)
        decided = truth >= 0
        clean = mixed(self.clean, votes, tau, self.both)
        worse = mixed(self.worse, votes, tau, self.both)
        by = calmest(clean[decided], truth[decided])
        sure = softmax(clean / by)[decided]
        where = f"PublicTest, {what}"
        unsure = said_from(sure.max(1), sure.argmax(1) == truth[decided], SAID_RIGHT, where)
        unreadable = self.unreadable(clean, worse, truth)
        contract = Contract(
            EMOTIONS, architecture("emoscope").input, FER2013_CROP, default_layer="pool2", default_method="layercam",
            prior=in_logits(prior, by), default_prior=float(tau),
            unsure=unsure, unreadable=unreadable,
        )  # fmt: skip
        weights = np.array([votes, 1 - votes], np.float32)
        network = self.student.folded(weights, prior, tau, by)
        network.save(self.folder / f"{name}.keras")
        atomic_write(self.folder / f"{name}.contract.json", contract.to_json() + "\n")
        sets = [("PublicTest", clean[decided], truth[decided]), ("beside", self.abroad(votes, tau), self.beside.labels)]
        for place, logits, right in sets:
            told = row(place, softmax(logits / by), right, EMOTIONS)
            print(place, f"ECE {told.calibration_error:.3f}, wrong at 0.8 or more {told.surely_wrong:.0%}")
        print(f"{name}: votes {votes} tau {tau} temperature {by:.3f} unsure {unsure} unreadable {unreadable}")

    def abroad(self, votes: float, tau: float) -> Floats:
        """Logits of the mixture for the other set."""
        return mixed(self.other, votes, tau, self.both)

    def unreadable(self, clean: Floats, worse: Floats, truth: NDArray[np.int64]) -> Threshold:
        """The quality at which half of the answers to degraded pictures are the answers to the clean ones."""
        same = worse.argmax(1) == np.tile(clean.argmax(1), len(WORSE))
        order = np.argsort(self.worse_quality)
        window = max(1, len(order) // 100)
        smooth = np.convolve(same[order], np.ones(window) / window, "same")
        below = round(float(self.worse_quality[order[int(np.argmax(smooth >= 0.5))]]), 2)
        said = self.clean_quality >= below
        decided = truth >= 0
        right = float((clean.argmax(1) == truth)[said & decided].mean())
        return Threshold(below, round(right, 4), round(float(said.mean()), 4), "PublicTest")


def _values(choice: Mixture) -> tuple[float, ...]:
    return (
        choice.votes, choice.tau, choice.public, choice.public_balanced, choice.beside, choice.beside_balanced,
    )  # fmt: skip


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("faces", type=Path)
    parser.add_argument("student", type=Path)
    parser.add_argument("--beside", default="ck48", help="name of the set that is looked at besides PublicTest")
    parser.add_argument("--least", type=float, default=LEAST, help="share of PublicTest's majorities to be named")
    parser.add_argument("-o", "--output", type=Path, required=True)
    Shipping(parser.parse_args()).go()


if __name__ == "__main__":
    main()
