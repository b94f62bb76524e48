"""Turns a frame as its display matrix says, so that what was filmed upright is upright.

The matrix [a b; c d] sends a stored point (x, y) to (a·x + c·y, b·x + d·y). With a = d = 0 the axes change
places; a negative entry then mirrors the axis it lands on. Phones store a portrait film this way.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import cv2
import numpy as np
from av.error import FFmpegError
from av.filter import Graph
from av.sidedata.sidedata import Type

from ..types import Image
from .planar import planar
from .planes import blank, planes

FLIPS = {(True, False): 1, (False, True): 0, (True, True): -1}
"""OpenCV's codes for mirroring left and right, top and bottom, and both."""
MATRIX, KINDS = 6, 64
"""FFmpeg's number of the display matrix, and more kinds of side data than FFmpeg has: 33 in version 8."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """What brings a stored frame upright: first exchange the axes, then mirror.

    Attributes:
        transpose: whether rows become columns.
        mirror_x: whether left and right are exchanged.
        mirror_y: whether top and bottom are exchanged.
    """

    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the upright frame."""
        return (height, width) if self.transpose else (width, height)

    def plane(self, plane: Image) -> Image:
        """One plane, upright."""
        turned = cv2.transpose(plane) if self.transpose else plane
        if self.mirror_x or self.mirror_y:
            turned = cv2.flip(turned, FLIPS[self.mirror_x, self.mirror_y])
        return np.asarray(turned, np.uint8)

    def frame(self, frame: av.VideoFrame) -> av.VideoFrame:
        """A 4:2:0 frame, upright; the same one where there is nothing to turn."""
        if self == STRAIGHT:
            return frame
        upright = blank(*self.size(frame.width, frame.height), like=frame)
        for target, source in zip(planes(upright), planes(frame), strict=True):
            target[...] = self.plane(source)
        return upright


STRAIGHT = Orientation()


def turn_of(frame: av.VideoFrame) -> Orientation:
    """What the frame's own display matrix asks for; straight where it has none."""
    # A frame that was asked for its side data is kept, with its decoder's memory, until Python looks for cycles; so a
    # small copy is asked.
    bare = _with_matrix_alone(frame.reformat(width=16, height=16, format="gray"))
    if bare is None:
        return STRAIGHT
    data: Any = bare.side_data  # a mapping by Type, which its stub gives as one by str
    return turn_from(np.frombuffer(bytes(data[Type.DISPLAYMATRIX]), np.int32)[:9])


def _with_matrix_alone(frame: av.VideoFrame) -> av.VideoFrame | None:
    """The frame with its display matrix and no other side data; None where it has no matrix.

    PyAV 18 lists all side data of a frame whichever is asked for: an ICC profile ends the interpreter, and a kind that
    is newer than PyAV, such as EXIF, raises. FFmpeg's own filter takes away whatever has a number.
    """
    graph = Graph()
    chain = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1))]
    chain.append(graph.add("sidedata", f"mode=select:type={MATRIX}"))
    chain += [graph.add("sidedata", f"mode=delete:type={kind}") for kind in range(KINDS) if kind != MATRIX]
    chain.append(graph.add("buffersink"))
    for before, after in pairwise(chain):
        before.link_to(after)
    graph.configure()
    chain[0].push(frame)
    try:
        bare = chain[-1].pull()
    except FFmpegError:  # nothing came through: it waits for a frame that has a matrix
        return None
    assert isinstance(bare, av.VideoFrame)
    return bare


def turn_from(matrix: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> Orientation:
    """The turn for a display matrix of nine 16.16 numbers, row by row; angles between go to the nearest right one."""
    a, b, _, c, d = (int(value) for value in matrix[:5])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(False, a < 0, d < 0)
    return Orientation(True, c < 0, b < 0)


class Upright:
    """Brings decoded frames to one form, standing upright; learns how from the first."""

    def __init__(self) -> None:
        self._learnt = False
        self.turn = STRAIGHT

    def __call__(self, frame: av.VideoFrame) -> av.VideoFrame:
        if not self._learnt:
            self._learnt, self.turn = True, turn_of(frame)
        return self.turn.frame(planar(frame))
