"""How faithful each method was measured to be, from the table that `emoscope faithfulness` left beside the model.

    NAME.onnx   NAME.faithfulness.csv       one row per method and layer

The score is the mean of two: what blurring by heat does to the class, and what ROAD does. 0 is chance, 1 the most.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import ModelError
from .bundle import find_model

SUFFIX = ".faithfulness.csv"
COLUMNS = (
    "method", "layer", "pictures", "score", "low", "high", "blurred", "insertion", "deletion", "ROAD", "memory",
)  # fmt: skip
BASELINES = ("random", "centre")
FORGETS_BELOW = 0.5
"""Correlation with the heat of a network with shuffled weights, from which on a method is not about this network."""


@dataclass(frozen=True, slots=True)
class Score:
    """One method at one layer.

    Attributes:
        mean: over the pictures.
        low: bound of the 95 % interval.
        high: likewise.
        memory: rank correlation with the heat of a network with shuffled weights; NaN where it was not taken.
        pictures: how many it was measured on.
    """

    mean: float
    low: float
    high: float
    memory: float
    pictures: int


@dataclass(frozen=True, slots=True)
class Measured:
    """All scores of a model; empty where none were measured."""

    scores: Mapping[tuple[str, str], Score] = field(default_factory=dict)

    def of(self, method: str, layer: str) -> Score | None:
        """The score of a method at a layer."""
        return self.scores.get((method, layer))

    @property
    def chance(self) -> float:
        """The best that a map can score that knows nothing of the picture."""
        known = [self.scores[name, ""].mean for name in BASELINES if (name, "") in self.scores]
        return max(known, default=0.0)


def measured(model: str) -> Measured:
    """What was measured of a model, named as `--model` names it.

    Raises:
        ModelError: there is a table, but it is none that EmoScope wrote.
    """
    path = find_model(model)
    beside = path.with_name(path.stem + SUFFIX)
    if not beside.is_file():
        return Measured()
    try:
        with beside.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return Measured({(row["method"], row["layer"]): _score(row) for row in rows})
    except (KeyError, ValueError, TypeError, OSError, csv.Error) as error:
        cure = f"make it again with `emoscope faithfulness {model} DATA -o {beside.parent}`, or delete it"
        raise ModelError(f"{beside}: not a table of measured scores ({error}): {cure}") from None


def _score(row: Mapping[str, str]) -> Score:
    mean, low, high, memory = (float(row[name]) for name in ("score", "low", "high", "memory"))
    return Score(mean, low, high, memory, int(row["pictures"]))
