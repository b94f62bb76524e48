"""One labelled picture as a reader found it, before it becomes what a network asks for.

folder tree, CSV ──reader──▶ Record, Record, … ──load──▶ Dataset{train, validation, test}
                                          └────explore──▶ counts, duplicates, sample sheets
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "validation", "test")
OFFICIAL_SPLITS = {"training": "train", "publictest": "validation", "privatetest": "test"}
"""FER2013's names of its splits, in the column `Usage` and at the start of its file names."""


@dataclass(frozen=True, slots=True)
class Record:
    """A labelled picture.

    Attributes:
        name: where it stands: the path below the data set's folder, or "FILE line N".
        split: "train", "validation", "test", or "" where the data set does not say.
        label: the canonical class name.
        picture: (h, w) gray or (h, w, 3) BGR uint8; None where it cannot be read.
        flawed: whether its file is damaged, so that some of the pixels are others than they were.
        further: whether its file holds further pictures, as pages or an animation do.
    """

    name: str
    split: str
    label: str
    picture: NDArray[np.uint8] | None
    flawed: bool = False
    further: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the pixels: equal for exact copies, whatever the file around them."""
        picture = self.picture
        return "" if picture is None else hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).hexdigest()
