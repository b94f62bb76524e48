"""What a search found: a table of its trials, and a chart of what mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

from emoscope.report.letters import spell

BLUE, RED, GRAY, PALE = "#2f6db5", "#c8553d", "#a9b0bb", "#e8ebf0"
DPI = 120
LEAST_FOR_IMPORTANCE = 4
NAMES = {"accuracy": "accuracy", "balanced": "balanced accuracy", "macro_f1": "macro-F1", "loss": "cross-entropy"}


def table(study: Any, monitor: str) -> str:
    """One line per trial, numbered from 1, the best first; a stopped trial shows the last figure it reached."""
    trials = [trial for trial in study.trials if reached(trial) is not None]
    names = sorted({name for trial in trials for name in trial.params})
    header = " ".join(["trial", f"{monitor:>8}", "epochs", *(f"{name:>12}" for name in names), "state"])
    return "\n".join(
        [header, *(_line(trial, names, monitor) for trial in sorted(trials, key=lambda one: -(reached(one) or 0)))]
    )


def importances(study: Any) -> dict[str, float]:
    """Share of the trials' variance that each setting explains (fANOVA); empty for too few finished trials."""
    import optuna

    finished = study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    if len(finished) < LEAST_FOR_IMPORTANCE or len({trial.value for trial in finished}) < 2:
        return {}
    return dict(optuna.importance.get_param_importances(study))


def draw_importances(study: Any, path: Path, monitor: str) -> None:
    """One panel per setting: the figure that leads the search against its value, and the share it explains."""
    shares = importances(study)
    trials = [trial for trial in study.trials if reached(trial) is not None]
    names = sorted({name for trial in trials for name in trial.params}, key=lambda name: -shares.get(name, 0))
    figure = Figure(figsize=(2.7 * len(names), 3.7), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        _panel(axes, trials, name, shares, monitor)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    panels[0].set_ylabel(f"validation {NAMES[monitor]}")
    if monitor != "loss":
        panels[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    spell(figure).savefig(path, dpi=DPI)


def reached(trial: Any) -> float | None:
    """The trial's figure, larger is better: its best, or the last it reported before it was stopped."""
    value = trial.value if trial.value is not None else trial.intermediate_values.get(trial.last_step)
    return None if value is None else float(value)


def told(value: float, monitor: str) -> float:
    """A figure as people know it: the search makes the most of it, so that a loss is negative there."""
    return -value if monitor == "loss" else value


def _line(trial: Any, names: Sequence[str], monitor: str) -> str:
    cells = [f"{short(trial.params.get(name, '')):>12}" for name in names]
    start = f"{trial.number + 1:5d} {told(reached(trial) or 0.0, monitor):8.4f} {len(trial.intermediate_values):6d}"
    return " ".join([start, *cells, trial.state.name.lower()])


def short(value: object) -> str:
    """A setting in a few characters."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _panel(axes: Axes, trials: Sequence[Any], name: str, shares: Mapping[str, float], monitor: str) -> None:
    for stopped, color, label in ((True, GRAY, "stopped early"), (False, BLUE, "finished")):
        chosen = [one for one in trials if name in one.params and (one.state.name == "PRUNED") == stopped]
        figures = [told(reached(one) or 0.0, monitor) for one in chosen]
        axes.scatter([one.params[name] for one in chosen], figures, color=color, label=label)
    if name == "lr":
        _logarithmic(axes, [one.params[name] for one in trials if name in one.params])
    share = f"\nexplains {shares[name]:.0%}" if name in shares else ""
    axes.set_title(f"{name}{share}", fontsize=10)
    axes.tick_params(labelsize=8)  # so that a panel's last figure and the next one's first stand apart
    axes.grid(color=PALE)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _logarithmic(axes: Axes, values: Sequence[float]) -> None:
    """Three figures, so that none stands on another whether the values span a decade or two."""
    axes.set_xscale("log")
    ticks = sorted({float(f"{value:.1e}") for value in np.geomspace(min(values), max(values), 3)})
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
