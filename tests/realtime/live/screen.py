"""A screen of one's own: Xvfb on a free display, keys and mouse through xdotool, pictures through ImageMagick.

A window manager, Openbox, can be had as well: without one no window ever fills the screen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from time import sleep
from types import TracebackType

import cv2
import numpy as np

from emoscope.types import Image
from tests.command import environment
from tests.waiting import PATIENCE_S, until

TOOLS = ("Xvfb", "xdotool", "import", "openbox")
"""Debian: xvfb, xdotool, imagemagick, openbox."""


def missing_tools() -> list[str]:
    """The tools that this machine lacks."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


class Screen:
    """A virtual screen; a context manager that takes it away.

    Args:
        width: in pixels.
        height: in pixels.
        managed: whether a window manager runs on it.
    """

    def __init__(self, width: int = 1400, height: int = 1050, managed: bool = False) -> None:
        read, write = os.pipe()
        place = ["-screen", "0", f"{width}x{height}x24"]
        # Without -noreset the server starts anew whenever its last program leaves, and refuses the next one meanwhile.
        command = ["Xvfb", "-displayfd", str(write), *place, "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.name = f":{pipe.readline().strip()}"
        self._programs = [self._server]
        if managed:
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self._programs.insert(0, subprocess.Popen(["openbox"], env=self.environment, **quiet))

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are to open their windows here."""
        return environment(DISPLAY=self.name, QT_QPA_PLATFORM="xcb")

    def window(self, title: str, program: subprocess.Popen[str]) -> str:
        """The number of the program's window of this title, once it is there and has the focus."""
        found = until(lambda: program.poll() is not None or self.windows(title), f"no window {title!r} came", 0.1)
        assert program.poll() is None, f"no window {title!r} came: {program.stderr.read()}"
        self.focus(found[-1])
        return found[-1]

    def windows(self, title: str) -> list[str]:
        """The numbers of all visible windows of this title."""
        return self._tool("search", "--onlyvisible", "--name", f"^{title}$").split()

    def title(self, window: str) -> str:
        """What a window says of itself."""
        return self._tool("getwindowname", window).strip()

    def focus(self, window: str) -> None:
        """Gives a window the keys."""
        self._tool("windowfocus", "--sync", window)

    def press(self, *keys: str) -> None:
        """Presses keys by their X names, one after the other."""
        for key in keys:
            self._tool("key", key)
            sleep(0.15)

    def move(self, window: str, x: int, y: int) -> None:
        """Moves the mouse to a place of a window."""
        self._tool("mousemove", "--window", window, str(x), str(y))

    def click(self, window: str, x: int, y: int) -> None:
        """Clicks at a place of a window."""
        self._tool("mousemove", "--window", window, str(x), str(y), "click", "1")
        sleep(0.15)

    def wheel(self, window: str, x: int, y: int, away: bool) -> None:
        """Turns the wheel by a step at a place of a window."""
        self._tool("mousemove", "--window", window, str(x), str(y), "click", "4" if away else "5")
        sleep(0.15)

    def size(self, window: str) -> tuple[int, int]:
        """Width and height of a window, in pixels."""
        values = dict(line.split("=") for line in self._tool("getwindowgeometry", "--shell", window).split())
        return int(values["WIDTH"]), int(values["HEIGHT"])

    def picture(self, window: str) -> Image:
        """What a window shows, (H, W, 3) BGR."""
        command = ["import", "-silent", "-window", window, "bmp:-"]
        data = subprocess.run(command, env=self.environment, capture_output=True, check=True).stdout
        return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Takes the screen away from whoever uses it."""
        for program in self._programs:
            program.terminate()
            program.wait(PATIENCE_S)

    def _tool(self, *arguments: str) -> str:
        done = subprocess.run(["xdotool", *arguments], env=self.environment, capture_output=True, text=True)
        return done.stdout


def changed(before: Image, after: Image) -> tuple[int, int, int, int]:
    """The smallest box about all that differs, x0, y0, x1, y1; zeros where nothing does."""
    different = np.abs(before.astype(int) - after).max(axis=2) > 12
    if not different.any():
        return 0, 0, 0, 0
    rows, columns = np.flatnonzero(different.any(axis=1)), np.flatnonzero(different.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
