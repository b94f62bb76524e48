"""The timeline chart: emotions over time, a lane per face, as stacked mean probabilities in the emotions' colours.

face 1  │▓▓▓▓▒▒▒▒▒▒▓▓▓    ▒▒▒│      ▓ happy  ▒ neutral;  empty where the face was not seen
face 2  │      ▒▒▒▒▒▒▒▒▒▓▓▓▓▓│
        0:00     0:10     0:20
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch as Swatch
from matplotlib.ticker import MultipleLocator

from ..draw.style import colour_of
from .lanes import Lanes
from .letters import spell

MOST_LANES = 8
STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
WIDTH_IN, LANE_IN, MARGIN_IN = 12.0, 1.15, 1.35
DPI = 120
GROUND, INK = "#ffffff", "#333333"
DAMAGE: dict[str, Any] = {"facecolor": GROUND, "edgecolor": "#777777", "hatch": "////", "linewidth": 0.4, "alpha": 0.9}
LEGEND: dict[str, Any] = {
    "loc": "upper left",
    "frameon": False,
    "labelcolor": INK,
    "borderaxespad": 0,
    "handlelength": 1,
    "columnspacing": 1.4,
}


def draw_timeline(path: Path, title: str, lanes: Lanes, end_s: float, damaged: Sequence[tuple[float, float]]) -> None:
    """Writes the chart as PNG.

    Args:
        path: the file.
        title: the recording's name.
        lanes: what was seen.
        end_s: where the recording ends, in seconds on its own clock.
        damaged: (first, last) time of stretches that could not be read.
    """
    faces = lanes.faces[:MOST_LANES]
    rows = max(1, len(faces))
    figure = Figure((WIDTH_IN, LANE_IN * rows + MARGIN_IN), DPI, facecolor=GROUND)
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    for lane, face in zip(axes, sorted(faces), strict=False):
        _lane(lane, lanes, face)
    for lane in axes:
        _frame(lane, lanes.first_s or 0.0, end_s, damaged)
    if not faces:
        axes[0].text(0.5, 0.5, "no face in this recording", ha="center", transform=axes[0].transAxes, color=INK)
    _words(figure, title, lanes, len(lanes.faces) - len(faces), bool(damaged))
    spell(figure).savefig(path, format="png")


def _lane(axes: Axes, lanes: Lanes, face: int) -> None:
    times, values = lanes.lane(face)
    # Both ends of each bin: as steps of one value each, the last bin before a gap would have no width.
    edges = np.append(times, times[-1] + lanes.bin_s).repeat(2)[1:-1]
    tops = np.cumsum(values, axis=1).repeat(2, axis=0)
    bottoms = np.hstack([np.zeros((len(tops), 1)), tops[:, :-1]])
    for number in range(len(lanes.labels)):
        colour = _rgb(lanes.labels[number], number)
        axes.fill_between(edges, bottoms[:, number], tops[:, number], color=colour, linewidth=0)
    axes.set_ylabel(f"face {face}", rotation=0, ha="right", va="center", color=INK)


def _frame(axes: Axes, start_s: float, end_s: float, damaged: Sequence[tuple[float, float]]) -> None:
    axes.set_xlim(start_s, max(end_s, start_s + 0.04))
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MultipleLocator(_step(end_s - start_s)))
    axes.xaxis.set_major_formatter(lambda seconds, _: _clock(seconds, end_s - start_s))
    axes.tick_params(colors=INK, length=3)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    for first, last in damaged:
        axes.axvspan(first, max(last, first + (end_s - start_s) / 400), 0.9, 1.0, zorder=3, **DAMAGE)


def _words(figure: Figure, title: str, lanes: Lanes, more: int, damaged: bool) -> None:
    height = figure.get_figheight()
    swatches = [Swatch(color=_rgb(label, number), label=label) for number, label in enumerate(lanes.labels)]
    if damaged:
        swatches.append(Swatch(label="damaged", **DAMAGE))
    figure.legend(handles=swatches, ncols=len(swatches), bbox_to_anchor=(0.07, 1 - 0.36 / height), **LEGEND)
    note = f"   ({more} more faces, seen more briefly, are in the table)" if more > 0 else ""
    figure.text(0.075, 1 - 0.27 / height, title + note, color=INK, weight="bold", size=11)
    figure.subplots_adjust(left=0.075, right=0.985, top=1 - 0.75 / height, bottom=0.42 / height, hspace=0.25)


def _step(span_s: float) -> float:
    """Seconds between two marks of the time axis: a round number, and about six marks."""
    return min(STEPS_S, key=lambda step: abs(span_s / step - 6))


def _clock(seconds: float, span_s: float) -> str:
    hours, rest = divmod(max(0.0, seconds), 3600)
    minutes, rest = divmod(rest, 60)
    fine = f"{rest:04.1f}" if span_s < 5 else f"{int(rest):02}"
    return f"{int(hours)}:{int(minutes):02}:{fine}" if hours else f"{int(minutes)}:{fine}"


def _rgb(label: str, number: int) -> tuple[float, float, float]:
    blue, green, red = colour_of(label, number)
    return red / 255, green / 255, blue / 255
