"""Actions that look inside: by which way a map is followed back to the pixels, and what heat is told against."""

from __future__ import annotations

from dataclasses import replace

from ..network.network import NOTHING, RULES, RUNNER_UP
from .actions import next_of
from .state import ViewState

RULE_NAMES = {
    "gradient": "gradient",
    "gradientxinput": "gradient × input",
    "guided": "guided (no true gradient)",
    "deconvolution": "deconvolution (no true gradient)",
    "field": "strongest cell",
}
"""Guided backpropagation and deconvolution may ignore later weights, which is said wherever they are shown."""


def step_rule(state: ViewState) -> ViewState:
    """The next way from the chosen map back to the pixels, off among them; shows the map large where it is not."""
    shown = state.rule if state.view == "map" else ""
    return replace(state, view="map", rule=next_of(("", *RULES), shown, +1)) if state.layers else state


def step_contrast(state: ViewState) -> ViewState:
    """Heat for the class rather than for the runner-up, then rather than for each other class, then for itself."""
    others = [number for number in range(len(state.labels)) if number != state.target]
    view = state.view if state.heat else "gradcam"
    return replace(state, view=view, against=next_of((NOTHING, RUNNER_UP, *others), state.against, +1))
