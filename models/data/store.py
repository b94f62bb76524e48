"""Pictures of one size, in memory as long as they are few, beyond that in a file that the system pages in and out.

A data set is read once, picture by picture; what is kept of each has the network's size. A hundred thousand of 48×48
fit into memory, of 224×224 in three colours they do not.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from emoscope.types import Image

from ..writing import writing

IN_MEMORY = 256 << 20
"""Bytes of pictures that are held in memory."""


class Shelf:
    """Takes pictures one by one and gives them all as one array.

    Args:
        shape: of every picture.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape, self._count = shape, 0
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    def add(self, picture: Image) -> None:
        """Keeps one more picture; ResultError where the folder for temporary files is full."""
        self._count += 1
        if self._file is None:
            self._memory += picture.tobytes()
            if len(self._memory) > IN_MEMORY:
                self._spill()
        else:
            with writing(Path(tempfile.gettempdir())):
                self._file.write(picture.tobytes())

    def pictures(self) -> Image:
        """(N, …) all of them; nothing can be added afterwards."""
        shape = (self._count, *self._shape)
        if self._file is None:
            return np.frombuffer(self._memory, np.uint8).reshape(shape)
        with writing(Path(tempfile.gettempdir())):
            self._file.flush()
        return np.memmap(self._file, np.uint8, "r", shape=shape)  # keeps the file that no longer has a name

    def _spill(self) -> None:
        with writing(Path(tempfile.gettempdir())):
            self._file = tempfile.TemporaryFile(prefix="emoscope-")  # noqa: SIM115  # the array keeps it open
            self._file.write(self._memory)
        self._memory = bytearray()


def shelved(pictures: Iterable[Image], shape: tuple[int, ...]) -> Image:
    """(N, …) the pictures as one array."""
    shelf = Shelf(shape)
    for picture in pictures:
        shelf.add(picture)
    return shelf.pictures()


def chosen(pictures: Image, which: NDArray[np.bool_] | NDArray[np.int64]) -> Image:
    """Some of the (N, …) pictures as an array of their own, by a mask or by number."""
    numbers = np.flatnonzero(which) if which.dtype == bool else which
    if len(numbers) * pictures[:1].nbytes <= IN_MEMORY:
        return np.asarray(pictures[numbers])
    return shelved((pictures[number] for number in numbers), pictures.shape[1:])
