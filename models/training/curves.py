"""The picture of a run: accuracy and loss, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from emoscope.report.letters import spell

from .history import Epoch

COLORS = ("#2f6db5", "#c8553d")
GRAY, PALE = "#7a8290", "#e8ebf0"
DPI = 120


def draw_curves(history: Sequence[Epoch], path: Path, monitor: str = "accuracy") -> None:
    """Draws training (gray) and validation (one colour per label set), the epoch marked whose network is kept."""
    figure = Figure(figsize=(10, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    _accuracy(left, history, monitor)
    _loss(right, history)
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if len(history) == 1:
            axes.set_xlim(0.5, 1.5)  # else of an epoch's hundredths
        axes.grid(color=PALE)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.14), frameon=False, fontsize=9)  # clear of the lines
    spell(figure).savefig(path, dpi=DPI)


def _accuracy(axes: Axes, history: Sequence[Epoch], monitor: str) -> None:
    axes.set_title("accuracy")
    axes.yaxis.set_major_formatter(PercentFormatter(1))  # as many decimals as tell the ticks apart
    _line(axes, [epoch.accuracy for epoch in history], "training, augmented", GRAY)
    for number, color in enumerate(COLORS[: len(history[0].scores)]):
        scores = [epoch.scores[number] for epoch in history]
        values = [score.accuracy for score in scores]
        chosen = max(range(len(scores)), key=lambda place: scores[place].by(monitor))
        name = f"validation, {scores[0].task}: {values[chosen]:.1%} in epoch {chosen + 1}"
        _line(axes, values, name, color)
        axes.plot(chosen + 1, values[chosen], "o", color=color)
        _line(axes, [score.balanced for score in scores], "… mean of the classes", color, "--")


def _loss(axes: Axes, history: Sequence[Epoch]) -> None:
    axes.set_title("cross-entropy, classes and labels unweighted")
    _line(axes, [epoch.cross_entropy for epoch in history], "training, augmented", GRAY)
    for number, score in enumerate(history[0].scores):
        values = [epoch.scores[number].loss for epoch in history]
        _line(axes, values, f"validation, {score.task}", COLORS[number])


def _line(axes: Axes, values: Sequence[float], name: str, color: str, style: str = "-") -> None:
    """Values that an earlier version did not measure are left out."""
    if not np.isnan(values).all():
        marker = "o" if len(values) == 1 else ""
        axes.plot(range(1, len(values) + 1), values, style, marker=marker, color=color, label=name)
