"""A film done section by section, one after another, each kept when it is done.

kept sections ──▶ results        so far, where an ended run is gone on with
the rest      ──▶ a section ──▶ kept ──▶ results
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..media.encoder import FilmEncoder
from ..media.reader import Recording
from ..media.span import Span
from ..reading.session import ReadFrame, Session
from .assembly import Assembly
from .finding import Seam, finds
from .reading import Read
from .sections import Handover, Sections
from .settings import Settings
from .stages import Stages
from .unfinished import Looked, SectionDone, Unfinished, without_pictures

Tick = Callable[[Recording, float], None]


class ElsewhereError(Exception):
    """A film could not be gone on with where it was left: it is to be begun anew."""


class Making:
    """One section being made.

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
        self._work.keep(self.number, self._section)

    def close(self) -> None:
        """Closes the file of packets."""
        if self._file is not None:
            self._file.close()

    def _keep(self, packets: list[Any]) -> None:
        assert self._file is not None
        for packet in packets:
            self._file.add(packet, self._section.coded)


@dataclass(frozen=True, slots=True)
class Turn:
    """A film whose sections are done in turn.

    Attributes:
        head: the source, opened at the beginning of the part that is read.
        session: reads the faces; has forgotten all before.
        settings: of the run.
        sections: where it is cut.
        work: where sections are kept.
        assembly: of the results.
        reopen: opens the source for a part of it.
    """

    head: Recording
    session: Session
    settings: Settings
    sections: Sections
    work: Unfinished
    assembly: Assembly
    reopen: Callable[..., Recording]

    def run(self, tick: Tick) -> tuple[Recording, bool]:
        """Does what is not done yet, to the end, or to where `tick` raises KeyboardInterrupt.

        Args:
            tick: hears what is read, and the time of each frame that is done, in seconds.

        Returns:
            What was read last, and whether it was ended before its time.

        Raises:
            ElsewhereError: the film could not be gone on with.
        """
        kept = self._kept()
        for number, section in enumerate(kept):
            self.assembly.add(section, self.work.film(number))
        with ExitStack() as stack:
            recording, interrupted = self.head, False
            if not kept or not kept[-1].last:
                recording = stack.enter_context(self._reopened(len(kept))) if kept else self.head
                interrupted = self._go_on(recording, kept[-1].told if kept else Handover(), tick)
            if not interrupted:
                self.assembly.end()
            return self._counted(recording), interrupted

    def _counted(self, recording: Recording) -> Recording:
        """What was read last, knowing of all that was done before."""
        recording.handling.add(self.head.handling.like(self.assembly.pictures - recording.handling.frames))
        if recording is not self.head:
            recording.damage.sound += self.head.damage.sound
            recording.damage.stretches += self.head.damage.stretches
        return recording

    def _kept(self) -> list[SectionDone]:
        """The sections that an ended run has done, if the film can be gone on with."""
        labels = self.session.network.contract.labels
        kept = [self.work.section(number, labels) for number in range(self.work.done())]
        return kept if all(section.regular for section in kept) and self.head.regular else []

    def _reopened(self, number: int) -> Recording:
        keys = self.head.key_frames()
        if keys is None:
            raise ElsewhereError
        start = self.sections.start(number) - self.sections.lead
        span = Span(float(start * self.head.time_base), self.settings.span.end_s)
        return self.reopen(span, keys=keys, canvas=self.head.handling.canvas)

    def _sealed(self, making: Making, recording: Recording, told: Handover | None) -> Making | None:
        """Keeps a section that has ended, and begins the next where there is one."""
        section = making.end(recording, told)
        making.keep()
        self.assembly.add(section, self.work.film(making.number))
        return None if told is None else Making(self.work, self.head, self.settings, told.number)

    def _go_on(self, recording: Recording, told: Handover, tick: Tick) -> bool:
        """Does the sections from one on; whether it was ended before its time."""
        index = self.head.first.index + self.assembly.pictures
        self.session.recall(told.memory)
        found = partial(finds, finder=self.session.finder, every=self.settings.every, sections=self.sections, told=told)
        making: Making | None = Making(self.work, self.head, self.settings, told.number)
        with ExitStack() as stack:
            try:
                for item in Stages(recording, self.session, self.settings, found, told.ways).items(stack):
                    assert making is not None
                    if isinstance(item, Seam):
                        making = self._sealed(making, recording, item.told)
                    elif isinstance(item, ReadFrame):
                        if item.frame.index != index:
                            raise ElsewhereError
                        index += 1
                        making.add(item)
                        tick(recording, item.frame.time_s)
                assert making is not None
                making = self._sealed(making, recording, None)
            except KeyboardInterrupt:
                if making is not None:
                    self.assembly.add(making.end(recording), self.work.film(making.number))
                return True
            finally:
                if making is not None:
                    making.close()
        return False
