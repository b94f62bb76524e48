"""What the search may turn: learning rate, width, dropout, strength of augmentation, and the loss."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from emoscope.errors import SettingsError

from ..architectures import architecture
from ..augment import Augmentation
from ..plan import Plan

LOSSES = ("plain", "smoothed", "balanced")
SMOOTHING = 0.1
RATES = 0.1, 5.0
"""The learning rate goes from a tenth to five times the plan's own."""
WIDTHS = 0.5, 1.25
STRENGTHS = 0.0, 1.5
STRONGEST = 0.9
"""Of any single augmentation, as a share."""
WIDTH = "width"
FIXED_BY: Mapping[str, frozenset[str]] = {
    "loss": frozenset({"smoothing", "balanced", "class_weights"}),
    "lr": frozenset({"lr"}),
    "augmentation": frozenset({"no_augmentation", *(field.name for field in fields(Augmentation))}),
    "dropout": frozenset({"dropout"}),
    WIDTH: frozenset({WIDTH}),
}
"""What is searched, and the settings by which a user says it: then it stays as it was said."""


def searched(plan: Plan, typed: Collection[str]) -> tuple[str, ...]:
    """What is left to search where the user has said some of it.

    Args:
        plan: what trials change.
        typed: names of the settings that the user gave.

    Raises:
        SettingsError: nothing is left.
    """
    free = (*FIXED_BY,) if not architecture(plan.arch).transfers else tuple(name for name in FIXED_BY if name != WIDTH)
    left = tuple(name for name in free if not FIXED_BY[name] & set(typed))
    if not left:
        raise SettingsError("every setting that the search could turn is given: leave one out, or use `emoscope train`")
    return left


def suggest(trial: Any, plan: Plan, names: Collection[str] | None = None) -> Plan:
    """The plan with the settings that an Optuna trial proposes.

    Args:
        trial: Optuna's.
        plan: what stays of it is as the user said, or the network's own.
        names: what is searched, see `searched`; None for all of it.
    """
    names = searched(plan, ()) if names is None else names
    recipe = plan.recipe
    if "loss" in names:
        loss = trial.suggest_categorical("loss", LOSSES)
        smoothing = SMOOTHING if loss == "smoothed" else 0.0
        recipe = replace(recipe, smoothing=smoothing, balanced=loss == "balanced", class_weights=())
    if "lr" in names:
        low, high = (plan.recipe.lr * factor for factor in RATES)
        recipe = replace(recipe, lr=trial.suggest_float("lr", low, high, log=True))
    if "augmentation" in names:
        strength = trial.suggest_float("augmentation", *STRENGTHS)
        recipe = replace(recipe, augmentation=strengthened(recipe.augmentation, strength))
    dropout = trial.suggest_float("dropout", 0.0, 0.6) if "dropout" in names else plan.dropout
    width = trial.suggest_float(WIDTH, *WIDTHS, step=0.25) if WIDTH in names else plan.width
    return replace(plan, recipe=recipe, dropout=dropout, width=width)


def strengthened(how: Augmentation, factor: float) -> Augmentation:
    """Every number of an augmentation times `factor`; flipping stays as it is."""
    scaled = {
        field.name: getattr(how, field.name) * factor for field in fields(how) if not isinstance(field.default, bool)
    }
    shares = {name: min(value, STRONGEST) for name, value in scaled.items() if name != "rotation"}
    return replace(how, **{**scaled, **shares})
