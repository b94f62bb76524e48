"""The gate: a look for new faces is left out while its part of the picture shows what it showed when it was taken last.

    look due ──▶ changed outside known faces?  yes ──▶ taken
                 a known face lost?            yes ──▶ taken
                 a face seen, not confirmed?   yes ──▶ taken, as long as it is seen
                 not taken for a second?       yes ──▶ taken
                                               no  ──▶ left out, until it is due again

The picture is compared with what it showed when the look was taken, not with the frame before, so that what changes
slowly changes too: at 64×36 cells, the mean of four points each, those about known faces left out, then and now. A cell
has changed where it is darker or brighter than it and its eight neighbours were, so that a camera that sways a little
changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Face, Image, Raster
from .geometry import centre
from .looks import Look
from .schedule import ScanPlan, Schedule, TurnedScanPlan

COLUMNS, ROWS = 64, 36
CHANGE, MANY = 12, 3
"""Gray levels by which a cell must be darker or brighter than before, and how many cells must be. So the looks at a
person before whom a camera moves are 75, where 114 are due and 113 would be taken were each cell compared with itself.
A face of less than three cells is seen a second later at most.
"""
LONGEST_S = 1.0
"""A look is taken so often at least, where its plan takes it so often."""
SOON = 0.75
"""How long before that a look is taken when its turn comes, in rounds of its plan."""
AROUND = np.ones((3, 3), np.uint8)
HEAD = 1.7
"""Width and height of what moves with a face, hair and neck, in those of its box."""


class _Sight(NamedTuple):
    """What a picture shows, (36, 64) each.

    Attributes:
        cells: brightness.
        darkest: of the cell and its neighbours.
        brightest: likewise.
        known: whether the cell is of a known face.
    """

    cells: Image
    darkest: Image
    brightest: Image
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Taken:
    time_s: float
    sight: _Sight


class GatedSchedule:
    """The looks of a plan that are due, without those that would show nothing new.

    Args:
        plan: how to scan.
        gated: whether any are left out.

    Attributes:
        count: looks that were taken so far.
    """

    def __init__(self, plan: ScanPlan | TurnedScanPlan, gated: bool = True) -> None:
        self._plan, self._gated, self.count = plan, gated, 0
        self.restart()

    def restart(self) -> None:
        """Makes all looks due at once: the next picture is of a scene that nothing is known about."""
        self._schedule = Schedule(self._plan)
        self._taken: dict[Look, _Taken] = {}

    def fresh(self) -> GatedSchedule:
        """Another of the same plan, which has seen nothing."""
        return GatedSchedule(self._plan, self._gated)

    def due(self, picture: Raster, faces: Sequence[Face], lost: bool, time_s: float) -> list[Look]:
        """The looks to take at a picture now.

        Args:
            picture: the frame.
            faces: that are known, as measured in it.
            lost: whether one that was known was not found in it.
            time_s: of the frame, in seconds.
        """
        looks = self._schedule.due(picture.width, picture.height, time_s)
        round_s = self._schedule.round_s(picture.width, picture.height)
        overdue = [look for look, taken in self._taken.items() if time_s - taken.time_s >= LONGEST_S]
        if self._gated and round_s <= LONGEST_S / 2 and (looks or overdue):
            # Each on its own turn, if that comes soon enough: all together would hold a frame up.
            sight, since_s = _sight(picture, faces), time_s - LONGEST_S + SOON * round_s
            looks = [look for look in looks if lost or self._wanted(look, picture, sight, since_s)]
            looks += [look for look in overdue if look not in looks]
            self._taken |= dict.fromkeys(looks, _Taken(time_s, sight))
        self.count += len(looks)
        return looks

    def doubt(self, look: Look) -> None:
        """Takes note that a look showed what may be a face and is not known yet: it is taken again when it is due."""
        self._taken.pop(look, None)

    def _wanted(self, look: Look, picture: Raster, now: _Sight, since_s: float) -> bool:
        before = self._taken.get(look)
        return before is None or before.time_s < since_s or _changed(before.sight, now, look, picture)


def _sight(picture: Raster, faces: Sequence[Face]) -> _Sight:
    points = picture.points(2 * COLUMNS, 2 * ROWS)
    cells = np.asarray(cv2.resize(points, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.uint8)
    darkest, brightest = (np.asarray(way(cells, AROUND), np.uint8) for way in (cv2.erode, cv2.dilate))
    known = np.zeros((ROWS, COLUMNS), bool)
    for face in faces:
        (x, y), (x0, y0, x1, y1) = centre(face.box_xyxy), face.box_xyxy
        half = HEAD * (x1 - x0) / 2, HEAD * (y1 - y0) / 2
        known[_cells(x - half[0], y - half[1], x + half[0], y + half[1], picture)] = True
    return _Sight(cells, darkest, brightest, known)


def _changed(before: _Sight, now: _Sight, look: Look, picture: Raster) -> bool:
    part = _cells(*look.box, picture)
    cells = now.cells[part]
    brighter, darker = cv2.subtract(cells, before.brightest[part]), cv2.subtract(before.darkest[part], cells)
    changed = cv2.max(brighter, darker) >= CHANGE
    return int(np.count_nonzero(changed & ~before.known[part] & ~now.known[part])) >= MANY


def _cells(x0: float, y0: float, x1: float, y1: float, picture: Raster) -> tuple[slice, slice]:
    """Rows and columns of the cells that a rectangle in pixels touches."""
    across, down = COLUMNS / picture.width, ROWS / picture.height
    left, right = max(0, int(x0 * across)), max(0, int(np.ceil(x1 * across)))
    return slice(max(0, int(y0 * down)), max(0, int(np.ceil(y1 * down)))), slice(left, right)
