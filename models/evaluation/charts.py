"""Pictures of a verdict: the confusion matrix and the reliability diagram."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emoscope.report.letters import spell

from .judge import Verdict
from .metrics import BINS, Figures

INK, BLUE, RED, PALE = "#20242c", "#2f6db5", "#c8553d", "#e8ebf0"
DPI = 120
FEW = 10
"""Pictures of one confidence from which on their share that is right says something."""


def draw_confusion(verdict: Verdict, path: Path) -> None:
    """Rows are true classes; colour and upper number are shares of the row, the lower number counts."""
    figure = Figure(figsize=(7, 6.4), layout="constrained")
    axes = figure.subplots()
    counts = np.array(verdict.figures.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        text = f"{100 * share:.0f} %\n{counts[row, column]}"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color="white" if share > 0.55 else INK)
    ticks = range(len(verdict.labels))
    axes.set_xticks(ticks, verdict.labels, rotation=35, ha="right")
    axes.set_yticks(ticks, verdict.labels)
    axes.set_xlabel("called")
    axes.set_ylabel("labelled")
    axes.set_title(f"{verdict.name}: {verdict.figures.accuracy:.1%} of {verdict.figures.pictures} pictures")
    spell(figure).savefig(path, dpi=DPI)


def draw_reliability(verdict: Verdict, path: Path) -> None:
    """How often the network is right when it is so sure; below, how often it is so sure."""
    figure = Figure(figsize=(6, 6.6), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    _reliability(above, verdict.figures)
    _confidence(below, verdict.figures)
    figure.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    above.set_title(f"{verdict.name}: calibration error {verdict.figures.calibration_error:.3f}")
    spell(figure).savefig(path, dpi=DPI)


def _reliability(axes: Axes, measured: Figures) -> None:
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=":", label="perfectly calibrated")
    many = [each for each in measured.bins if each.count >= FEW]
    few = [each for each in measured.bins if 0 < each.count < FEW]
    styles = (many, "o-", "measured", BLUE), (few, "o", f"of fewer than {FEW} pictures", "white")
    for bins, style, name, inside in styles if few else styles[:1]:
        confidence, accuracy = [each.confidence for each in bins], [each.accuracy for each in bins]
        if bins is many:
            axes.vlines(confidence, confidence, accuracy, color=RED, linewidth=5, alpha=0.45, label="gap")
        axes.plot(confidence, accuracy, style, color=BLUE, markerfacecolor=inside, label=name, clip_on=False, zorder=3)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="share called right")
    axes.grid(color=PALE)


def _confidence(axes: Axes, measured: Figures) -> None:
    edges = (np.arange(BINS) + 0.5) / BINS
    axes.bar(edges, [each.count for each in measured.bins], width=0.9 / BINS, color=BLUE)
    axes.set(xlabel="confidence", ylabel="pictures")
    axes.grid(axis="y", color=PALE)
    axes.set_axisbelow(True)
