"""How a network holds out against dark, blur, noise, distance and compression: one row for each degradation.

The same pictures are judged every time, degraded before anything else is done to them (`degradations`). Beside accuracy
stand the balanced one, with intervals by bootstrap; how sure the network is; how many of its wrong answers come at 0.8
or more; how many pictures it calls by its favourite class; and, where it has one, its own estimate of quality.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emoscope.report.letters import spell
from emoscope.system.atomic import atomic_write
from emoscope.types import Floats

from ..training.batches import AT_ONCE
from ..writing import writing
from .classifier import Classifier
from .degradations import DEGRADATIONS, degraded
from .metrics import balanced, calibration_error, intervals, reliability

SURE = 0.8
INK, BLUE, RED, PALE = "#20242c", "#2f6db5", "#c8553d", "#e8ebf0"
DPI = 120


@dataclass(frozen=True, slots=True)
class DegradationRow:
    """How a network does on pictures degraded in one way; shares 0–1.

    Attributes:
        degradation: its name.
        accuracy: share called right.
        accuracy_low: 2.5th percentile of 1,000 resamplings.
        accuracy_high: 97.5th percentile.
        balanced: mean recall of the classes.
        balanced_low: likewise.
        balanced_high: likewise.
        confidence: mean probability of the class called.
        calibration_error: see `metrics`.
        surely_wrong: share of the wrong answers whose confidence is 0.8 or more; 0 where none is wrong.
        favourite: the class called most often.
        favourite_share: share of the pictures called so.
        quality: mean of the network's own estimate, NaN where it has none.
    """

    degradation: str
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    balanced: float
    balanced_low: float
    balanced_high: float
    confidence: float
    calibration_error: float
    surely_wrong: float
    favourite: str
    favourite_share: float
    quality: float


def robustness(
    classifier: Classifier, images: NDArray[np.uint8], truth: NDArray[np.int64], seed: int = 0, flip: bool = False
) -> Iterator[DegradationRow]:
    """One row per degradation, from clean on, as each is measured.

    Args:
        classifier: the network.
        images: (N, h, w, c), as they are.
        truth: (N,) class numbers.
        seed: of the degradations' noise.
        flip: whether answers are averaged with those for the mirror image.
    """
    for name in DEGRADATIONS:
        told: list[Floats] = []
        rated: list[Floats] = []
        for first in range(0, len(images), AT_ONCE):  # no more than these are kept, degraded
            worse = degraded(images[first : first + AT_ONCE], name, seed, first)
            told.append(classifier.answers(worse, flip))
            quality = classifier.qualities(worse)
            rated += [] if quality is None else [quality]
        quality = np.concatenate(rated) if rated else None
        yield row(name, np.concatenate(told), truth, classifier.labels, quality)


def row(
    name: str, probabilities: Floats, truth: NDArray[np.int64], labels: tuple[str, ...], quality: Floats | None = None
) -> DegradationRow:
    """The figures of (N, K) answers against (N,) class numbers.

    Args:
        name: of the degradation.
        probabilities: (N, K).
        truth: (N,) class numbers.
        labels: K names.
        quality: (N,) 0–1, where the network tells it.
    """
    called, confidence = probabilities.argmax(1), probabilities.max(1)
    right = called == truth
    counts = np.bincount(called, minlength=len(labels))
    wrong = confidence[~right]
    low_high = intervals(right, truth)
    return DegradationRow(
        name, float(right.mean()), *low_high[0], balanced(right, truth), *low_high[1], float(confidence.mean()),
        calibration_error(reliability(probabilities, truth)), float((wrong >= SURE).mean()) if len(wrong) else 0.0,
        labels[int(counts.argmax())], float(counts.max() / len(truth)),
        float("nan") if quality is None else float(quality.mean()),
    )  # fmt: skip


def table(rows: Sequence[DegradationRow]) -> str:
    """The rows as text, shares in per cent."""
    return "\n".join([heading(), *map(line, rows)])


def heading() -> str:
    """The names of the columns."""
    spans = f"{'accuracy':>8} {'(95 %)':>13} {'balanced':>8} {'(95 %)':>13}"
    return f"{'':10} {spans} {'sure':>5} {'wrong ≥ 0.8':>11} {'favourite':>16} {'quality':>7}"


def line(one: DegradationRow) -> str:
    """A row as text."""
    accuracy, recall = (
        f"{100 * share:8.1f} {f'{100 * low:.1f}–{100 * high:.1f}':>13}"
        for share, low, high in (
            (one.accuracy, one.accuracy_low, one.accuracy_high),
            (one.balanced, one.balanced_low, one.balanced_high),
        )
    )
    favourite = f"{one.favourite} {100 * one.favourite_share:.0f} %"
    quality = "–" if np.isnan(one.quality) else f"{one.quality:.2f}"
    surely = f"{100 * one.surely_wrong:9.0f} %"
    return f"{one.degradation:10} {accuracy} {recall} {one.confidence:5.2f} {surely} {favourite:>16} {quality:>7}"


def table_csv(rows: Sequence[DegradationRow]) -> str:
    """The rows as CSV, shares 0–1."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([each.name for each in fields(DegradationRow)])
    for one in rows:
        writer.writerow([f"{value:.4f}" if isinstance(value, float) else value for value in astuple(one)])
    return text.getvalue()


def write_robustness(name: str, rows: Sequence[DegradationRow], folder: Path) -> None:
    """Writes NAME.robustness.txt, .csv and .png; ResultError where the folder cannot be written."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        draw(name, rows, folder / f"{name}.robustness.png")
    atomic_write(folder / f"{name}.robustness.txt", table(rows) + "\n")
    atomic_write(folder / f"{name}.robustness.csv", table_csv(rows))


def draw(name: str, rows: Sequence[DegradationRow], path: Path) -> None:
    """A line for every degradation: both accuracies with their intervals, and how sure the network is."""
    figure = Figure(figsize=(8, 0.36 * len(rows) + 1.4), layout="constrained")
    axes = figure.subplots()
    for place, one in enumerate(rows):
        axes.plot([one.accuracy_low, one.accuracy_high], [place - 0.12] * 2, color=BLUE, linewidth=3, alpha=0.5)
        axes.plot([one.balanced_low, one.balanced_high], [place + 0.12] * 2, color=RED, linewidth=3, alpha=0.5)
    places = np.arange(len(rows))
    whole: dict[str, Any] = {"clip_on": False, "zorder": 3}  # at 0 and 1 too, where the frame would cut them in half
    axes.plot([one.accuracy for one in rows], places - 0.12, "o", color=BLUE, label="accuracy", **whole)
    axes.plot([one.balanced for one in rows], places + 0.12, "s", color=RED, label="balanced accuracy", **whole)
    axes.plot([one.confidence for one in rows], places, "|", color=INK, markersize=13, label="mean confidence", **whole)
    if not np.isnan(rows[0].quality):
        axes.plot([one.quality for one in rows], places, "D", color=INK, markersize=3.5, label="mean quality", **whole)
    axes.set_yticks(places, [one.degradation for one in rows])
    axes.set(xlim=(0, 1), title=f"{name}: degraded pictures")
    axes.invert_yaxis()
    axes.grid(color=PALE)
    axes.set_axisbelow(True)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    spell(figure).savefig(path, dpi=DPI)
