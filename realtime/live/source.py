"""What the viewer can watch, behind one protocol: `read` waits for the next frame at the source's own speed."""

from __future__ import annotations

from abc import abstractmethod

from ..system.closing import Closing
from ..types import Frame


class Source(Closing):
    """A source of frames, and a context manager that closes it.

    Attributes:
        name: what the status panel calls it.
        notice: what the window should say about it now, such as "camera lost"; "" for nothing.
    """

    name: str = ""
    notice: str = ""

    @abstractmethod
    def read(self) -> Frame | None:
        """The next frame, waited for at the source's own speed; None when there will be no more.

        Raises:
            SourceError: the source cannot be read any longer.
        """

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """Width and height of its first frame, in pixels."""

    @property
    def position(self) -> str:
        """Where in a recording the frame lies that was read last, "" where that means nothing."""
        return ""

    @property
    def is_camera(self) -> bool:
        """Whether it shows the person in front of it, who expects a mirror."""
        return False

    @property
    def can_pause(self) -> bool:
        """Whether `pause` stops it; where it does not, the viewer holds the picture."""
        return False

    def pause(self, on: bool) -> None:
        """Stops or continues a recording."""

    @property
    def progress(self) -> float | None:
        """How far a recording has come, 0–1; None where that means nothing."""
        return None

    def seek(self, progress: float) -> None:
        """Goes to a part of a recording, 0–1."""

    def loop(self, on: bool) -> None:
        """Whether a recording starts again at its end."""

    def step(self, steps: int = 1) -> None:
        """Gives one more frame of a paused recording, or the one before."""

    def move(self, steps: int) -> None:
        """Moves by steps of five seconds in a film, or of one picture in a folder."""

    def interrupt(self) -> None:
        """Lets a `read` that waits for a lost device return None soon, though the source is not at its end."""

    def close(self) -> None:
        """Lets go of the device or file; a waiting `read` returns soon."""
