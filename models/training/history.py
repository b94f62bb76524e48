"""What is known of every epoch, and how it is kept as CSV.

epoch,lr,loss,accuracy,images_per_s,val_loss,val_accuracy                      one label set
…,val_loss_votes,val_accuracy_votes                                           a second one
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emoscope.errors import DataError

FIXED = ("epoch", "lr", "loss", "accuracy", "images_per_s")


@dataclass(frozen=True, slots=True)
class ValidationScore:
    """How the averaged weights did on the decided pictures of the validation split.

    Attributes:
        task: the label set.
        loss: mean cross-entropy.
        accuracy: share called right.
    """

    task: str
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """A row of `history.csv`.

    Attributes:
        epoch: number, from 1.
        lr: learning rate of its last step.
        loss: mean over its steps.
        accuracy: share of its (augmented) training pictures called right, first label set.
        images_per_s: training speed.
        scores: one per label set.
    """

    epoch: int
    lr: float
    loss: float
    accuracy: float
    images_per_s: float
    scores: tuple[ValidationScore, ...]

    @property
    def val_accuracy(self) -> float:
        """Of the first label set, by which the best network is chosen."""
        return self.scores[0].accuracy


def history_csv(history: Sequence[Epoch]) -> str:
    """The history as CSV text."""
    rows = [_row(epoch) for epoch in history]
    lines = [
        ",".join(rows[0] if rows else FIXED),
        *(",".join(f"{value:.6g}" for value in row.values()) for row in rows),
    ]
    return "\n".join(lines) + "\n"


def read_history(path: Path, first: str = "labels") -> list[Epoch]:
    """Reads what `history_csv` wrote, `first` being the first label set; DataError where it is damaged."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_epoch(row, first) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not a training history ({error})") from None


def _row(epoch: Epoch) -> dict[str, float]:
    row = {name: getattr(epoch, name) for name in FIXED}
    for number, score in enumerate(epoch.scores):
        row |= {
            "val_loss" + _ending(score, number): score.loss,
            "val_accuracy" + _ending(score, number): score.accuracy,
        }
    return row


def _ending(score: ValidationScore, number: int) -> str:
    return f"_{score.task}" if number else ""


def _epoch(row: Mapping[str, str], first: str) -> Epoch:
    endings = [name.removeprefix("val_loss") for name in row if name.startswith("val_loss")]
    lr, loss, accuracy, speed = (float(row[name]) for name in FIXED[1:])
    return Epoch(int(row["epoch"]), lr, loss, accuracy, speed, tuple(_score(row, ending, first) for ending in endings))


def _score(row: Mapping[str, str], ending: str, first: str) -> ValidationScore:
    values = float(row[f"val_loss{ending}"]), float(row[f"val_accuracy{ending}"])
    return ValidationScore(ending.removeprefix("_") or first, *values)
