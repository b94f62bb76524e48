"""What the search may turn: learning rate, width, dropout, strength of augmentation, and the loss."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

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


def suggest(trial: Any, plan: Plan) -> Plan:
    """The plan with the settings that an Optuna trial proposes."""
    row, recipe = architecture(plan.arch), plan.recipe
    loss = trial.suggest_categorical("loss", LOSSES)
    changed = replace(
        recipe,
        lr=trial.suggest_float("lr", recipe.lr * RATES[0], recipe.lr * RATES[1], log=True),
        smoothing=SMOOTHING if loss == "smoothed" else 0.0,
        balanced=loss == "balanced",
        augmentation=strengthened(recipe.augmentation, trial.suggest_float("augmentation", *STRENGTHS)),
    )
    dropout = trial.suggest_float("dropout", 0.0, 0.6)
    width = 1.0 if row.transfers else trial.suggest_float("width", *WIDTHS, step=0.25)
    return replace(plan, recipe=changed, dropout=dropout, width=width)


def strengthened(how: Augmentation, factor: float) -> Augmentation:
    """Every number of an augmentation times `factor`; flipping stays as it is."""
    scaled = {
        field.name: getattr(how, field.name) * factor for field in fields(how) if not isinstance(field.default, bool)
    }
    shares = {name: min(value, STRONGEST) for name, value in scaled.items() if name != "rotation"}
    return replace(how, **{**scaled, **shares})
