"""Charts of what was collected, as SVG for a page: bars in the emotions' colours, matrices, courses over time.

Letters are as large on the page as they are here: a chart is drawn for the width of the page's column.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..draw.style import colour_of
from ..report.letters import spell
from .collected import Collected
from .film_figures import Seconds
from .intervals import Mean, Values

WIDTH_IN = 9.2
INK, SOFT, LINE, GROUND = "#20242c", "#5c6675", "#dde1e7", "#ffffff"
TEXT_PT, SMALL_PT = 10.0, 8.5
MOST_DOTS = 400
"""Films up to which each is a dot in the chart of shares."""
MOST_BARS = 60
"""Films up to which each is a bar."""
LEAST_S = 1.0
"""Of time by chance, below which two emotions together say nothing."""
LEAST_FILMS = 2
"""Behind a mean over time."""
SMALL = 0.005
"""Shares below this are no number in a matrix."""


def shares_chart(collected: Collected) -> str:
    """Mean share of time per emotion with its interval; a dot a film where these are few."""
    mean, low, high, _ = collected.mean_shares()
    count = len(collected.labels)
    figure, axes = _figure(0.42 * count + 0.5)
    shares, random = collected.shares, np.random.default_rng(0)
    for number, label in enumerate(collected.labels):
        axes.barh(number, mean[number], 0.62, color=_rgb(label, number), edgecolor=INK, linewidth=0.4)
        if len(shares) <= MOST_DOTS:
            jitter = number + random.uniform(-0.22, 0.22, len(shares))
            axes.plot(shares[:, number], jitter, ".", color=INK, alpha=0.5, markersize=4, markeredgewidth=0)
        if not np.isnan(low[number]):
            axes.plot([low[number], high[number]], [number] * 2, color=INK, linewidth=1.6, solid_capstyle="butt")
            for end in (low[number], high[number]):
                axes.plot([end] * 2, [number - 0.16, number + 0.16], color=INK, linewidth=1.6)
        axes.text(1.015, number, _percent(mean[number]), va="center", color=INK, transform=_beside(axes))
    axes.set_yticks(range(count), collected.labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    figure.subplots_adjust(left=0.11, right=0.92, top=0.985, bottom=0.34 / (0.42 * count + 0.5))
    return _svg(figure)


def films_chart(names: Sequence[str], shares: Sequence[Seconds], labels: Sequence[str]) -> str:
    """A bar a film, made of shares of time, sorted by the emotion that is most frequent over all."""
    order = _order(np.stack(shares))
    height = 0.23 * len(names) + 0.75
    figure, axes = _figure(height)
    for place, number in enumerate(order):
        left = 0.0
        for emotion, share in enumerate(shares[number]):
            axes.barh(place, share, 0.8, left, color=_rgb(labels[emotion], emotion), linewidth=0)
            left += share
    axes.set_yticks(range(len(names)), [_cut(names[number]) for number in order], fontsize=SMALL_PT)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    handles = [Swatch(label, number) for number, label in enumerate(labels)]
    figure.legend(
        handles=[one.patch for one in handles], loc="upper left", bbox_to_anchor=(0.2, 1), ncols=len(labels),
        frameon=False, fontsize=SMALL_PT, handlelength=1, columnspacing=1.1, borderaxespad=0, labelcolor=INK,
    )  # fmt: skip
    figure.subplots_adjust(left=0.2, right=0.97, top=1 - 0.32 / height, bottom=0.34 / height)
    return _svg(figure)


class Swatch:
    """A sample of an emotion's colour for a legend."""

    def __init__(self, label: str, number: int) -> None:
        from matplotlib.patches import Patch

        self.patch = Patch(color=_rgb(label, number), label=label)


def transitions_chart(collected: Collected) -> str:
    """What follows an emotion: shares of all changes away from it, mean over films."""
    mean = collected.following.mean
    kept = [number for number in range(len(collected.labels)) if collected.followed[number].sum()]
    values = np.where(np.eye(len(collected.labels), dtype=bool), np.nan, mean)[kept]
    names = [f"{collected.labels[number]} ({collected.followed[number].sum():,})" for number in kept]
    return _matrix(values, names, collected.labels, "followed by", "from (changes)", _whole_percent, "Blues", (0, None))


def together_chart(collected: Collected) -> str:
    """How much more often than by chance two faces show two emotions at once; "" where nothing is to be told."""
    expected = collected.expected_together()
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log2(collected.together / np.where(expected >= LEAST_S, expected, np.nan))
    seen = [number for number in range(len(collected.labels)) if np.isfinite(values[number]).any()]
    if not seen:
        return ""
    values = values[np.ix_(seen, seen)]
    labels = [collected.labels[number] for number in seen]
    return _matrix(
        values, labels, labels, "one face shows", "another shows", lambda value: f"× {2**value:.2g}", "RdBu_r", (-3, 3)
    )


def courses_chart(mean: Mean, collected: Collected) -> str:
    """Mean probability over time, a panel an emotion, with its interval over films."""
    window, labels = collected.courses.window, collected.labels
    middles = window.edges_s[:-1] + window.step_s / 2
    columns = min(4, len(labels))
    rows = -(-len(labels) // columns)
    figure = Figure((WIDTH_IN, 1.55 * rows + 0.3), facecolor=GROUND)
    FigureCanvasSVG(figure)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    # Where most films have ended already, what is left says little of all.
    seen = mean.count.max(axis=1) >= max(LEAST_FILMS, mean.count.max(initial=0) / 2)
    low, high, middle = (np.where(seen[:, None], one, np.nan) for one in (*mean.interval(), mean.mean))
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    top = float(np.nanmax(np.where(np.isnan(high), middle, high), initial=0.05)) * 1.08
    for number, axes in enumerate(panels):
        if number >= len(labels):
            axes.set_visible(False)
            continue
        axes.fill_between(
            middles, low[:, number], high[:, number], color=_rgb(labels[number], number), alpha=0.55, lw=0
        )
        axes.plot(middles, middle[:, number], color=INK, linewidth=1.2)
        if window.before_s > 0:
            axes.axvline(0, color=SOFT, linewidth=0.8, linestyle=":")
        axes.set_title(labels[number], fontsize=TEXT_PT, color=INK, loc="left", pad=3)
        _plain(axes)
        axes.set_ylim(0, min(1.0, top))
        axes.set_xlim(window.edges_s[0], window.edges_s[np.flatnonzero(seen)[-1] + 1] if seen.any() else window.after_s)
        axes.tick_params(labelbottom=number + columns >= len(labels))
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
        axes.tick_params(labelsize=SMALL_PT)
    figure.tight_layout(pad=0.3, h_pad=0.8, w_pad=1.6)
    return _svg(figure)


def _matrix(
    values: Values,
    rows: Sequence[str],
    columns: Sequence[str],
    across: str,
    down: str,
    told: Callable[[float], str],
    colours: str,
    limits: tuple[float, float | None],
) -> str:
    height = 0.42 * len(rows) + 0.95
    figure, axes = _figure(height)
    high = limits[1] if limits[1] is not None else max(0.2, float(np.nanmax(values, initial=0.2)))
    shown = np.where(np.isfinite(values), values, np.nan)
    image = axes.imshow(np.ma.masked_invalid(shown), cmap=colours, vmin=limits[0], vmax=high, aspect="auto")
    for row, column in np.argwhere(np.isfinite(values)):
        value = float(values[row, column])
        colour = "white" if _is_dark(image, value) else INK
        axes.text(column, row, told(value), ha="center", va="center", color=colour, fontsize=SMALL_PT)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(across, color=SOFT, fontsize=SMALL_PT)
    axes.set_ylabel(down, color=SOFT, fontsize=SMALL_PT)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xticks(np.arange(len(columns)) + 0.5, minor=True)
    axes.set_yticks(np.arange(len(rows)) + 0.5, minor=True)
    axes.grid(which="minor", color=GROUND, linewidth=2)
    axes.tick_params(which="minor", length=0)
    figure.subplots_adjust(left=0.2, right=0.985, top=1 - 0.62 / height, bottom=0.08 / height)
    return _svg(figure)


def _is_dark(image: Any, value: float) -> bool:
    red, green, blue, _ = image.cmap(image.norm(value))
    return bool(0.299 * red + 0.587 * green + 0.114 * blue < 0.5)


def _order(shares: Values) -> list[int]:
    """Films by their share of the most frequent emotion, then of the next."""
    frequent = np.argsort(-shares.mean(axis=0))
    return [int(number) for number in np.lexsort([-shares[:, emotion] for emotion in reversed(frequent)])]


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure((WIDTH_IN, height), facecolor=GROUND)
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    _plain(axes)
    return figure, axes


def _plain(axes: Axes) -> None:
    axes.tick_params(colors=INK, length=3, labelsize=TEXT_PT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        axes.spines[side].set_color(SOFT)


def _beside(axes: Axes) -> Any:
    """Across in shares of the panel, down in its own numbers."""
    return axes.get_yaxis_transform()


def _svg(figure: Figure) -> str:
    """The figure as SVG, its letters as outlines, so that it looks alike everywhere."""
    out = io.StringIO()
    spell(figure).savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _cut(name: str, most: int = 24) -> str:
    """A name that fits beside a bar: its end, which tells films of one folder apart."""
    return name if len(name) <= most else f"…{name[1 - most :]}"


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.1f} %"


def _whole_percent(share: float) -> str:
    return "·" if share < SMALL else f"{100 * share:.0f} %"


def _rgb(label: str, number: int) -> tuple[float, float, float]:
    blue, green, red = colour_of(label, number)
    return red / 255, green / 255, blue / 255
