"""Gives every frame its time: the source's own stamp, and where that is missing or runs backwards, the next possible.

A player shows each frame until the stamp of the next, so stamps must rise. Damaged files and raw streams
break this; then the frame comes one usual step after the last, or one tick where it would be late.
"""

from __future__ import annotations

from fractions import Fraction


class Clock:
    """Stamps frames in ticks of a time base, strictly rising.

    Attributes:
        mended: frames whose own stamp was missing or not later than the last.
    """

    def __init__(self, time_base: Fraction, rate: Fraction | None) -> None:
        self.time_base = time_base
        self.step = max(1, round(1 / (rate * time_base))) if rate else 1
        self.mended = 0
        self._last: int | None = None

    def stamp(self, pts: int | None) -> int:
        """The time of the next frame, in ticks."""
        self._last = self._next(pts)
        return self._last

    def describe(self) -> list[str]:
        """A line for people where times had to be made up."""
        if not self.mended:
            return []
        count = f"{self.mended:,} frame{'s' if self.mended > 1 else ''}"
        return [f"{count} without a time of their own, or with one that is not later: put behind the frame before"]

    def _next(self, pts: int | None) -> int:
        if pts is not None and (self._last is None or pts > self._last):
            return pts
        self.mended += self._last is not None or pts is None
        if self._last is None:
            return 0
        return self._last + (self.step if pts is None else 1)
