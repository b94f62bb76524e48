"""From a decoder's frame to a picture: one that the new film can store, and one that can be looked at.

    decoded ──▶ 4:2:0, 8 bits ──▶ upright ──▶ at its place in the new film's frame                      `frame`
       └──▶ whole lines ──▶ the same ──▶ ordinary light ──▶ at its place, with square pixels            `seen`

Most films need nothing of this: then both are the decoder's own frame.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av

from .fields import Sight
from .light import NAMES, tone_of
from .planar import framed
from .planes import Picture
from .shape import SQUARE, Shape, usable
from .upright import Orientation, Upright

FLEETING = 2
"""Frames that a shape must outlast to decide on the new film's size."""


@dataclass(slots=True)
class Handling:
    """What was done to the pictures of a recording, counted while it is read.

    Attributes:
        frames: how many there were.
        shapes: how many frames came in each shape.
        canvas: the shape of the new film's frames, which coordinates are in the square pixels of.
        interlaced: frames whose lines were made whole for those who look.
        light: frames of each transfer function that were brought into ordinary light for those who look.
    """

    frames: int = 0
    shapes: Counter[Shape] = field(default_factory=Counter)
    canvas: Shape | None = None
    interlaced: int = 0
    light: Counter[str] = field(default_factory=Counter)

    @property
    def even(self) -> bool:
        """Whether all pictures were of one shape and kind."""
        kinds = (self.interlaced, *self.light.values())
        return len(self.shapes) <= 1 and all(count in (0, self.frames) for count in kinds)

    def like(self, frames: int) -> Handling:
        """What would have been done to so many pictures, where all are alike."""

        def of(count: int) -> int:
            return frames if count else 0

        return Handling(
            frames,
            Counter({shape: of(count) for shape, count in self.shapes.items()}),
            self.canvas,
            of(self.interlaced),
            Counter({name: of(count) for name, count in self.light.items()}),
        )

    def add(self, other: Handling) -> None:
        """Counts what was done to other pictures of the same film."""
        self.frames += other.frames
        self.shapes.update(other.shapes)
        self.interlaced += other.interlaced
        self.light.update(other.light)

    @property
    def largest(self) -> Shape:
        """The shape with most pixels that came, the first of several; damage can make up one for a frame or two."""
        lasting = [shape for shape, count in self.shapes.items() if count > FLEETING] or [*self.shapes]
        return max(lasting, key=lambda shape: shape.area)

    def describe(self) -> list[str]:
        """One line for people about each thing that was done."""
        told = []
        if self.canvas is not None and any(shape.aspect != SQUARE for shape in self.shapes):
            aspects = dict.fromkeys(f"{s.aspect.numerator}:{s.aspect.denominator}" for s in self.shapes)
            width, height = self.canvas.square
            told.append(f"pixels of {', '.join(aspects)}: looked at, and drawn on, as {width}×{height}")
        if self.canvas is not None and len(self.shapes) > 1:
            sizes = ", ".join(f"{shape} ({count:,} frames)" for shape, count in self.shapes.items())
            told.append(f"changes its size: {sizes}; all are shown in {self.canvas}, none stretched")
        if self.interlaced:
            told.append(f"interlaced ({self.interlaced:,} of {self.frames:,} frames): deinterlaced to be looked at")
        for name, count in self.light.items():
            told.append(f"high dynamic range ({name}, {count:,} frames): tone-mapped to be looked at, kept in the film")
        return told

    def as_json(self) -> dict[str, Any]:
        """The same, to be read by programs, with the size that coordinates are in."""
        if self.canvas is None:
            return {}
        width, height = self.canvas.square
        return {
            "width": width,
            "height": height,
            "stored_width": self.canvas.width,
            "stored_height": self.canvas.height,
            "pixel_aspect": f"{self.canvas.aspect.numerator}:{self.canvas.aspect.denominator}",
            "deinterlaced_frames": self.interlaced,
            "tone_mapped": dict(self.light),
            "sizes": [
                {
                    "width": shape.width,
                    "height": shape.height,
                    "pixel_aspect": f"{shape.aspect.numerator}:{shape.aspect.denominator}",
                    "frames": count,
                }
                for shape, count in self.shapes.items()
            ],
        }


class Developer:
    """Makes pictures of the frames of one recording.

    Args:
        canvas: the shape that all get; None for that of the first.
        fixed: whether all get one shape; else each keeps its own.
    """

    def __init__(self, canvas: Shape | None = None, fixed: bool = True) -> None:
        self.handling = Handling(canvas=canvas)
        self._fixed = fixed
        self._upright = Upright()
        self._last: tuple[tuple[int, int, Fraction | None, Orientation], Shape] | None = None

    @property
    def transposed(self) -> bool:
        """Whether rows of the decoder's frames are columns of the upright ones."""
        return self._upright.turn.transpose

    def shape(self, frame: av.VideoFrame, aspect: Fraction | None) -> Shape:
        """The shape of a decoded frame when it stands upright, for the pixel aspect that the file states."""
        known = frame.width, frame.height, aspect, self._upright.turn
        if self._last is None or self._last[0] != known:
            upright = usable(1 / aspect if aspect and self.transposed else aspect)
            self._last = known, Shape(*self._upright.turn.size(frame.width, frame.height), upright)
        return self._last[1]

    def __call__(self, sight: Sight, aspect: Fraction | None) -> Picture:
        """The picture of a frame.

        Args:
            sight: as it was decoded, and as its lines are whole.
            aspect: of a decoded pixel, as the file states it.
        """
        upright = seen = self._upright(sight.frame)
        shape, done = self.shape(sight.frame, aspect), self.handling
        if done.canvas is None or not self._fixed:
            done.canvas = shape
        done.frames += 1
        done.shapes[shape] += 1
        if sight.seen is not sight.frame:
            seen = self._upright(sight.seen)
            done.interlaced += sight.frame.interlaced_frame
        if (tone := tone_of(upright)) is not None:
            seen = tone.mapped(seen)
            done.light[NAMES[upright.color_trc]] += 1
        return self._placed(upright, seen, shape, done.canvas)

    def _placed(self, upright: av.VideoFrame, seen: av.VideoFrame, shape: Shape, canvas: Shape) -> Picture:
        frame = upright if shape == canvas else framed(upright, canvas.place(shape), canvas.width, canvas.height)
        if shape != canvas or canvas.aspect != SQUARE:
            square = Shape(*canvas.square)
            seen = framed(seen, square.place(shape), square.width, square.height, bars=False)
        return Picture(frame, seen)
