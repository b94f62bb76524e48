"""Where panels go: beside their face, inside the picture, not over one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..types import Box


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of whole pixels: upper left corner, width, height."""

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

    def common(self, other: Rect) -> Rect | None:
        """What both share, or None."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        width, height = min(self.right, other.right) - x, min(self.bottom, other.bottom) - y
        return Rect(x, y, width, height) if width > 0 and height > 0 else None

    def overlap(self, other: Rect) -> int:
        """Shared area in pixels."""
        common = self.common(other)
        return common.width * common.height if common else 0

    def within(self, width: int, height: int) -> bool:
        """Whether it lies in a picture of this size as a whole."""
        return self.x >= 0 and self.y >= 0 and self.right <= width and self.bottom <= height

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def moved_into(self, width: int, height: int, margin: int = 0) -> Rect:
        """The nearest place inside a picture of this size, its upper left corner visible whatever its size."""
        x = max(margin, min(self.x, width - margin - self.width))
        y = max(margin, min(self.y, height - margin - self.height))
        return Rect(x, y, self.width, self.height)


def free_place(choices: Sequence[Rect], taken: Iterable[Rect], width: int, height: int) -> Rect | None:
    """The first choice that lies in the picture and touches nothing that is taken, or None."""
    taken = tuple(taken)
    for choice in choices:
        if choice.within(width, height) and not any(choice.overlap(other) for other in taken):
            return choice
    return None


def beside(face: Rect, width: int, height: int, gap: int) -> list[Rect]:
    """Places for a panel of this size at a face: left and right, at its top, its middle and its foot."""
    left, right = face.x - gap - width, face.right + gap
    rows = (face.y, face.y + (face.height - height) // 2, face.bottom - height)
    return [Rect(x, y, width, height) for y in rows for x in (left, right)]


def over_and_under(face: Rect, width: int, height: int, gap: int) -> list[Rect]:
    """Places for a panel of this size in line with a face: under it, then over it."""
    x = face.x + (face.width - width) // 2
    return [Rect(x, y, width, height) for y in (face.bottom + gap, face.y - gap - height)]
