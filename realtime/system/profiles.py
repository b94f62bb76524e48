"""Profiles: settings by name, each a readable TOML file in the user's configuration folder.

Linux      $XDG_CONFIG_HOME/emoscope/profiles, else ~/.config/emoscope/profiles
macOS      ~/Library/Application Support/emoscope/profiles
Windows    %APPDATA%\\emoscope\\profiles
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import EmoscopeError, unwritten
from .atomic import atomic_write

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = re.compile(r"[\w][\w .-]*")
Settings = Mapping[str, Any]
"""Names → text, numbers, yes or no, lists of these, and tables of these."""


def profiles_folder() -> Path:
    """Where profiles are, by the rules of each system; it need not be there."""
    home = Path.home()
    if sys.platform == "win32":
        place = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        place = home / "Library" / "Application Support"
    else:
        named = Path(os.environ.get("XDG_CONFIG_HOME", ""))
        place = named if named.is_absolute() else home / ".config"  # a relative one is invalid, says the rule
    return place / "emoscope" / "profiles"


def profile_path(name: str) -> Path:
    """The file of a profile.

    Raises:
        EmoscopeError: it is no name for a file.
    """
    if not NAME.fullmatch(name) or name != name.strip(" ."):
        raise EmoscopeError(f"{name!r} is no name for a profile: use letters, digits, - and _")
    return profiles_folder() / f"{name}.toml"


def profile_names() -> list[str]:
    """The profiles that are there."""
    try:
        return sorted(path.stem for path in profiles_folder().glob("*.toml"))
    except OSError:
        return []


def read_profile(name: str) -> dict[str, Any] | None:
    """The settings of a profile, None where there is none of this name.

    Raises:
        EmoscopeError: the file cannot be read, or is no TOML.
    """
    path = profile_path(name)
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EmoscopeError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise EmoscopeError(f"{path}: {error}: mend or delete this file") from None
    return found


def write_profile(name: str, settings: Settings, title: str) -> Path:
    """Writes a profile, whole or not at all.

    Args:
        settings: tables stand behind all else.
        title: says in the file what it is, in one line.

    Raises:
        EmoscopeError: it cannot be written.
    """
    path = profile_path(name)
    try:
        atomic_write(path, toml(settings, title))
    except OSError as error:
        raise unwritten(path, error) from None
    return path


def toml(settings: Settings, title: str) -> str:
    """Settings as TOML, with a line of words at the top."""
    plain = {key: value for key, value in settings.items() if not isinstance(value, Mapping)}
    lines = [f"# {title}", "", *_lines(plain)]
    for key, value in settings.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{key}]", *_lines(value)]
    return "\n".join(lines) + "\n"


def _lines(settings: Settings) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in settings.items()]


def _value(value: Any) -> str:
    """JSON's texts, numbers and lists are TOML's too, but for the one control character that JSON leaves as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
