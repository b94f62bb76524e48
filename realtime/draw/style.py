"""How things look: one colour per emotion, one set of sizes that grows with the picture.

The emotions' colours follow Okabe and Ito, "Color Universal Design" (2008), a set that people with any
colour vision tell apart; the order of bars never changes, so colour is never the only sign.
"""

from __future__ import annotations

from dataclasses import dataclass

from .canvas import Colour

EMOTIONS: dict[str, Colour] = {
    "angry": (0, 94, 213),
    "contempt": (233, 180, 86),
    "disgust": (115, 158, 0),
    "fear": (167, 121, 204),
    "happy": (66, 228, 240),
    "neutral": (190, 190, 190),
    "sad": (214, 130, 40),
    "surprise": (0, 159, 230),
}
OTHERS: tuple[Colour, ...] = tuple(EMOTIONS.values())

WHITE: Colour = (255, 255, 255)
SOFT: Colour = (205, 205, 205)
DIM: Colour = (160, 160, 160)
PANEL: Colour = (24, 22, 20)
TRACK: Colour = (66, 62, 60)
RED: Colour = (60, 60, 235)

PANEL_OPACITY = 0.78
REFERENCE_HEIGHT = 720
"""Height in pixels of the picture for which sizes are written down; others scale from it."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes in pixels for one size of picture.

    Attributes:
        text: font size of ordinary text.
        title: font size of a face's label.
        gap: between things that belong together.
        radius: of a panel's corners.
        stroke: thickness of lines.
    """

    text: int
    title: int
    gap: int
    radius: int
    stroke: int

    @classmethod
    def of(cls, width: int, height: int, text_scale: float = 1.0) -> Sizes:
        """Sizes for a picture; text never gets smaller than 10 pixels, below which letters blur."""
        scale = text_scale * min(height, width * 0.95) / REFERENCE_HEIGHT
        return cls(
            text=max(10, round(17 * scale)),
            title=max(11, round(22 * scale)),
            gap=max(3, round(10 * scale)),
            radius=max(3, round(8 * scale)),
            stroke=max(1, round(4 * scale)),
        )


def colour_of(label: str, index: int = 0) -> Colour:
    """The colour of a class; a class that is no known emotion gets one by its number."""
    return EMOTIONS.get(label, OTHERS[index % len(OTHERS)])
