"""Rectangles of whole pixels, and the places a panel may have: beside a face, in line with it, along an edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..types import Box


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of whole pixels.

    Attributes:
        x: left edge.
        y: upper edge.
        width: of the pixels within, so that x + width is the first column outside.
        height: likewise.
    """

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def around(cls, box: Box) -> Rect:
        """The whole pixels of a box."""
        x0, y0, x1, y1 = (round(value) for value in box)
        return cls(x0, y0, max(1, x1 - x0), max(1, y1 - y0))

    @property
    def right(self) -> int:
        """First column after the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row after the rectangle."""
        return self.y + self.height

    @property
    def area(self) -> int:
        """In pixels."""
        return self.width * self.height

    def common(self, other: Rect) -> Rect | None:
        """What both share, or None."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        width, height = min(self.right, other.right) - x, min(self.bottom, other.bottom) - y
        return Rect(x, y, width, height) if width > 0 and height > 0 else None

    def overlap(self, other: Rect) -> int:
        """Shared area in pixels."""
        x0, y0, left, top = self.x, self.y, other.x, other.y
        x1, y1, right, bottom = x0 + self.width, y0 + self.height, left + other.width, top + other.height
        if x0 >= right or left >= x1 or y0 >= bottom or top >= y1:  # as most are: asked hundreds of times a picture
            return 0
        return (min(x1, right) - max(x0, left)) * (min(y1, bottom) - max(y0, top))

    def within(self, width: int, height: int) -> bool:
        """Whether it lies in a picture of this size as a whole."""
        return self.x >= 0 and self.y >= 0 and self.right <= width and self.bottom <= height

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inside(self, other: Rect) -> bool:
        """Whether it lies in another one as a whole."""
        return self.x >= other.x and self.y >= other.y and self.right <= other.right and self.bottom <= other.bottom

    def distance(self, other: Rect) -> int:
        """How far apart the two are, in pixels; 0 where they touch."""
        across = max(self.x - other.right, other.x - self.right, 0)
        down = max(self.y - other.bottom, other.y - self.bottom, 0)
        return max(across, down)


def bounds(rects: Sequence[Rect]) -> Rect:
    """The smallest rectangle that holds all of these, of which there is at least one."""
    x, y = min(one.x for one in rects), min(one.y for one in rects)
    return Rect(x, y, max(one.right for one in rects) - x, max(one.bottom for one in rects) - y)


def beside(face: Rect, width: int, height: int, gap: int) -> list[Rect]:
    """Places for a panel of this size at a face: left and right, at its top, its middle and its foot.

    Args:
        face: its box, in pixels.
        width: of the panel.
        height: likewise.
        gap: between face and panel.
    """
    left, right = face.x - gap - width, face.right + gap
    rows = (face.y, face.y + (face.height - height) // 2, face.bottom - height)
    return [Rect(x, y, width, height) for y in rows for x in (left, right)]


def over_and_under(face: Rect, width: int, height: int, gap: int) -> list[Rect]:
    """Places for a panel of this size in line with a face: under it, then over it.

    Args:
        face: its box, in pixels.
        width: of the panel.
        height: likewise.
        gap: between face and panel.
    """
    x = face.x + (face.width - width) // 2
    return [Rect(x, y, width, height) for y in (face.bottom + gap, face.y - gap - height)]


def docked(room: Rect, width: int, height: int, gap: int) -> list[Rect]:
    """Places for a panel of this size along the left and the right edge of a room: foot, head and middle.

    Args:
        room: where panels may stand, in pixels.
        width: of the panel.
        height: likewise.
        gap: between panel and edge.
    """
    columns = (room.x + gap, room.right - gap - width)
    rows = (room.bottom - gap - height, room.y + gap, room.y + (room.height - height) // 2)
    return [Rect(x, y, width, height) for y in rows for x in columns]
