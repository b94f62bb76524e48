"""The chart of how many pictures each class has, split by split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from emoscope.report.letters import spell

from .survey import Survey

COLORS = {"train": "#2f6db5", "validation": "#7fb2e5", "test": "#c8553d", "all": "#2f6db5"}
PALE = "#e8ebf0"
DPI = 120


def draw_balance(found: Survey, path: Path) -> None:
    """Bars per class, one colour per split, each with its share of the split above it."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    axes = figure.subplots()
    places, width = np.arange(len(found.labels)), 0.84 / len(found.splits)
    for number, split in enumerate(found.splits):
        counts = np.array([found.counts.get((split, label), 0) for label in found.labels])
        offset = (number - (len(found.splits) - 1) / 2) * width
        name = f"{split} ({counts.sum():,})"
        bars = axes.bar(places + offset, counts, width * 0.94, color=COLORS[split], label=name)
        axes.bar_label(bars, [f"{share:.1%}" for share in counts / max(counts.sum(), 1)], fontsize=6, padding=2)
    axes.set_xticks(places, found.labels)
    axes.set_ylabel("pictures")
    axes.set_title("class balance; figures are shares of the split")
    axes.grid(axis="y", color=PALE)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=len(found.splits), frameon=False)  # clear of every bar
    spell(figure).savefig(path, dpi=DPI)
