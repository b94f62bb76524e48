"""What is known of every epoch, and how it is kept as CSV.

epoch,lr,loss,cross_entropy,accuracy,images_per_s,val_loss,val_accuracy,val_balanced,val_macro_f1    one label set
…,val_loss_votes,val_accuracy_votes,…                                                               a second one

`loss` is what training minimises, with weights of classes and smoothed labels; `cross_entropy` is without them, so that
it can be held against `val_loss`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emoscope.errors import DataError

FIXED = ("epoch", "lr", "loss", "cross_entropy", "accuracy", "images_per_s")
MEASURES = ("loss", "accuracy", "balanced", "macro_f1")
"""Of validation, in the order of their columns."""
UNKNOWN = float("nan")
"""What a run of an earlier version did not measure."""


@dataclass(frozen=True, slots=True)
class ValidationScore:
    """How the averaged weights did on the decided pictures of the validation split.

    Attributes:
        task: the label set.
        loss: mean cross-entropy.
        accuracy: share called right.
        balanced: mean recall of the classes.
        macro_f1: mean F1 of the classes.
    """

    task: str
    loss: float
    accuracy: float
    balanced: float = UNKNOWN
    macro_f1: float = UNKNOWN

    def by(self, monitor: str) -> float:
        """The figure that a run is led by, a name of MEASURES; larger is better, so that a loss is negative."""
        return -self.loss if monitor == "loss" else float(getattr(self, monitor))


@dataclass(frozen=True, slots=True)
class Epoch:
    """A row of `history.csv`.

    Attributes:
        epoch: number, from 1.
        lr: learning rate of its last step.
        loss: mean over its steps of what was minimised.
        accuracy: share of its (augmented) training pictures called right, first label set.
        images_per_s: training speed.
        scores: one per label set.
        cross_entropy: mean over its steps, classes and labels as they are.
    """

    epoch: int
    lr: float
    loss: float
    accuracy: float
    images_per_s: float
    scores: tuple[ValidationScore, ...]
    cross_entropy: float = UNKNOWN

    @property
    def val_accuracy(self) -> float:
        """Of the first label set."""
        return self.scores[0].accuracy

    def by(self, monitor: str) -> float:
        """The figure of the first label set by which the best network is chosen."""
        return self.scores[0].by(monitor)


def best(history: Sequence[Epoch], monitor: str) -> Epoch:
    """The epoch whose network is kept: the first of the best ones."""
    return max(history, key=lambda epoch: epoch.by(monitor))


def history_csv(history: Sequence[Epoch]) -> str:
    """The history as CSV text."""
    rows = [_row(epoch) for epoch in history]
    lines = [
        ",".join(rows[0] if rows else FIXED),
        *(",".join(_exact(value) for value in row.values()) for row in rows),
    ]
    return "\n".join(lines) + "\n"


def read_history(path: Path, first: str = "labels") -> list[Epoch]:
    """Reads what `history_csv` wrote, `first` being the first label set; DataError where it is damaged."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_epoch(row, first) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not a training history ({error})") from None


def _exact(value: float) -> str:
    """A number that reads back as it was: a run that goes on compares its epochs with those before."""
    short = f"{value:.6g}"
    return short if float(short) == value else repr(float(value))


def _row(epoch: Epoch) -> dict[str, float]:
    row = {name: getattr(epoch, name) for name in FIXED}
    for number, score in enumerate(epoch.scores):
        row |= {f"val_{name}{_ending(score, number)}": getattr(score, name) for name in MEASURES}
    return row


def _ending(score: ValidationScore, number: int) -> str:
    return f"_{score.task}" if number else ""


def _epoch(row: Mapping[str, str], first: str) -> Epoch:
    endings = [name.removeprefix("val_loss") for name in row if name.startswith("val_loss")]
    number, lr, loss, entropy, accuracy, speed = (float(row.get(name, UNKNOWN)) for name in FIXED)
    scores = tuple(_score(row, ending, first) for ending in endings)
    return Epoch(int(number), lr, loss, accuracy, speed, scores, entropy)


def _score(row: Mapping[str, str], ending: str, first: str) -> ValidationScore:
    loss, accuracy = float(row[f"val_loss{ending}"]), float(row[f"val_accuracy{ending}"])
    balanced, macro_f1 = (float(row.get(f"val_{name}{ending}", UNKNOWN)) for name in MEASURES[2:])
    return ValidationScore(ending.removeprefix("_") or first, loss, accuracy, balanced, macro_f1)
