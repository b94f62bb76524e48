"""The values that travel with a frame, frozen, with the unit and shape of each field.

    Frame ──faces──▶ Face ──crops──▶ (N, h, w, c) ──network──▶ Prediction, Explanation ──▶ Reading

A frame's picture is a raster: any rectangle of it can be had, whatever form its pixels are stored in.

Coordinates are pixels of the full frame, x to the right and y down, (0, 0) the outer corner of the
first pixel. "Left" and "right" are the picture's, not the person's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""A picture: (H, W, 3) BGR or (H, W) gray, values 0–255."""

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the full frame; may reach beyond the frame's border."""
UNREADABLE = "unreadable"
"""What is said of a face instead of a class where it cannot be read."""
Point = tuple[float, float]
"""x, y in pixels of the full frame."""
Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; may reach beyond the picture, or lie outside it."""
Size = tuple[int, int]
"""Width and height in pixels."""


class Raster(Protocol):
    """A picture that parts are asked of; `emoscope.media.raster.raster_of` makes one of an array."""

    @property
    def width(self) -> int:
        """In pixels."""
        ...

    @property
    def height(self) -> int:
        """In pixels."""
        ...

    @property
    def bgr(self) -> Image:
        """All of it, (H, W, 3) BGR."""
        ...

    def pixels(self, rectangle: Rectangle, gray: bool) -> Image:
        """A rectangle that lies inside the picture, at its own resolution; a view of it where it can be.

        Returns:
            (h, w) brightness from 0, black, to 255, white; or (h, w, 3) BGR.
        """
        ...

    def part(self, rectangle: Rectangle, size: Size) -> Image:
        """A rectangle at another size, (h, w, 3) BGR, black beyond the picture."""
        ...

    def points(self, columns: int, rows: int, within: Rectangle | None = None) -> Image:
        """(rows, columns) brightness, read at points spread evenly over the picture, or a rectangle inside it."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a source.

    Attributes:
        index: number of the frame in its source, from 0; dropped frames leave gaps.
        time_s: presentation time in seconds on the source's own clock.
        picture: what it shows, upright.
        captured_at: `time.perf_counter()` when the picture was taken or decoded, in seconds; NaN in a recording.
        photo: tells a picture that may come again, as one in a folder; "" for all others.
        in_file: number and time in seconds of the picture in a file that is watched, which `index` and `time_s` part
            from where it is gone about in; None for all others.
        source: name of what is watched, which may be another one by the time the picture has been read; "" where nobody
            watches.
        position: where in that it stands, "" where that means nothing.
    """

    index: int
    time_s: float
    picture: Raster
    captured_at: float = math.nan
    photo: str = ""
    in_file: tuple[int, float] | None = None
    source: str = ""
    position: str = ""

    @property
    def image(self) -> Image:
        """(H, W, 3) BGR."""
        return self.picture.bgr


@dataclass(frozen=True, slots=True)
class Face:
    """One face found in a frame.

    Attributes:
        box_xyxy: the face's box, from chin to above the brows.
        eyes: the left and the right eye of the picture.
        score: the detector's confidence, 0–1.
        track: the number that stays with this face from frame to frame, from 1; 0 before tracking.
    """

    box_xyxy: Box
    eyes: tuple[Point, Point]
    score: float
    track: int = 0


def number_text(value: float) -> str:
    """A number as people read it, two digits behind the point, or three in all where it is large: "−0.20"."""
    if not math.isfinite(value):
        return "–"
    short = round(value, 2) + 0.0  # which makes −0 of what is hardly below it a 0
    return (f"{short:.2f}" if abs(short) < 100 else f"{value:.3g}").replace("-", "−")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network said about one crop.

    Attributes:
        labels: class names, in the network's order.
        probabilities: (K,) float32, summing to 1.
        quality: how well the face can be read, 0–1, or None where the network does not tell.
        readable: whether that is enough for a class to be said.
        numbers: what else the network says, by name, such as valence and arousal; empty where it says nothing else.
    """

    labels: tuple[str, ...]
    probabilities: Floats
    quality: float | None = None
    readable: bool = True
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def index(self) -> int:
        """The number of the most probable class, also where the face cannot be read."""
        return int(self.probabilities.argmax())

    @property
    def emotion(self) -> str:
        """The most probable class, or "unreadable"."""
        return self.labels[self.index] if self.readable else UNREADABLE

    @property
    def confidence(self) -> float:
        """The probability of the most probable class, 0–1."""
        return float(self.probabilities[self.index])

    @property
    def further(self) -> tuple[str, ...]:
        """What else the network says, as people read it: "valence −0.20"."""
        return tuple(f"{name} {number_text(value)}" for name, value in self.numbers.items())

    @property
    def words(self) -> str:
        """The same as people read it: "happy 93 %", or "unreadable"."""
        return f"{self.emotion} {100 * self.confidence:.0f} %" if self.readable else UNREADABLE


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the network said it, for one face.

    Attributes:
        layer: the layer looked at, which `maps` were read from.
        maps: (h, w, channels) activations of that layer, or None when no view asked for them.
        method: the CAM method of `heat`, "" without one.
        target: the class that `heat` speaks for.
        heat: (h, w) class activation map, 0–1 (all zero where the layer says nothing for the class), or None.
        heat_layer: where `heat` was read from: the same layer, or "input".
        against: the class that `heat` is told against, "" for none.
        rule: the way by which `pixels` were found, "" without them.
        unit: number of the channel that `pixels` drive.
        pixels: (H, W) what in the network's input drives that channel: above zero where brighter raises its answer.
        layers: (h, w, channels) activations of every layer, input first; empty when no view asked for them.
    """

    layer: str
    maps: Floats | None = None
    method: str = ""
    target: str = ""
    heat: Floats | None = None
    heat_layer: str = ""
    against: str = ""
    rule: str = ""
    unit: int = -1
    pixels: Floats | None = None
    layers: tuple[Floats, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """All there is to say about one face of one frame.

    Attributes:
        face: where it is.
        square: the part of the frame that the crop was made from, before it is turned; may reach beyond its border.
        crop: (h, w) gray or (h, w, 3) BGR uint8, the pixels that were cut out for the network.
        prediction: the network's raw answer, the person's own baseline taken off where that is wanted.
        explanation: what the chosen view asked for, or None.
        turn_rad: how far the square is turned clockwise about its middle, as a tilted head is.
        stretched: the crop as the network sees it where that is stretched, in whole levels; None where it is the crop.
        plain: the answer with no baseline taken off; None where there is none.
    """

    face: Face
    square: Box
    crop: Image
    prediction: Prediction
    explanation: Explanation | None = None
    turn_rad: float = 0.0
    stretched: Image | None = None
    plain: Prediction | None = None

    @property
    def seen(self) -> Image:
        """What the network was fed, for people to look at."""
        return self.crop if self.stretched is None else self.stretched


def is_number(value: object) -> bool:
    """Whether something is a number, Python's own or NumPy's; not a number (NaN) is one too."""
    return isinstance(value, Real)


def is_whole(value: object) -> bool:
    """Whether something is a whole number by its type, Python's own or NumPy's."""
    return isinstance(value, Integral)
