"""What a search found: a table of its trials, and a chart of what mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

BLUE, RED, GRAY, PALE = "#2f6db5", "#c8553d", "#a9b0bb", "#e8ebf0"
DPI = 120
LEAST_FOR_IMPORTANCE = 4


def table(study: Any) -> str:
    """One line per trial, the best first; a stopped trial shows the last accuracy it reached."""
    trials = [trial for trial in study.trials if reached(trial) is not None]
    names = sorted({name for trial in trials for name in trial.params})
    header = " ".join(["trial", "accuracy", "epochs", *(f"{name:>12}" for name in names), "state"])
    return "\n".join([header, *(_line(trial, names) for trial in sorted(trials, key=lambda one: -(reached(one) or 0)))])


def importances(study: Any) -> dict[str, float]:
    """Share of the trials' variance that each setting explains (fANOVA); empty for too few finished trials."""
    import optuna

    finished = study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    if len(finished) < LEAST_FOR_IMPORTANCE or len({trial.value for trial in finished}) < 2:
        return {}
    return dict(optuna.importance.get_param_importances(study))


def draw_importances(study: Any, path: Path) -> None:
    """One panel per setting: accuracy against its value, titled with the share it explains."""
    shares = importances(study)
    trials = [trial for trial in study.trials if reached(trial) is not None]
    names = sorted({name for trial in trials for name in trial.params}, key=lambda name: -shares.get(name, 0))
    figure = Figure(figsize=(2.7 * len(names), 3.4), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        _panel(axes, trials, name, shares)
    panels[0].legend(frameon=False, fontsize=8)
    panels[0].set_ylabel("validation accuracy")
    panels[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    figure.savefig(path, dpi=DPI)


def reached(trial: Any) -> float | None:
    """The trial's accuracy: its best, or the last it reported before it was stopped."""
    value = trial.value if trial.value is not None else trial.intermediate_values.get(trial.last_step)
    return None if value is None else float(value)


def _line(trial: Any, names: Sequence[str]) -> str:
    cells = [f"{_short(trial.params.get(name, '')):>12}" for name in names]
    start = f"{trial.number:5d} {reached(trial):8.4f} {len(trial.intermediate_values):6d}"
    return " ".join([start, *cells, trial.state.name.lower()])


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _panel(axes: Axes, trials: Sequence[Any], name: str, shares: Mapping[str, float]) -> None:
    for stopped, color, label in ((True, GRAY, "stopped early"), (False, BLUE, "finished")):
        chosen = [one for one in trials if name in one.params and (one.state.name == "PRUNED") == stopped]
        axes.scatter(
            [one.params[name] for one in chosen], [reached(one) or 0 for one in chosen], color=color, label=label
        )
    if name == "lr":
        _logarithmic(axes, [one.params[name] for one in trials if name in one.params])
    share = f"\nexplains {shares[name]:.0%}" if name in shares else ""
    axes.set_title(f"{name}{share}", fontsize=10)
    axes.grid(color=PALE)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _logarithmic(axes: Axes, values: Sequence[float]) -> None:
    """Three figures, so that none stands on another whether the values span a decade or two."""
    axes.set_xscale("log")
    ticks = sorted({float(f"{value:.1e}") for value in np.geomspace(min(values), max(values), 3)})
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
