"""When to look where for new faces: the whole picture coarsely, and its windows finely, one after another.

One look costs about the same as any other, so the cost of a frame stays even, while within a fraction of a second
every part of the picture has been seen at full sharpness:

    frame     1        2        3        4        5        6
    look    whole   window 1 window 2 window 3 window 4  whole  …

The pace is in looks a second, so a slow source gets several looks a frame and a quick one none in some.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .looks import Look, whole_picture, windows


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """How a detector scans.

    Attributes:
        coarse: longer edge of the whole picture as shown, in pixels.
        fine: longer edge of the picture that the windows are cut from, in pixels.
        window: longer and shorter edge of a window as shown, in pixels.
        overlap: of neighbouring windows as shown, in pixels.
        per_s: looks a second.
    """

    coarse: int
    fine: int
    window: tuple[int, int]
    overlap: int
    per_s: float

    def looks(self, width: int, height: int) -> list[Look]:
        """All looks that together see every part of a picture of this size, coarsely and finely."""
        first = whole_picture(width, height, self.coarse)
        fine = windows(width, height, self.fine, self.window, self.overlap)
        return [first] if len(fine) == 1 and fine[0].size == first.size else [first, *fine]


@dataclass(frozen=True, slots=True)
class TurnedScanPlan:
    """Shows the whole picture lying on either side and upside down, for a detector that sees heads upright only.

    Attributes:
        edge: of the square about the picture as shown, in pixels.
        per_s: looks a second.
    """

    edge: int
    per_s: float

    def looks(self, width: int, height: int) -> list[Look]:
        """The three looks at a picture of this size."""
        side = max(width, height)
        left, top, edge_px = (width - side) // 2, (height - side) // 2, min(self.edge, side)
        return [Look(left, top, side, side, (edge_px, edge_px), turn) for turn in (math.pi, math.pi / 2, -math.pi / 2)]


class Schedule:
    """Deals out a plan's looks over time.

    Args:
        plan: how to scan.
    """

    def __init__(self, plan: ScanPlan | TurnedScanPlan) -> None:
        self._plan = plan
        self._size, self._looks = (0, 0), list[Look]()
        self.restart()

    def restart(self) -> None:
        """Makes everything due at once: the next picture is of a scene that nothing is known about."""
        self._next = 0
        self._due_s: float | None = None

    def due(self, width: int, height: int, time_s: float) -> list[Look]:
        """The looks to take at a picture now.

        Args:
            width: of the picture, in pixels.
            height: likewise.
            time_s: when it is shown, in seconds; so many looks a second are due.
        """
        looks = self._planned(width, height)
        count = min(self._count(time_s), len(looks))
        first, self._next = self._next, self._next + count
        return [looks[index % len(looks)] for index in range(first, first + count)]

    def round_s(self, width: int, height: int) -> float:
        """How long it takes until each look at a picture of this size has been due once, in seconds."""
        return len(self._planned(width, height)) / self._plan.per_s

    def _planned(self, width: int, height: int) -> list[Look]:
        """The plan's looks at pictures of this size, which are the same from frame to frame."""
        if self._size != (width, height):
            self._size, self._looks = (width, height), self._plan.looks(width, height)
        return self._looks

    def _count(self, time_s: float) -> int:
        interval_s = 1 / self._plan.per_s
        if self._due_s is None:
            self._due_s = time_s + interval_s
            return 1_000
        count = 0 if time_s < self._due_s else 1 + int((time_s - self._due_s) / interval_s)
        self._due_s += count * interval_s
        return count
