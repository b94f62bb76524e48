"""What is said while training and long measurements run: a line that moves in a terminal, lines that stay elsewhere."""

from __future__ import annotations

import time

from emoscope.system.terminal import MovingLine, say

from ..training.history import Epoch, ValidationScore

BAR = 24
LEARNT_AFTER = 20
"""Steps from which on it is said how long the rest will take."""
LOGGED_S = 60.0
"""How often a long measurement says how far it is where no line can move."""


class Counter:
    """Shows how much of a measurement is done, and how long the rest will take: `what   12 %   40 s left`.

    Args:
        total: steps that there are to do.
        what: is measured.
    """

    def __init__(self, total: int, what: str) -> None:
        self._total, self._what, self._done = total, what, 0
        self._line = MovingLine()
        self._began = self._logged = time.monotonic()

    def __enter__(self) -> Counter:
        self._line.show(self._what)
        return self

    def __exit__(self, *_: object) -> None:
        self._line.show("")

    def step(self, count: int = 1) -> None:
        """So many more steps are done."""
        self._done += count
        now = time.monotonic()
        if self._line.due:
            self._line.show(self._told(now))
        elif not self._line.seen and now - self._logged >= LOGGED_S:
            self._logged = now
            say(self._told(now), err=True)

    def _told(self, now: float) -> str:
        left_s = (now - self._began) / self._done * (self._total - self._done)
        return f"{self._what}   {100 * self._done // self._total:3d} %   {_left(left_s)}"


class Progress:
    """Shows a run's steps and epochs.

    Args:
        epochs: of the whole run.
        title: what stands before the epoch.
    """

    def __init__(self, epochs: int, title: str = "") -> None:
        self._epochs, self._title = epochs, title
        self._line = MovingLine()
        self._began: tuple[int, float] | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.show("")

    def step(self, epoch: int, step: int, steps: int, speed: float) -> None:
        """Redraws the bar, a few times a second.

        Args:
            epoch: its number, from 1.
            step: steps that are done.
            steps: of the epoch.
            speed: in pictures a second.
        """
        if self._line.due:
            filled = "█" * (BAR * step // steps)
            line = f"{self._title}epoch {epoch}/{self._epochs}  {filled:·<{BAR}}  {step}/{steps}  {speed:.0f} images/s"
            line += self._left((epoch - 1) * steps + step, self._epochs * steps)
            self._line.show(line)

    def _left(self, done: int, total: int) -> str:
        """How long the rest will take, if it goes on as it went since the first step that was seen."""
        first, began = self._began = self._began or (done, time.monotonic())
        if done - first < LEARNT_AFTER:
            return ""
        return f"  {_left((time.monotonic() - began) / (done - first) * (total - done))}"

    def line(self, text: str) -> None:
        """Writes a line that stays."""
        self._line.show("")
        say(text)

    def warning(self, text: str) -> None:
        """Likewise, on standard error."""
        self._line.show("")
        say(text, err=True)

    def epoch(self, epoch: Epoch) -> None:
        """Writes the line of a finished epoch."""
        scores = "  ".join(_told(score) for score in epoch.scores)
        self.line(
            f"epoch {epoch.epoch:3d}/{self._epochs}  loss {epoch.loss:.4f}  accuracy {epoch.accuracy:.4f}"
            f"  validation: {scores}  {epoch.images_per_s:.0f} images/s"
        )


def _left(left_s: float) -> str:
    return f"{left_s / 60:.0f} min left" if left_s >= 90 else f"{left_s:.0f} s left"


def _told(score: ValidationScore) -> str:
    return f"{score.task} {score.accuracy:.4f} (balanced {score.balanced:.4f}, macro-F1 {score.macro_f1:.4f})"
