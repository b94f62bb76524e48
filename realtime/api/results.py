"""What reading gives: faces, frames and heat, as values that print, and show themselves in a notebook."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

import cv2
import numpy as np

from ..draw.maps import warmed
from ..draw.shades import grey_bgr
from ..media.raster import Bgr
from ..reading.crops import face_chip
from ..reading.session import Seen
from ..reading.smoothing import Shown
from ..types import UNREADABLE, Box, Floats, Image, Point, Raster, Reading
from ..view.state import COLOUR_MAPS
from .annotating import annotate

SHOWN_EDGE, SHOWN_WIDTH = 240, 960
"""Of a face and of a frame that shows itself in a notebook, in pixels."""
OPACITY = 0.6


class Heatmap(np.ndarray[Any, np.dtype[np.float32]]):
    """Where the network sees reasons for a class: (h, w) float32, 0–1, all zero where it sees none.

    An ordinary array that shows itself over its face in a notebook.

    Attributes:
        method: the CAM method.
        layer: the layer that it comes from, or "input".
        target: the class that it speaks for.
        chip: the face, (H, H) gray.
    """

    method: str
    layer: str
    target: str
    chip: Image | None

    @classmethod
    def of(cls, heat: Floats, method: str, layer: str, target: str, chip: Image | None) -> Heatmap:
        """An array (h, w) with what is known of it.

        Args:
            heat: (h, w), 0–1.
            method: the CAM method that it comes from.
            layer: the layer, or "input".
            target: name of the class that it speaks for.
            chip: (H, H) gray, the face that it lies over where it shows itself; None for grey ground.
        """
        made = np.asarray(heat, np.float32).view(cls)
        made.method, made.layer, made.target, made.chip = method, layer, target, chip
        return made

    def __array_finalize__(self, other: Any) -> None:
        self.method, self.layer = getattr(other, "method", ""), getattr(other, "layer", "")
        self.target, self.chip = getattr(other, "target", ""), getattr(other, "chip", None)

    def __reduce__(self) -> Any:
        make, arguments, state = cast("tuple[Any, ...]", super().__reduce__())
        return make, arguments, (state, (self.method, self.layer, self.target, self.chip))

    def __setstate__(self, state: Any) -> None:
        pixels, (self.method, self.layer, self.target, self.chip) = state
        super().__setstate__(pixels)

    def _repr_png_(self) -> bytes | None:
        if self.ndim != 2 or not self.size:
            return None
        ground = np.full((SHOWN_EDGE, SHOWN_EDGE, 3), 128, np.uint8) if self.chip is None else _ground(self.chip)
        return _png(warmed(ground, np.clip(np.asarray(self), 0, 1), COLOUR_MAPS[0], OPACITY))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FaceReading(Shown):
    """A face, and what was read in it. It shows itself in a notebook, with its heat where it has any.

    A face equals itself alone, so that `in`, `remove` and sets do what they say.

    Attributes:
        reading: where the face is, what the network was fed, and its raw answer.
        probabilities: (K,) float32, summing to 1, in the order of `labels`: smoothed over time, or raw.
        label: what the window would write: the emotion, or "unsure", or "unreadable".
        confidence: the probability of the emotion, 0–1.
        chip: (H, H) gray, the part of the picture that the network was shown.
    """

    chip: Image = field(kw_only=True)

    @property
    def emotion(self) -> str:
        """The class that is said, however unsure, and however badly the face can be read."""
        return self.label if self.label in self.labels else self.labels[int(self.probabilities.argmax())]

    @property
    def quality(self) -> float | None:
        """How well the face can be read, 0–1, or None where the network does not tell."""
        return self.reading.prediction.quality

    @property
    def numbers(self) -> Mapping[str, float]:
        """What else the network says of this picture, by name, such as valence; empty where it says nothing else."""
        return self.reading.prediction.numbers

    @property
    def labels(self) -> tuple[str, ...]:
        """All K class names."""
        return self.reading.prediction.labels

    @property
    def box_xyxy(self) -> Box:
        """Left, top, right, bottom in pixels of the picture; may reach beyond its border."""
        return self.reading.face.box_xyxy

    @property
    def eyes(self) -> tuple[Point, Point]:
        """The left and the right eye of the picture, (x, y) in its pixels."""
        return self.reading.face.eyes

    @property
    def score(self) -> float:
        """The detector's confidence, 0–1."""
        return self.reading.face.score

    @property
    def track(self) -> int:
        """The number that stays with this face from frame to frame, from 1."""
        return self.reading.face.track

    @property
    def crop(self) -> Image:
        """(h, w) gray or (h, w, 3) BGR: the network's input, for people to look at."""
        return self.reading.seen

    @property
    def heat(self) -> Heatmap | None:
        """The heatmap that was asked for, or None."""
        why = self.reading.explanation
        if why is None or why.heat is None:
            return None
        return Heatmap.of(why.heat, why.method, why.heat_layer, why.target, self.chip)

    @property
    def maps(self) -> Floats | None:
        """(h, w, channels) activations of the layer that was asked for, or None."""
        return None if self.reading.explanation is None else self.reading.explanation.maps

    __eq__, __hash__ = object.__eq__, object.__hash__
    """Not those of `Shown`, which compare arrays."""

    def __repr__(self) -> str:
        box = ", ".join(f"{edge:.0f}" for edge in self.box_xyxy)
        said = self.label if self.label == UNREADABLE else f"{self.label} {100 * self.confidence:.0f} %"
        return f"FaceReading({said}, box_xyxy=({box}), track={self.track})"

    def _repr_png_(self) -> bytes | None:
        return _png(_ground(self.chip)) if self.heat is None else self.heat._repr_png_()


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FrameReadings:
    """A frame of a source, and who is in it. It shows itself, annotated, in a notebook, and equals itself alone.

    Attributes:
        index: number of the frame in its source, from 0; frames that a slow script missed leave gaps.
        time_s: its time on the source's own clock, in seconds.
        faces: one for each face; empty where nobody is seen.
        name: of the film, the camera or the picture.
        picture: what it shows, in the form in which it came.
        captured_at: `time.perf_counter()` when a live source gave it, in seconds; NaN in a recording.
    """

    index: int
    time_s: float
    faces: tuple[FaceReading, ...]
    name: str
    picture: Raster
    captured_at: float = math.nan

    @property
    def image(self) -> Image:
        """(H, W, 3) BGR, upright."""
        return self.picture.bgr

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The network's raw answers, one for each face."""
        return tuple(face.reading for face in self.faces)

    def __reduce__(self) -> Any:
        picture = Bgr(self.image)  # a decoder's planes stay in their process
        return FrameReadings, (self.index, self.time_s, self.faces, self.name, picture, self.captured_at)

    def __repr__(self) -> str:
        return f"FrameReadings({self.name} {self.index}, {self.time_s:.2f} s, faces={list(self.faces)})"

    def _repr_png_(self) -> bytes | None:
        picture = annotate(self.image, self.faces, heat=any(face.heat is not None for face in self.faces))
        factor = min(1.0, SHOWN_WIDTH / picture.shape[1])
        return _png(np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8))


def faces_of(seen: Seen, picture: Raster) -> Iterator[FaceReading]:
    """The faces of a picture, each with its chip, which is copied: the picture may be gone when they are looked at.

    Args:
        seen: who is in the picture.
        picture: where they were seen.
    """
    for shown in seen.faces:
        chip = np.array(face_chip(picture, shown.reading))
        yield FaceReading(**{part.name: getattr(shown, part.name) for part in fields(Shown)}, chip=chip)


def _ground(chip: Image) -> Image:
    return grey_bgr(chip, SHOWN_EDGE)


def _png(picture: Image) -> bytes:
    _, data = cv2.imencode(".png", picture)
    return data.tobytes()
