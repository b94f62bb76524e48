"""The window, and its stand-in for tests: shows a picture, tells keys and clicks, knows its own size."""

from __future__ import annotations

import os
import sys
from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import TypeVar

import cv2

from ..system.closing import Closing
from ..system.display import require_display
from ..system.screen_watch import ScreenWatch
from ..types import Image
from .keycodes import key_name
from .unzoom import unzoom, wheel_is_ours

TITLE = "EmoScope"
SMALLEST = (960, 540)
LARGEST = (1280, 960)
SIDES = 0.66
"""What is left beside a tall picture for panels, in heights of the window."""
WAIT_MS = 1
OPENING_TURNS = 20
"""How often a new window is given time, until it is on the screen; keys that come meanwhile are kept."""
POINTING_S = 2.0
"""How long the strip for the mouse stays after its last move."""

W = TypeVar("W", bound="Window")


class Window(Closing):
    """Where the viewer shows its pictures; a context manager that closes it.

    Attributes:
        clicks: x, y of clicks since they were last taken, in pixels of the picture that was shown.
        pointer: x, y of the mouse.
        turns: steps of the wheel since they were last taken, above zero away from the user.
        lost: called on a thread of its own where the screen is gone, before the program ends: what is to be kept.
    """

    def __init__(self) -> None:
        self.clicks: list[tuple[int, int]] = []
        self.pointer = (-1, -1)
        self.turns = 0
        self.lost: Callable[[], object] = lambda: None
        self._moved_s = float("-inf")

    @property
    def pointing(self) -> bool:
        """Whether the mouse moved of late."""
        return perf_counter() - self._moved_s < POINTING_S

    def move(self, x: int, y: int) -> None:
        """Notes where the mouse is."""
        if (x, y) != self.pointer:
            if self.pointer != (-1, -1):  # where it first is, nobody moved it to
                self._moved_s = perf_counter()
            self.pointer = (x, y)

    @abstractmethod
    def show(self, image: Image) -> None:
        """Shows a (H, W, 3) BGR picture of the window's own size."""

    def opening(self, image: Image) -> None:
        """Shows a picture of words at once, before the first of the source comes."""

    @abstractmethod
    def key(self) -> str | None:
        """The name of a key pressed since the last call, or None; lets the window breathe."""

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """Width and height of the picture area, in pixels."""

    @property
    @abstractmethod
    def open(self) -> bool:
        """Whether the user has not closed it."""

    @property
    def fullscreen(self) -> bool:
        """Whether it fills the screen."""
        return False

    def toggle_fullscreen(self) -> None:
        """Full screen, or back."""

    def title(self, text: str) -> None:
        """Says what it shows, in the window's own title."""

    def close(self) -> None:
        """Takes the window away."""


class ScreenWindow(Window):
    """An OpenCV window. It belongs to the thread that made it, which must be the main one.

    Args:
        size: width and height of its picture area at first, in pixels.
        fullscreen: whether it fills the screen at first.

    Raises:
        DisplayError: there is no screen.
    """

    def __init__(self, size: tuple[int, int], fullscreen: bool = False) -> None:
        super().__init__()
        require_display()
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(TITLE, *size)
        cv2.setMouseCallback(TITLE, self._mouse)
        self._first_size, self._shown, self._title = size, False, TITLE
        self._early: list[str] = []
        self._zoomed = False
        self._watch = ScreenWatch(self._end).__enter__()
        if fullscreen:
            self.toggle_fullscreen()

    def show(self, image: Image) -> None:
        if self.open:  # else OpenCV would make the window anew
            cv2.imshow(TITLE, image)
            self._shown = True

    def opening(self, image: Image) -> None:
        self.show(image)
        self._early = [name for _ in range(OPENING_TURNS) if (name := key_name(cv2.waitKeyEx(WAIT_MS))) is not None]

    def key(self) -> str | None:
        if self._early:
            return self._early.pop(0)
        name = key_name(cv2.waitKeyEx(WAIT_MS))
        if self._zoomed:  # Qt has zoomed after it told of the wheel
            self._zoomed = False
            unzoom()
        return name

    @property
    def size(self) -> tuple[int, int]:
        known = self._shown and self.open
        _, _, width, height = cv2.getWindowImageRect(TITLE) if known else (0, 0, *self._first_size)
        return (width, height) if width > 1 and height > 1 else self._first_size

    @property
    def open(self) -> bool:
        try:
            return cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # the last window was closed, and Qt's part of OpenCV with it
            return False

    @property
    def fullscreen(self) -> bool:
        return self.open and cv2.getWindowProperty(TITLE, cv2.WND_PROP_FULLSCREEN) == cv2.WINDOW_FULLSCREEN

    def toggle_fullscreen(self) -> None:
        state = cv2.WINDOW_NORMAL if self.fullscreen else cv2.WINDOW_FULLSCREEN
        cv2.setWindowProperty(TITLE, cv2.WND_PROP_FULLSCREEN, state)

    def title(self, text: str) -> None:
        if text != self._title and self.open:
            self._title = text
            cv2.setWindowTitle(TITLE, text)

    def close(self) -> None:
        self._watch.__exit__()
        cv2.destroyAllWindows()

    def _end(self) -> None:
        """The end of the program where the screen is gone: Qt would have ended it with no word."""
        with suppress(Exception):  # whatever happens, nobody can see or stop the program any more
            self.lost()
        print("emoscope: the screen is gone", file=sys.stderr, flush=True)
        os._exit(1)

    def _mouse(self, event: int, x: int, y: int, flags: int, _: object) -> None:
        self.move(x, y)
        if event == cv2.EVENT_LBUTTONDOWN:
            self.clicks.append((x, y))
        if event == cv2.EVENT_MOUSEWHEEL and wheel_is_ours():
            self._zoomed = True
            self.turns += 1 if flags > 0 else -1


def first_size(width: int, height: int) -> tuple[int, int]:
    """A comfortable window for pictures of a size: small ones are enlarged, large ones shrunk, as a whole.

    It is wider than a narrow picture, so that panels stand beside it.
    """
    grow = max(1.0, min(SMALLEST[0] / width, SMALLEST[1] / height))
    factor = min(grow, LARGEST[0] / width, LARGEST[1] / height)
    wide, high = round(width * factor), round(height * factor)
    beside = min(LARGEST[0], round(wide + SIDES * high)) if wide < high else wide
    return max(SMALLEST[0], beside), high
