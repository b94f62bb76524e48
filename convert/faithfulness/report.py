"""The findings as a table of text, a CSV file and a chart."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Any

import matplotlib

from .study import BASELINES, Finding

HEAD = ("method", "layer", "insertion", "deletion", "score", "error", "memory")


def table(findings: Sequence[Finding]) -> str:
    """Lines of text, the most faithful first."""
    head = f"{'method':<12}{'layer':<22}{'insertion':>10}{'deletion':>10}{'score':>9}{'±':>7}{'memory':>8}"
    return "\n".join([head, *map(_line, findings)])


def _line(one: Finding) -> str:
    deletion, insertion = one.areas
    figures = f"{insertion:>10.3f}{deletion:>10.3f}{one.score:>9.3f}{one.error:>7.3f}"
    memory = "" if one.memory != one.memory else f"{one.memory:>8.2f}"
    return f"{one.method:<12}{one.layer:<22}{figures}{memory}"


def write_csv(findings: Sequence[Finding], path: Path) -> None:
    """One row per method and layer."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(HEAD)
        for one in findings:
            deletion, insertion = one.areas
            figures = (insertion, deletion, one.score, one.error, one.memory)
            rows.writerow([one.method, one.layer, *(f"{figure:.4f}" for figure in figures)])


def write_chart(findings: Sequence[Finding], layers: Sequence[str], title: str, path: Path) -> None:
    """Both curves of all methods at the best layer, and the score of every method at every layer."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (deletion, insertion, scores) = plt.subplots(1, 3, figsize=(17, 5.5), layout="constrained")
    layer = next(one.layer for one in findings if one.layer)
    shown = sorted((one for one in findings if one.layer in (layer, "")), key=lambda one: one.method)
    for axes, curve, wish in ((deletion, "deletion", "lower"), (insertion, "insertion", "higher")):
        for number, one in enumerate(shown):
            heights = getattr(one.curves, curve)
            axes.plot([step / (len(heights) - 1) for step in range(len(heights))], heights, **_style(one, number))
        axes.set_title(f"{curve.capitalize()} by the heat of {layer}: {wish} is better", fontsize=11)
        axes.set(xlabel="share of pixels changed, hottest first", ylabel="probability", xlim=(0, 1), ylim=(0, 1))
        axes.grid(alpha=0.3)
    insertion.legend(frameon=False, loc="lower right")
    _matrix(scores, findings, layers)
    figure.suptitle(title)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _style(one: Finding, number: int) -> dict[str, Any]:
    if one.method in BASELINES:
        return {"label": one.method, "color": "0.4", "ls": ":" if one.method == BASELINES[0] else "--"}
    return {"label": one.method, "color": f"C{number}"}


def _matrix(axes: Any, findings: Sequence[Finding], layers: Sequence[str]) -> None:
    explained = [one for one in findings if one.method not in BASELINES]
    methods = sorted({one.method for one in explained})
    scores = {(one.layer, one.method): one.score for one in explained}
    grid = [[scores.get((layer, method), float("nan")) for method in methods] for layer in layers]
    axes.imshow(grid, cmap="viridis", aspect="auto")
    low, high = min(scores.values()), max(scores.values())
    for row, values in enumerate(grid):
        for column, value in enumerate(values):
            if isnan(value):
                continue  # saliency is taken at the input alone
            ink = "white" if value < (low + high) / 2 else "black"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=ink, fontsize=9)
    axes.set_xticks(range(len(methods)), methods, rotation=30, ha="right")
    axes.set_yticks(range(len(layers)), layers)
    beside = ", ".join(f"{one.method} {one.score:.2f}" for one in findings if one.method in BASELINES)
    axes.set_title(f"Insertion less deletion (beside: {beside})", fontsize=11)
