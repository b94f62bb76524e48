"""Packets of pictures on disk: their bytes one behind the other, and beside them a table of where each lies.

NNNNN.film    packet packet packet …
Coded.rows    (pts, dts, duration, key frame, bytes) (…) …
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av

from ..errors import unwritten
from ..system.closing import Closing
from .demux import Packet


@dataclass(slots=True)
class Coded:
    """Where the packets of a section lie in its file, one row each: pts, dts, duration, whether it is a key frame,
    bytes. The time base is the recording's."""

    rows: list[tuple[int, int, int, int, int]] = field(default_factory=list)

    def packets(self, file: BinaryIO, time_base: Fraction) -> Iterator[Packet]:
        """The packets, read from the file."""
        for pts, dts, duration, key, size in self.rows:
            packet: Packet = av.Packet(file.read(size))
            packet.pts, packet.dts, packet.duration, packet.time_base = pts, dts, duration, time_base
            packet.is_keyframe = bool(key)
            yield packet


class PacketFile(Closing):
    """Where the packets of a section are written, one behind the other.

    Args:
        path: of the file.

    Raises:
        ResultError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise unwritten(path, error) from None

    def add(self, packet: Packet, coded: Coded) -> None:
        """Writes a packet, and notes where it lies."""
        pts, size = packet.pts or 0, packet.size
        dts = pts if packet.dts is None else packet.dts
        coded.rows.append((pts, dts, packet.duration or 0, int(packet.is_keyframe), size))
        try:
            self._file.write(packet)
        except OSError as error:
            raise unwritten(self.path, error) from None

    def close(self) -> None:
        """Closes the file.

        Raises:
            ResultError: its end cannot be written.
        """
        try:
            self._file.close()
        except OSError as error:
            raise unwritten(self.path, error) from None
