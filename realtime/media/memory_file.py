"""A file that is held in memory and has no name on disk, to be opened as a file on disk is."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """The bytes of a file.

    Attributes:
        name: what errors call it.
        data: all of it.
    """

    name: str
    data: bytes = field(repr=False)

    def __str__(self) -> str:
        return self.name

    def is_file(self) -> bool:
        """It always is one."""
        return True

    def open(self, mode: str = "rb") -> BinaryIO:
        """The bytes from their beginning."""
        assert mode == "rb"
        return io.BytesIO(self.data)
