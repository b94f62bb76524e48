"""The window, and its stand-in for tests: shows a picture, tells keys and clicks, knows its own size."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

import cv2

from ..system.display import require_display
from ..types import Image

TITLE = "EmoScope"
SMALLEST = (960, 540)
LARGEST = (1280, 960)
QT_KEYS = {
    65360: "home",
    65361: "left",
    65362: "up",
    65363: "right",
    65364: "down",
    65365: "pageup",
    65366: "pagedown",
    65367: "end",
    65476: "f7",
    65480: "f11",
}
"""X key symbols, as Qt's and GTK's windows report them."""
COCOA_KEYS = {
    63232: "up",
    63233: "down",
    63234: "left",
    63235: "right",
    63242: "f7",
    63246: "f11",
    63273: "home",
    63275: "end",
    63276: "pageup",
    63277: "pagedown",
}
"""Apple's characters for keys without a sign (NSEvent.h)."""
WIN32_KEYS = {
    0x21 << 16: "pageup",
    0x22 << 16: "pagedown",
    0x23 << 16: "end",
    0x24 << 16: "home",
    0x25 << 16: "left",
    0x26 << 16: "up",
    0x27 << 16: "right",
    0x28 << 16: "down",
    0x76 << 16: "f7",
    0x7A << 16: "f11",
}
"""Windows' virtual keys, as OpenCV shifts them."""
SPECIAL_KEYS = {9: "tab", 27: "escape", 32: "space", **QT_KEYS, **COCOA_KEYS, **WIN32_KEYS}
"""What OpenCV reports of keys without a sign → names; no two systems' numbers meet."""
WAIT_MS = 1

W = TypeVar("W", bound="Window")


class Window(ABC):
    """Where the viewer shows its pictures; a context manager that closes it.

    Attributes:
        clicks: x, y of clicks since they were last taken, in pixels of the picture that was shown.
    """

    def __init__(self) -> None:
        self.clicks: list[tuple[int, int]] = []

    @abstractmethod
    def show(self, image: Image) -> None:
        """Shows a (H, W, 3) BGR picture of the window's own size."""

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

    def toggle_fullscreen(self) -> None:  # noqa: B027
        """Full screen, or back."""

    def close(self) -> None:  # noqa: B027
        """Takes the window away."""

    def __enter__(self: W) -> W:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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
        self._first_size, self._shown = size, False
        if fullscreen:
            self.toggle_fullscreen()

    def show(self, image: Image) -> None:
        if self.open:  # else OpenCV would make the window anew
            cv2.imshow(TITLE, image)
            self._shown = True

    def key(self) -> str | None:
        return key_name(cv2.waitKeyEx(WAIT_MS))

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

    def toggle_fullscreen(self) -> None:
        full = cv2.getWindowProperty(TITLE, cv2.WND_PROP_FULLSCREEN) == cv2.WINDOW_FULLSCREEN
        state = cv2.WINDOW_NORMAL if full else cv2.WINDOW_FULLSCREEN
        cv2.setWindowProperty(TITLE, cv2.WND_PROP_FULLSCREEN, state)

    def close(self) -> None:
        cv2.destroyAllWindows()

    def _mouse(self, event: int, x: int, y: int, flags: int, _: object) -> None:
        if event == cv2.EVENT_LBUTTONDOWN:
            self.clicks.append((x, y))


def key_name(code: int) -> str | None:
    """The name of a key as OpenCV reports it; None where none was pressed, or one that nobody asks for."""
    if code not in SPECIAL_KEYS and code > 0xFFFF:
        code &= 0xFFFF  # GTK's windows put Num Lock and the like above the key
    return SPECIAL_KEYS.get(code, chr(code) if 32 < code < 127 else None)


def first_size(width: int, height: int) -> tuple[int, int]:
    """A comfortable window for pictures of a size: small ones are enlarged, large ones shrunk, as a whole."""
    grow = max(1.0, min(SMALLEST[0] / width, SMALLEST[1] / height))
    factor = min(grow, LARGEST[0] / width, LARGEST[1] / height)
    return round(width * factor), round(height * factor)
