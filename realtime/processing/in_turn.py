"""A film done section by section, one after another, each kept when it is done.

kept sections ──▶ results        so far, where an ended run is gone on with
the rest      ──▶ a section ──▶ kept ──▶ results
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial

from ..errors import ResultError
from ..media.reader import Recording
from ..reading.session import ReadFrame, Session
from .assembly import Assembly
from .finding import Seam, finds
from .making import Making
from .sections import Handover, Sections
from .settings import Settings
from .stages import Stages
from .unfinished import SectionDone, Unfinished

Tick = Callable[[Recording, int, float], None]
"""Hears what is read, how many frames are done, and the time of the last of them, in seconds."""


class HandsError(Exception):
    """There are workers now that could do the sections that are left."""


class ElsewhereError(Exception):
    """A film could not be gone on with where it was left: it is to be begun anew."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A film whose sections are done in turn.

    Attributes:
        head: the source, opened at the beginning of the part that is read.
        session: reads the faces; has forgotten all before.
        settings: of the run.
        sections: where it is cut.
        work: where sections are kept.
        reopen: opens the source for a part of it.
        hands: whether there are workers now that could do the sections that are left.
    """

    head: Recording
    session: Session
    settings: Settings
    sections: Sections
    work: Unfinished
    reopen: Callable[..., Recording]
    hands: Callable[[], bool] = lambda: False

    def run(self, assembly: Assembly, tick: Tick) -> tuple[Recording, bool]:
        """Does what is not done yet, to the end, or to where `tick` raises KeyboardInterrupt.

        Args:
            assembly: of the results.
            tick: see `Tick`.

        Returns:
            What was read last, and whether it was ended before its time.

        Raises:
            ElsewhereError: the film could not be gone on with.
            HandsError: there are workers now that could do the sections that are left; those that are done are kept.
        """
        kept = kept_sections(self.work, self.session, self.head)
        for number, section in enumerate(kept):
            assembly.add(section, self.work.film(number))
        with ExitStack() as stack:
            recording, interrupted = self.head, False
            if not kept or not kept[-1].last:
                recording = stack.enter_context(self._reopened(len(kept))) if kept else self.head
                interrupted = self._go_on(recording, kept[-1].told if kept else Handover(), assembly, tick)
            if not interrupted:
                assembly.end()
            return counted(recording, self.head, assembly.pictures), interrupted

    def _reopened(self, number: int) -> Recording:
        keys = self.head.key_frames()
        if keys is None:
            raise ElsewhereError
        span = replace(self.settings.span, start_s=self.sections.span(number, self.settings.span, lead=True).start_s)
        return self.reopen(span, keys=keys, canvas=self.head.handling.canvas)

    def _sealed(self, making: Making, recording: Recording, told: Handover | None, assembly: Assembly) -> Making | None:
        """Keeps a section that has ended, and begins the next where there is one."""
        section = making.end(recording, told)
        making.keep()
        assembly.add(section, self.work.film(making.number))
        if told is not None and section.regular and self.hands():
            raise HandsError
        return None if told is None else Making(self.work, self.head, self.settings, told.number)

    def _go_on(self, recording: Recording, told: Handover, assembly: Assembly, tick: Tick) -> bool:
        """Does the sections from one on; whether it was ended before its time."""
        index = self.head.first.index + assembly.pictures
        self.session.recall(told.memory)
        found = partial(finds, finder=self.session.finder, every=self.settings.every, sections=self.sections, told=told)
        making: Making | None = Making(self.work, self.head, self.settings, told.number)
        with ExitStack() as stack:
            try:
                for item in Stages(recording, self.session, self.settings, found, told.ways).items(stack):
                    assert making is not None
                    if isinstance(item, Seam):
                        making = self._sealed(making, recording, item.told, assembly)
                    elif isinstance(item, ReadFrame):
                        if item.frame.index != index:
                            raise ElsewhereError
                        index += 1
                        making.add(item)
                        tick(recording, index - self.head.first.index, item.frame.time_s)
                assert making is not None
                making = self._sealed(making, recording, None, assembly)
            except KeyboardInterrupt:
                if making is not None:
                    assembly.add(making.end(recording), making.packets)
                return True
            finally:
                if making is not None:
                    making.close()
        return False


def kept_sections(work: Unfinished, session: Session, head: Recording) -> list[SectionDone]:
    """The sections that an ended run has done, from the first on, if the film can be gone on with."""
    kept: list[SectionDone] = []
    with suppress(ResultError):  # a disk may keep the name of a file and lose what is in it
        while work.is_done(len(kept)):
            kept.append(work.section(len(kept), session.network.contract.labels))
    return kept if all(section.regular for section in kept) and head.regular else []


def counted(recording: Recording, head: Recording, pictures: int) -> Recording:
    """What was read last, knowing of all pictures, those before it too."""
    recording.handling.add(head.handling.like(pictures - recording.handling.frames))
    if recording is not head:
        recording.damage.sound += head.damage.sound
        recording.damage.stretches += head.damage.stretches
    return recording
