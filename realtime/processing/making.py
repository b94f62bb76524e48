"""One section being made: pictures are compressed and kept as packets, rows as they come.

frames ──▶ encoder ──▶ NNNNN.film
     └──▶ rows ──────▶ NNNNN.npz, last: the section counts as done
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..media.demux import Packet
from ..media.encoder import FilmEncoder
from ..media.reader import Recording
from ..system.closing import Closing
from .reading import Read
from .sections import Handover
from .settings import Settings
from .unfinished import Looked, SectionDone, Unfinished, without_pictures


class Making(Closing):
    """The section; a context manager that closes its file.

    Args:
        work: where it is kept.
        head: the source, opened at the beginning of the part that is read.
        settings: of the run.
        number: of the section.
    """

    def __init__(self, work: Unfinished, head: Recording, settings: Settings, number: int) -> None:
        self.number, self._work, self._head = number, work, head
        self._section = SectionDone()
        self._encoder = FilmEncoder(head, settings.encoding) if settings.video else None
        self._file = work.write(number) if settings.video else None

    def add(self, read: Read) -> None:
        """Adds a frame."""
        if self._encoder is not None:
            self._keep(self._encoder.packets(read.frame.picture.frame, read.frame.pts))
        if read.fresh:
            frame = read.frame
            readings = tuple(without_pictures(reading) for reading in read.seen.readings)
            self._section.frames.append(Looked(frame.index, frame.time_s, frame.pts, readings))
        self._section.pictures += 1

    def end(self, recording: Recording, told: Handover | None = None) -> SectionDone:
        """The section, when no frame of it comes any more.

        Args:
            recording: that it was read from.
            told: what the next section is told; None where there is none.
        """
        if self._encoder is not None:
            self._keep(self._encoder.rest())
        self.close()
        self._section.told, self._section.last = told or Handover(), told is None
        self._section.regular = recording.regular
        return self._section

    def keep(self) -> None:
        """Lets the section count as done."""
        self._work.keep(self.number, self._section, packets=None if self._file is None else self._file.path)

    @property
    def packets(self) -> Path:
        """Where the packets stand before the section is kept."""
        return self._work.film(self.number) if self._file is None else self._file.path

    def close(self) -> None:
        """Closes the file of packets."""
        if self._file is not None:
            self._file.close()

    def _keep(self, packets: Iterable[Packet]) -> None:
        assert self._file is not None
        for packet in packets:
            self._file.add(packet, self._section.coded)
