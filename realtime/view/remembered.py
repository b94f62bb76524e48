"""What a profile remembers of a window: its switches and sizes; nothing of whom it showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import EmoscopeError
from .state import COLOUR_MAPS, INSET_SIZES, STATUS, ViewState

SWITCHES = ("bars", "names", "history", "heat", "all_layers", "sort")
CHOICES = {"hud": STATUS, "inset": INSET_SIZES, "colours": COLOUR_MAPS}
LEAST, MOST = 0.1, 1.0
"""Of the heat's opacity."""


def remembered(state: ViewState) -> dict[str, Any]:
    """What is to be remembered, as plain values."""
    told: dict[str, Any] = {name: getattr(state, name) for name in SWITCHES}
    return told | {"hud": state.hud, "inset": state.inset, "colours": state.colour_map, "opacity": state.opacity}


def recalled(state: ViewState, settings: Mapping[str, Any]) -> ViewState:
    """The state with what was remembered.

    Raises:
        EmoscopeError: a setting does not exist, or not with this value; the message names those that do.
    """
    return replace(state, **{name: _checked(name, value) for name, value in settings.items()})


def _checked(name: str, value: Any) -> Any:
    if name in SWITCHES:
        if not isinstance(value, bool):
            raise EmoscopeError(f"{name} is true or false, not {value!r}")
        return value
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise EmoscopeError(f"{name} is one of {', '.join(CHOICES[name])}, not {value!r}")
        return COLOUR_MAPS.index(value) if name == "colours" else value
    if name != "opacity":
        known = ", ".join([*SWITCHES, *CHOICES, "opacity"])
        raise EmoscopeError(f"there is no setting {name!r}; there are {known}")
    if type(value) not in (int, float) or not LEAST <= value <= MOST:
        raise EmoscopeError(f"opacity is a number from {LEAST:g} to {MOST:g}, not {value!r}")
    return float(value)
