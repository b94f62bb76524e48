"""What a detector is: pictures in, faces out. It knows nothing of frames, tracks or time.

A new detector is a class with these methods and a row in `emoscope.faces.FINDERS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..types import Face, Image


class Detector(Protocol):
    """Finds faces in pictures."""

    def detect(self, pictures: Sequence[Image]) -> list[list[Face]]:
        """The faces of each picture, in that picture's pixels, best first, `track` 0.

        Args:
            pictures: (H, W, 3) BGR, of any sizes; several of one size are cheaper together.
        """
        ...

    def close(self) -> None:
        """Frees what the detector holds; it cannot be used afterwards. A second call does nothing."""
        ...
