"""Whether there is a screen, asked before the window library is: Qt ends the whole program where there is none."""

from __future__ import annotations

import os
import re
import socket
import sys

from ..errors import DisplayError

ADVICE = "use `emoscope process` for files, or give a screen (DISPLAY; `xvfb-run` makes one)"


def has_display() -> bool:
    """Whether a window can be opened."""
    return not _missing()


def require_display() -> None:
    """Raises DisplayError, with the reason, where no window can be opened."""
    reason = _missing()
    if reason:
        raise DisplayError(f"{reason}: {ADVICE}")


def _uses_x11() -> bool:
    return sys.platform == "linux" and os.environ.get("QT_QPA_PLATFORM", "xcb") == "xcb"


def _missing() -> str:
    if not _uses_x11():
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "there is no screen (DISPLAY is not set)"
    number = _local_number(display)
    if number and not _answers(number):
        return f"the screen {display} does not answer"
    return ""


def _local_number(display: str) -> str:
    """The number of a server on this machine, "" for one elsewhere."""
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    return local[1] if local else ""


def _answers(number: str) -> bool:
    """Whether an X server listens, at a file or in Linux' abstract names."""
    path = f"/tmp/.X11-unix/X{number}"
    return _can_connect(path) or _can_connect(f"\0{path}")


def _can_connect(address: str) -> bool:
    if sys.platform == "win32":  # its Python has no sockets that are files
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        return wire.connect_ex(address) == 0
