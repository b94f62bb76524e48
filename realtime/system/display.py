"""Whether there is a screen, asked before the window library is: Qt ends the whole program where there is none."""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import suppress

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


class Connection:
    """A connection to the X server of this machine that the window uses too; nothing is said on it."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire

    def ends(self, within_s: float) -> bool:
        """Waits for its end; False where it stands for longer."""
        self._wire.settimeout(within_s)
        try:
            self._wire.recv(1)
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def end(self) -> None:
        """Ends it, whoever waits for that."""
        with suppress(OSError):
            self._wire.shutdown(socket.SHUT_RDWR)
        self._wire.close()


def connection() -> Connection | None:
    """A new one; None where no server answers, and for screens elsewhere."""
    number = _local_number(os.environ.get("DISPLAY", "")) if _uses_x11() else ""
    wires = (_connected(address) for address in (_addresses(number) if number else ()))
    return next((Connection(wire) for wire in wires if wire is not None), None)


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
    for address in _addresses(number):
        wire = _connected(address)
        if wire is not None:
            wire.close()
            return True
    return False


def _addresses(number: str) -> tuple[str, str]:
    """Where an X server listens: as a file, and in Linux' abstract names."""
    path = f"/tmp/.X11-unix/X{number}"
    return path, f"\0{path}"


def _connected(address: str) -> socket.socket | None:
    if sys.platform == "win32":  # its Python has no sockets that are files
        return None
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        wire.connect(address)
    except OSError:
        wire.close()
        return None
    return wire
