"""`--profile NAME`: a command begins with what is remembered under a name; `live` remembers what is set at its end.

Options on the command line go before a profile, and a profile before what is usual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import EmoscopeError
from ..network.network import PREDICTED
from ..system.profiles import profile_names, profile_path, read_profile, write_profile
from ..view.remembered import recalled, remembered
from ..view.state import ViewState

F = TypeVar("F", bound=Callable[..., Any])
WINDOW = "window"
"""The table of what only keys change."""
BY_STATE = ("view", "layer", "method", "target", "prior", "mirror", "loop", "text_scale")
"""Options that keys change too, so that the state at the end is what is remembered."""
BY_OPTION = (
    "source",
    "model",
    "provider",
    "detector",
    "size",
    "fps",
    "video_stream",
    "fullscreen",
    "record_notices",
    "output",
    "publish",
    "lsl",
    "virtual_camera",
)
"""Options that are remembered as they were given. A log is not: of its name there would be one already."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings under a name.

    Attributes:
        name: as it was given.
        settings: that were there; None where the profile is new.
    """

    name: str
    settings: Mapping[str, Any] | None

    def recalled(self, state: ViewState) -> ViewState:
        """A first state with what is remembered of the window.

        Raises:
            EmoscopeError: the file names something that does not exist.
        """
        found = (self.settings or {}).get(WINDOW, {})
        try:
            if not isinstance(found, Mapping):
                raise EmoscopeError("is no table")
            return recalled(state, found)
        except EmoscopeError as error:
            raise EmoscopeError(f"{profile_path(self.name)}: [{WINDOW}] {error}") from None

    def keep(self, context: click.Context, state: ViewState, usual: ViewState) -> str:
        """Remembers what is set now; the file stays untouched where that is what it says already.

        Args:
            context: of the command, with its parameters.
            state: what was shown at the end.
            usual: what would be shown at first where nothing is asked for.

        Returns:
            What is to be said of it, "" for nothing.

        Raises:
            EmoscopeError: it cannot be written.
        """
        settings = _given(context)
        now, before = _of_state(state), _of_state(usual)
        settings |= {name: now[name] for name in BY_STATE if now[name] != before[name] and now[name] is not None}
        settings[WINDOW] = remembered(state)
        if settings == self.settings:
            return ""
        title = f"EmoScope begins with this where --profile {self.name!r} is given; other options go before it."
        return f"profile {self.name}: remembered in {write_profile(self.name, settings, title)}"


def profile_option(made: bool = False) -> Callable[[F], F]:
    """--profile; what it says becomes the other options' defaults, and the command gets it as `profile`.

    Args:
        made: whether the command makes a profile that is not there.
    """

    def callback(context: click.Context, param: click.Parameter, name: str | None) -> Profile | None:
        if name is None or context.resilient_parsing:
            return None
        settings = read_profile(name)
        if settings is None and not made:
            there = ", ".join(profile_names()) or "none"
            raise EmoscopeError(f"there is no profile {name!r} (there are: {there}): `emoscope live` makes one")
        context.default_map = {**(context.default_map or {}), **_defaults(context, name, settings or {})}
        return Profile(name, settings)

    words = "Begin with the settings of this name" + (", and remember them at the end." if made else ".")
    return click.option("--profile", metavar="NAME", is_eager=True, callback=callback, help=words)


def _defaults(context: click.Context, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that this command knows, each of a kind that it takes."""
    found: dict[str, Any] = {}
    params = {param.name: param for param in context.command.params}
    for key, value in settings.items():
        if key == WINDOW:
            continue
        if key not in (*BY_STATE, *BY_OPTION):
            known = ", ".join((*BY_OPTION, *BY_STATE))
            raise EmoscopeError(f"{profile_path(name)}: there is no setting {key!r}; there are {known}")
        if key in params:
            try:
                params[key].type_cast_value(context, value)
            except click.ClickException as error:
                raise EmoscopeError(f"{profile_path(name)}: {key}: {error.message}") from None
            found[key] = value
    return found


def _given(context: click.Context) -> dict[str, Any]:
    """The options that are not the usual ones, as plain values."""
    defaults = {param.name: param.default for param in context.command.params}
    given = {name: context.params.get(name) for name in BY_OPTION}
    return {
        name: _plain(value)
        for name, value in given.items()
        if value not in (None, False, "", ()) and value != defaults.get(name)
    }


def _of_state(state: ViewState) -> dict[str, Any]:
    target = "" if state.target == PREDICTED else state.labels[state.target]
    shown = {"layer": state.layer_name, "method": state.method_name, "target": target}
    return {**{name: getattr(state, name) for name in BY_STATE if name not in shown}, **shown}


def _plain(value: Any) -> Any:
    """A parameter as it is written: sizes as 1280x720, paths that are there as they are from everywhere."""
    if isinstance(value, tuple) and all(isinstance(part, int) for part in value):
        return "x".join(map(str, value))
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Path) or (isinstance(value, str) and Path(value).exists()):
        return str(Path(value).absolute())
    return value
