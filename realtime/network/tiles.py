"""The numbers of Winograd's algorithm: how a map is cut into tiles, and the matrices before, between and after.

Andrew Lavin, Scott Gray: Fast Algorithms for Convolutional Neural Networks (2015), https://arxiv.org/abs/1509.09308
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating[Any]]

POINTS = (0, 1, -1, 2, -2)
"""At which polynomials are evaluated; with further ones rounding errors grow."""
SMALL = 8
"""Edge up to which forward convolutions gain too, and the maps' cells are transformed all at once."""


def matrices(outputs: int) -> tuple[Matrix, Matrix, Matrix]:
    """A, G and B along one edge of a tile: Toom and Cook's multiplication of polynomials, transposed.

    Args:
        outputs: m, cells along an edge of a tile.

    Returns:
        A (m, n), G (n, 3) and B (n, n): the outputs are A (G kernel · B cells).
    """
    places = outputs + 2

    def values(length: int) -> Matrix:
        # At infinity only the highest power counts.
        return np.vstack([np.vander(POINTS[: places - 1], length, increasing=True), np.eye(length)[-1:]])

    return values(outputs).T, values(3), np.linalg.inv(values(places)).T


@dataclass(frozen=True)
class Tiles:
    """How maps are cut.

    Attributes:
        edge: s, of the maps.
        outputs: m, along an edge of a tile.
        border: (s + 2, s), which cell each one of the bordered map is.
    """

    edge: int
    outputs: int
    border: Matrix

    @property
    def name(self) -> str:
        """Tells it from others."""
        return f"{self.edge} {self.border[0].tolist()}"

    @property
    def is_small(self) -> bool:
        """Whether B takes less time at once than along one edge after the other, and so little that all gain by it."""
        return self.edge <= SMALL

    @property
    def tiles(self) -> int:
        """Along an edge: t."""
        return self.edge // self.outputs

    @property
    def places(self) -> int:
        """Along an edge of a tile: n."""
        return self.outputs + 2

    @cached_property
    def along(self) -> Matrix:
        """B along one edge (n·t, s), from a map's cells to the places of all tiles, place by place."""
        _, _, cells = matrices(self.outputs)
        starts = range(0, self.edge, self.outputs)
        places = np.stack([cells @ self.border[start : start + self.places] for start in starts], axis=1)
        return np.asarray(places.reshape(-1, self.edge))

    @cached_property
    def before(self) -> Matrix:
        """B (n²·t², s²), from all cells of a map to the places of all tiles, place by place."""
        along = self.along.reshape(self.places, self.tiles, self.edge)
        both = np.einsum("itx,juy->ijtuxy", along, along)
        return np.asarray(both.reshape(-1, self.edge**2))

    @cached_property
    def after(self) -> Matrix:
        """A (m², n²), from a tile's places to its cells."""
        along, _, _ = matrices(self.outputs)
        return np.asarray(np.kron(along, along))

    def kernel(self, weights: Matrix) -> NDArray[np.float32]:
        """U (n², K, C) of weights (K, C, 3, 3)."""
        _, along, _ = matrices(self.outputs)
        places = np.kron(along, along) @ weights.reshape(-1, 9).T
        return np.asarray(places.reshape(-1, *weights.shape[:2]), np.float32)
