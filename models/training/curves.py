"""The picture of a run: accuracy and loss, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .history import Epoch

COLORS = ("#2f6db5", "#c8553d")
GRAY, PALE = "#7a8290", "#e8ebf0"
DPI = 120


def draw_curves(history: Sequence[Epoch], path: Path) -> None:
    """Draws training (gray) and validation (one line per label set), the best epoch marked."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _accuracy(left, history)
    _loss(right, history)
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(color=PALE)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    figure.savefig(path, dpi=DPI)


def _accuracy(axes: Axes, history: Sequence[Epoch]) -> None:
    axes.set_title("accuracy")
    axes.yaxis.set_major_formatter(PercentFormatter(1))  # as many decimals as tell the ticks apart
    _line(axes, [epoch.accuracy for epoch in history], "training, augmented", GRAY)
    for number, score in enumerate(history[0].scores):
        values = [epoch.scores[number].accuracy for epoch in history]
        best = values.index(max(values))
        name = f"validation, {score.task}: best {values[best]:.1%} in epoch {best + 1}"
        _line(axes, values, name, COLORS[number])
        axes.plot(best + 1, values[best], "o", color=COLORS[number])


def _loss(axes: Axes, history: Sequence[Epoch]) -> None:
    axes.set_title("cross-entropy")
    _line(axes, [epoch.loss for epoch in history], "training, augmented", GRAY)
    for number, score in enumerate(history[0].scores):
        values = [epoch.scores[number].loss for epoch in history]
        _line(axes, values, f"validation, {score.task}", COLORS[number])


def _line(axes: Axes, values: Sequence[float], name: str, color: str) -> None:
    marker = "o" if len(values) == 1 else ""
    axes.plot(range(1, len(values) + 1), values, marker=marker, color=color, label=name)
