"""The findings as a table of text, two CSV files and a chart."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import matplotlib

from emoscope.network.measured import COLUMNS

from .interval import interval
from .regions import REGIONS
from .study import BASELINES, MethodStudy

CLASS_COLUMNS = ("class", "pictures", "whole", "blurred", "method", "layer", "score", "low", "high")


def table(findings: Sequence[MethodStudy]) -> str:
    """Lines of text, the most faithful first."""
    head = f"{'method':<16}{'layer':<22}{'score':>7}{'95 %':>18}{'blurred':>9}{'ROAD':>8}{'memory':>8}  points at"
    return "\n".join([head, *map(_line, findings)])


def _line(one: MethodStudy) -> str:
    sure = interval(one.both.tolist())
    bounds = f"{sure.low:.3f} … {sure.high:.3f}"
    figures = f"{one.score:>7.3f}{bounds:>18}{one.scores.mean():>9.3f}{one.roads.mean():>8.3f}"
    memory = f"{'':>8}" if isnan(one.memory) else f"{one.memory:>8.2f}"
    return f"{one.method:<16}{one.layer:<22}{figures}{memory}  {pointed(one)}"


def pointed(one: MethodStudy) -> str:
    """The parts of the face that heat goes with, the strongest first."""
    ordered = sorted(one.regions.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share:.2f}" for name, share in ordered if share >= 0.1) or "nothing of these"


def class_table(findings: Sequence[MethodStudy], labels: Sequence[str]) -> str:
    """The best method beside the baselines for each class, and what the class is worth when all is blurred."""
    shown = _shown(findings)
    names = [one.method for one in shown]
    head = f"{'class':<12}{'pictures':>9}{'whole':>7}{'blurred':>9}" + "".join(f"{name:>26}" for name in names)
    lines = []
    for number, label in enumerate(labels):
        sure = [one.of_class(number) for one in shown]
        if all(sure):
            whole, blur = shown[0].ends[number]
            count = int((shown[0].targets == number).sum())
            figures = "".join(f"{one!s:>26}" for one in sure)
            lines.append(f"{label:<12}{count:>9}{whole:>7.2f}{blur:>9.2f}{figures}")
    return "\n".join([head, *lines])


def _shown(findings: Sequence[MethodStudy]) -> list[MethodStudy]:
    best = next(one for one in findings if one.layer)
    return [best, *(one for one in findings if one.method in BASELINES)]


def write_csv(findings: Sequence[MethodStudy], path: Path) -> None:
    """One row per method and layer."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        stages = next((list(one.memories) for one in findings if one.memories), [])
        rows.writerow([*COLUMNS, *(f"points at {name}" for name in REGIONS), *(f"memory {stage}" for stage in stages)])
        for one in findings:
            sure, (deletion, insertion) = interval(one.both.tolist()), one.areas
            figures = [sure.mean, sure.low, sure.high, one.scores.mean(), insertion, deletion, one.roads.mean()]
            figures += [one.memory, *(one.regions[name] for name in REGIONS)]
            figures += [one.memories.get(stage, float("nan")) for stage in stages]
            rows.writerow([one.method, one.layer, len(one.scores), *(f"{figure:.4f}" for figure in figures)])


def write_class_csv(findings: Sequence[MethodStudy], labels: Sequence[str], path: Path) -> None:
    """One row per class, method and layer, with what the class is worth when everything is blurred."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(CLASS_COLUMNS)
        rows.writerows(_class_rows(findings, labels))


def _class_rows(findings: Sequence[MethodStudy], labels: Sequence[str]) -> Iterator[list[Any]]:
    for number, label in enumerate(labels):
        for one in findings:
            sure = one.of_class(number)
            if sure:
                count, figures = int((one.targets == number).sum()), (*one.ends[number], sure.mean, sure.low, sure.high)
                whole, blur, *rest = (f"{figure:.4f}" for figure in figures)
                yield [label, count, whole, blur, one.method, one.layer, *rest]


def write_chart(findings: Sequence[MethodStudy], layers: Sequence[str], title: str, path: Path) -> None:
    """Three curves of all methods at the best layer, and the score of every method at every layer.

    Args:
        findings: every method at every layer.
        layers: that are compared.
        title: over all.
        path: of the picture.
    """
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, ((deletion, insertion), (road, scores)) = plt.subplots(2, 2, figsize=(13, 10.4), layout="constrained")
    layer = next(one.layer for one in findings if one.layer)
    shown = sorted((one for one in findings if one.layer in (layer, "", "input")), key=lambda one: one.method)
    for axes, curve, wish in ((deletion, "deletion", "lower"), (insertion, "insertion", "higher")):
        for number, one in enumerate(shown):
            heights = getattr(one.curves, curve)
            axes.plot([step / (len(heights) - 1) for step in range(len(heights))], heights, **_style(one, number))
        axes.set_title(f"{curve.capitalize()} by the heat of {layer}: {wish} is better", fontsize=11)
        axes.set(xlabel="share of pixels blurred" if curve == "deletion" else "share of pixels shown, hottest first")
    for number, one in enumerate(shown):
        shares, style = [(step + 1) / 10 for step in range(len(one.curves.hottest))], _style(one, number)
        road.plot(shares, one.curves.coldest - one.curves.hottest, **style)
    road.set_title("ROAD: coldest taken less hottest taken; higher is better", fontsize=11)
    road.set(xlabel="share of pixels imputed", ylabel="difference of probabilities", xlim=(0, 1))
    road.grid(alpha=0.3)
    for axes in (deletion, insertion):
        axes.set(ylabel="probability", xlim=(0, 1), ylim=(0, 1))
        axes.grid(alpha=0.3)
    figure.legend(*road.get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False, fontsize=9)
    _matrix(scores, findings, layers)
    figure.suptitle(title)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _style(one: MethodStudy, number: int) -> dict[str, Any]:
    if one.method in BASELINES:
        return {"label": one.method, "color": "0.4", "ls": ":" if one.method == BASELINES[0] else "--"}
    line = "-" if number < 10 else "-."
    return {"label": one.method, "color": f"C{number % 10}", "ls": line}


def _matrix(axes: Any, findings: Sequence[MethodStudy], layers: Sequence[str]) -> None:
    explained = [one for one in findings if one.method not in BASELINES]
    methods = sorted({one.method for one in explained})
    scores = {(one.layer, one.method): one.score for one in explained}
    grid = [[scores.get((layer, method), float("nan")) for method in methods] for layer in layers]
    axes.imshow(grid, cmap="viridis", aspect="auto")
    low, high = min(scores.values()), max(scores.values())
    for row, values in enumerate(grid):
        for column, value in enumerate(values):
            if isnan(value):
                continue  # some methods are taken at the input alone
            ink = "white" if value < (low + high) / 2 else "black"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=ink, fontsize=9)
    axes.set_xticks(range(len(methods)), methods, rotation=30, ha="right")
    axes.set_yticks(range(len(layers)), layers)
    beside = ", ".join(f"{one.method} {one.score:.2f}" for one in findings if one.method in BASELINES)
    axes.set_title(f"Score, the mean of both ways (beside: {beside})", fontsize=11)
