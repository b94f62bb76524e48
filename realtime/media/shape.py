"""What a picture measures: pixels as they are stored, how wide each is shown, and the size with square pixels.

    stored 720×576, pixel aspect 64:45      seen and drawn 1024×576

Whoever looks at faces, or draws letters, works with square pixels; the new film is stored as its source is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..types import Size

SQUARE = Fraction(1)
WIDEST = 5
"""Of a pixel, through its height or the other way round; what says more is a mistake, and taken for square."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Size and pixel aspect of an upright picture.

    Attributes:
        width, height: in stored pixels.
        aspect: width of a pixel through its height.
    """

    width: int
    height: int
    aspect: Fraction = SQUARE

    @property
    def square(self) -> Size:
        """Width and height with square pixels: the shorter side of a pixel grows, so that nothing is lost."""
        if self.aspect >= 1:
            return max(1, round(self.width * self.aspect)), self.height
        return self.width, max(1, round(self.height / self.aspect))

    @property
    def area(self) -> int:
        """Of the picture with square pixels."""
        width, height = self.square
        return width * height

    def place(self, inner: Shape) -> tuple[int, int, int, int]:
        """Where another picture stands in this one, as large as it fits, in the middle: x, y, width, height.

        In stored pixels of this one; all but the picture's own edges even, as 4:2:0 needs.
        """
        (width, height), (wide, high) = self.square, inner.square
        scale = min(width / wide, height / high)
        across = _even(wide * scale * self.width / width, self.width)
        down = _even(high * scale * self.height / height, self.height)
        return (self.width - across) // 4 * 2, (self.height - down) // 4 * 2, across, down

    def __str__(self) -> str:
        wide = "" if self.aspect == SQUARE else f" with pixels of {self.aspect.numerator}:{self.aspect.denominator}"
        return f"{self.width}×{self.height}{wide}"


def usable(aspect: Fraction | None) -> Fraction:
    """A pixel aspect as a file states it; square where it states none, or nonsense."""
    if not aspect or not 1 / WIDEST <= aspect <= WIDEST:
        return SQUARE
    return Fraction(aspect)


def in_pixels(box: tuple[float, float, float, float], scale: tuple[float, float]) -> tuple[float, float, float, float]:
    """A box in other pixels: x0, y0, x1, y1 times the scale across and down."""
    x0, y0, x1, y1 = box
    return x0 * scale[0], y0 * scale[1], x1 * scale[0], y1 * scale[1]


def _even(length: float, most: int) -> int:
    return most if length > most - 1 else max(2, round(length / 2) * 2)
