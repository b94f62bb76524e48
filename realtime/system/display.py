"""Whether there is a screen, asked before the window library is: Qt ends the whole program where there is none."""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import closing

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


def _missing() -> str:
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM", "xcb") != "xcb":
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "there is no screen (DISPLAY is not set)"
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    if local and not _answers(f"/tmp/.X11-unix/X{local[1]}"):
        return f"the screen {display} does not answer"
    return ""


def _answers(path: str) -> bool:
    """Whether an X server listens at a path, as a file or in Linux' abstract names."""
    return any(_connects(address) for address in (path, f"\0{path}"))


def _connects(address: str) -> bool:
    if sys.platform == "win32":  # its Python has no sockets that are files
        return False
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
        return True
