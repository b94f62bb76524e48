"""What a person looks like, in a few hundred numbers: by which a face is known again within one recording.

Two things are read, both without a network:

    texture   the face turned level, 48×48 pixels, its contrast stretched, in 6×6 cells; of each cell how often each
              of 16 patterns occurs: which of four pairs of opposite neighbours of a pixel differ by more than `STEP`
              (Heikkilä, Pietikäinen and Schmid, Description of Interest Regions with Center-Symmetric Local Binary
              Patterns, 2006)
    colour    hair, face, neck and clothes in 8×4 cells, the mean colour of each in CIE Lab

    difference = texture's / `TEXTURE` + colour's / `COLOUR`

Texture's is 1 less the mean Bhattacharyya coefficient, colour's the mean distance of the cells that lie inside both
pictures; either over the alikest `KEPT` of the cells, so that a mouth that speaks and a hand count for little. It says
that two faces are of one person in the same clothes and light, not who that is: after an hour, in another room, the
numbers are others.

Among the people of 16 recordings and 16 photographs, those of one picture included, two different ones came as near as
2.4 in one pair of a crowd and 3.1 in all others. Of 25 people in these recordings, at least a second later and looked
at eight times before, 19 lay below 1 in half of the looks and at most at 1.6 in 95 of 100; one who acts below 1.5 and
2.1; the five of a crowd and a stage, who move, at 2.2 to 3.1 in half of them, and are mostly given new numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Face, Floats, Image, Raster
from .geometry import centre, edge
from .looks import Look

EYE_DISTANCES, EYE_LINE = 3.4, 0.45
"""Edge of the square that texture is read from, in distances of the eyes; height of the eyes in it, from the top."""
EDGE, CELLS, CODES = 48, 6, 16
STEP = 8
"""Gray levels of the stretched face."""
PERCENTILES = (2, 98)
"""Of a face's brightness, stretched to 0 and 255."""
FAINTEST = 16
"""Gray levels between these percentiles, under which nothing can be read in a face."""
ROWS, COLUMNS, FINE = 8, 4, 4
ABOVE, BELOW, BESIDE = 1.0, 1.8, 0.7
"""How far colour is read from the middle of the box, in edges of the box."""
LEAST = 6
"""Cells of colour that must lie in both pictures."""
TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
) / np.array([[0.950456], [1.0], [1.088754]])
"""Linear sRGB to CIE XYZ, over those of D65 white."""
KEPT = 0.8
TEXTURE, COLOUR = 0.05, 12.0
FRONTAL, SURE, SMALLEST = 0.3, 0.75, 32.0
"""A face that is worth a look: distance of its eyes in edges of its box, its score, and its edge in pixels."""


@dataclass(frozen=True, slots=True)
class Colours:
    """Hair, face, neck and clothes.

    Attributes:
        lab: (32, 3) L 0–255, a and b of the cells about the face.
        inside: (32,) which of those lie in the picture.
    """

    lab: Floats
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Appearance:
    """One look at a person.

    Attributes:
        texture: (36, 16) square roots of the shares of the patterns in each cell of the face.
        colours: about it.
    """

    texture: Floats
    colours: Colours


def is_clear(face: Face) -> bool:
    """Whether a face is frontal, sure and large enough to be looked at."""
    (ax, ay), (bx, by) = face.eyes
    size = edge(face.box_xyxy)
    return face.score >= SURE and size >= SMALLEST and math.hypot(bx - ax, by - ay) >= FRONTAL * size


def appearance(picture: Raster, face: Face, flipped: bool = False) -> Appearance | None:
    """What the person looks like whose face this is, or None where that cannot be seen well enough.

    Args:
        picture: in whose pixels the face is.
        face: of the person.
        flipped: whether the picture is flipped left to right; the look is then as of the picture before.
    """
    texture = _texture(picture, face, flipped) if is_clear(face) else None
    return None if texture is None else Appearance(texture, colours_about(picture, face, flipped))


def differences(look: Appearance, others: Sequence[Appearance]) -> Floats:
    """How much one look differs from each of others, (N,); infinite where too little is seen in both."""
    common = np.einsum("ncb,cb->nc", np.stack([other.texture for other in others]), look.texture)
    kept = round(KEPT * CELLS**2)
    texture = 1 - np.partition(common, CELLS**2 - kept, axis=1)[:, CELLS**2 - kept :].mean(axis=1)
    return np.asarray(texture / TEXTURE + _apart(look.colours, [other.colours for other in others]), np.float32)


def colour_difference(colours: Colours, others: Sequence[Appearance]) -> float:
    """How much colours differ from those of the look that is most alike; 0 where too little is seen to say so."""
    apart = _apart(colours, [other.colours for other in others])
    return float(np.where(np.isfinite(apart), apart, 0.0).min(initial=np.inf)) if len(apart) else 0.0


def _apart(colours: Colours, others: Sequence[Colours]) -> Floats:
    inside = np.stack([other.inside for other in others]) & colours.inside
    apart = np.linalg.norm(np.stack([other.lab for other in others]) - colours.lab, axis=2)
    nearest = np.sort(np.where(inside, apart, np.inf), axis=1)
    count = inside.sum(axis=1)
    counted = np.arange(ROWS * COLUMNS) < np.round(KEPT * count)[:, None]
    colour = np.where(counted, nearest, 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    return np.where(count >= LEAST, colour / COLOUR, np.inf).astype(np.float32)


def _texture(picture: Raster, face: Face, flipped: bool) -> Floats | None:
    gray = cv2.cvtColor(_level(picture, face), cv2.COLOR_BGR2GRAY)
    pixels = (gray[:, ::-1] if flipped else gray).astype(np.float32)
    # np.percentile would import masked arrays in front of the first picture.
    low, high = np.interp(np.multiply(PERCENTILES, (gray.size - 1) / 100), np.arange(gray.size), np.sort(gray, None))
    if high - low < FAINTEST:
        return None
    pixels = np.clip((pixels - low) * (255 / (high - low)), 0, 255)
    size = EDGE // CELLS
    cells = np.arange(EDGE) // size
    index = (cells[:, None] * CELLS + cells) * CODES + _codes(pixels)
    counts = np.bincount(index.ravel(), minlength=CELLS**2 * CODES).reshape(CELLS**2, CODES)
    return np.sqrt(counts / size**2).astype(np.float32)


def _codes(pixels: Floats) -> NDArray[np.int64]:
    """The pattern of each pixel that has eight neighbours, 0–15."""

    def moved(down: int, right: int) -> Floats:
        return pixels[1 + down : 1 + down + EDGE, 1 + right : 1 + right + EDGE]

    pairs = [((-1, 0), (1, 0)), ((-1, 1), (1, -1)), ((0, 1), (0, -1)), ((1, 1), (-1, -1))]
    bits = [(moved(*one) - moved(*other) > STEP) << bit for bit, (one, other) in enumerate(pairs)]
    return np.asarray(sum(bits), np.int64)


def _level(picture: Raster, face: Face) -> Image:
    """The face turned level, a pixel of border about what is read."""
    (ax, ay), (bx, by) = face.eyes
    across = bx - ax, by - ay
    side = EYE_DISTANCES * math.hypot(*across)
    turn = math.atan2(across[1], across[0])
    below = (0.5 - EYE_LINE) * side
    x, y = (ax + bx) / 2 - below * math.sin(turn), (ay + by) / 2 + below * math.cos(turn)
    shown = side * (EDGE + 2) / EDGE
    whole = max(1, round(shown))
    left, top = round(x - shown / 2), round(y - shown / 2)
    return Look(left, top, whole, whole, (EDGE + 2, EDGE + 2), turn).picture(picture)


def colours_about(picture: Raster, face: Face, flipped: bool = False) -> Colours:
    """The colours about any face, also one that is turned away.

    Args:
        picture: in whose pixels the face is.
        face: of the person.
        flipped: whether the picture is flipped left to right; the colours are then as of the picture before.
    """
    (x, y), size = centre(face.box_xyxy), edge(face.box_xyxy)
    across = _marks(x - BESIDE * size, x + BESIDE * size, COLUMNS)
    down = _marks(y - ABOVE * size, y + BELOW * size, ROWS)
    fine = np.zeros((FINE * ROWS, FINE * COLUMNS, 4), np.float32)  # B, G, R, and 1 where the picture is
    columns, rows = _within(across, picture.width), _within(down, picture.height)
    wide, high = columns.stop - columns.start, rows.stop - rows.start
    if wide > 0 and high > 0:
        shown = int(across[columns.start]), int(down[rows.start]), int(across[columns.stop]), int(down[rows.stop])
        fine[rows, columns, :3] = picture.part(shown, (wide, high))
        fine[rows, columns, 3] = 1
    sums = fine.reshape(ROWS, FINE, COLUMNS, FINE, 4).sum(axis=(1, 3))
    lab, inside = _lab(sums[..., :3] / np.maximum(sums[..., 3:], 1)), sums[..., 3] >= FINE**2 / 2
    if flipped:
        lab, inside = lab[:, ::-1], inside[:, ::-1]
    return Colours(np.ascontiguousarray(lab).reshape(-1, 3), np.ascontiguousarray(inside).ravel())


def _lab(bgr: Floats) -> Floats:
    """CIE Lab of sRGB colours 0–255, white at D65, L 0–255; OpenCV's makes tables first, which takes longer than a film
    of a minute has looks for.
    """
    share = bgr[..., ::-1] / 255
    linear = np.where(share > 0.04045, ((share + 0.055) / 1.055) ** 2.4, share / 12.92)
    xyz = linear @ TO_XYZ.T
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([2.55 * (116 * y - 16), 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def _marks(low: float, high: float, cells: int) -> NDArray[np.int64]:
    """Where the finer cells between two coordinates begin and end, in whole pixels."""
    return np.round(np.linspace(low, high, FINE * cells + 1)).astype(np.int64)


def _within(marks: NDArray[np.int64], length: int) -> slice:
    """Which of the finer cells lie inside a picture of this length, an even number of them."""
    first = int(np.searchsorted(marks, 0))
    last = int(np.searchsorted(marks, length, side="right")) - 1
    return slice(first, max(first, last - (last - first) % 2))
