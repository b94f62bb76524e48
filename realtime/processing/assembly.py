"""The results of a film whose sections are done one by one: rows as they come, packets of pictures joined by copying.

section 0 ─┐
section 1 ─┼──▶ rows, summary, chart
section 2 ─┘──▶ film ◀── sound and subtitles, from the source itself
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from ..media.demux import Packet
from ..media.encoder import shift_of
from ..media.reader import Recording
from ..media.writer import VideoWriter
from .results import VIDEO, AtomicResults
from .settings import Settings
from .tables import Tables
from .unfinished import SectionDone


class Assembly:
    """A film's results, growing by sections; a context manager that closes them.

    Args:
        tables: its rows, summary and chart, which it opens.
        drafts: where the film is written.
        recording: the source, opened at the beginning of the part that is read.
        settings: of the run.

    Attributes:
        pictures: how many frames there are so far.
    """

    def __init__(self, tables: Tables, drafts: AtomicResults, recording: Recording, settings: Settings) -> None:
        self.pictures, self._tables = 0, tables
        self._recording, self._settings, self._drafts = recording, settings, drafts

    def __enter__(self) -> Assembly:
        with ExitStack() as stack:
            stack.enter_context(self._tables)
            self._film: VideoWriter | None = None
            if self._settings.video:
                path, log = self._drafts.path(VIDEO), self._tables.beside.append
                self._film = stack.enter_context(VideoWriter(path, self._recording, self._settings.encoding, log))
            self._beside = self._recording.beside()
            self._next = next(self._beside, None) if self._film is not None else None
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, section: SectionDone, packets: Path) -> None:
        """Adds the next section, whose packets stand in a file.

        Raises:
            ResultError: it cannot be written.
        """
        self.pictures += section.pictures
        for frame in section.frames:
            self._tables.add(frame.index, frame.time_s, frame.readings)
        if self._film is not None and section.coded.rows:
            with packets.open("rb") as file:
                coded = section.coded.packets(file, self._recording.time_base)
                self._film.copy((row[0] for row in section.coded.rows), self._with_sound(coded))

    def end(self) -> None:
        """Adds the sound that is left."""
        self._sound_until(float("inf"))

    def _with_sound(self, packets: Iterator[Packet]) -> Iterator[Packet]:
        shift, tick_s = shift_of(self._recording), float(self._recording.time_base)
        for packet in packets:
            self._sound_until(((packet.dts or 0) + shift) * tick_s)
            yield packet

    def _sound_until(self, time_s: float) -> None:
        while self._film is not None and self._next is not None and self._next[0] <= time_s:
            self._film.sound(self._next[1])
            self._next = next(self._beside, None)
