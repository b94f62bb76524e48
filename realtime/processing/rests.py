"""What is typical of each face of a recording, from a first look at it: its rest, taken off in the second look.

    decode ──▶ find ──▶ read ──▶ answers of each face ──typical──▶ rest of each face

Faces are numbered the same in both looks, since both see the same frames in the same order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from ..media.reader import Recording
from ..media.shape import Shape
from ..network.network import Request
from ..reading.baseline import typical
from ..reading.session import ReadFrame, Session, Wish
from ..types import Floats, Reading
from .finding import finds
from .prefetch import Prefetch
from .reading import reads, share_of
from .sections import Sections
from .settings import AUTO, Settings

Tick = Callable[[int, float | None], None]
FIRST = 0.4
"""Which part of the work the first look is: nothing is drawn or compressed in it."""
REST_WISH = Wish(Request(), smoothed=False)
"""What is to be known of each frame: the network's own answers."""
MOST = 4096
"""Answers kept of a face; of a longer recording every second one, every fourth, and so on."""


def rests(
    source: Path, session: Session, settings: Settings, tick: Tick, canvas: Shape | None = None
) -> dict[int, Floats]:
    """The rest of every face that is seen for long enough, by its number; the session has forgotten all afterwards.

    Args:
        source: the recording.
        session: reads the faces.
        settings: which part of it is looked at, and what rest is taken from.
        canvas: shape that its pictures are brought into; None for that of the first.
        tick: hears that no frame is done, and which share of the whole work, 0–1.

    Raises:
        SourceError: it cannot be read at all.
    """
    session.reset(anew=True)
    found = Rests(settings.baseline)
    with (
        Recording(source, settings.span, canvas=canvas, **settings.source) as recording,
        Prefetch(recording.frames(), "decoding") as frames,
        Prefetch(finds(frames, session.finder, settings.every, _cut(recording, settings)), "finding") as items,
    ):
        for item in reads(items, session, REST_WISH):
            if isinstance(item, ReadFrame):
                share = share_of(item.frame.time_s, recording)
                tick(0, None if share is None else FIRST * share)
                if item.fresh:
                    found.add(item.seen.readings, item.frame.time_s)
    session.reset(anew=True)
    return found.typical()


def _cut(recording: Recording, settings: Settings) -> Sections:
    return Sections.of(recording, settings.section_s, settings.every)


class Rests:
    """The answers about everybody, from which their rests are taken.

    Args:
        baseline: AUTO for all answers, or the seconds of each face's first ones.
    """

    def __init__(self, baseline: float | str | None) -> None:
        self._answers: dict[int, _Answers] = defaultdict(lambda: _Answers(baseline))

    def add(self, readings: Iterable[Reading], time_s: float) -> None:
        """Takes note of a frame that was looked at."""
        for reading in readings:
            self._answers[reading.face.track].add(reading, time_s)

    def typical(self) -> dict[int, Floats]:
        """The rest of every face that was seen for long enough, by its number."""
        typicals = ((track, answers.typical()) for track, answers in self._answers.items())
        return {track: rest for track, rest in typicals if rest is not None}


class _Answers:
    """Readable answers about one face, evenly thinned where there are many."""

    def __init__(self, baseline: float | str | None) -> None:
        self._last_s = float("inf") if baseline == AUTO else float(baseline or 0)
        self._first_s: float | None = None
        self._kept: list[Floats] = []
        self._heard, self._step = 0, 1

    def add(self, reading: Reading, time_s: float) -> None:
        if self._first_s is None:
            self._first_s = time_s
        if not reading.prediction.readable or time_s - self._first_s > self._last_s:
            return
        if self._heard % self._step == 0:
            self._kept.append(reading.prediction.probabilities)
        self._heard += 1
        if len(self._kept) >= MOST:
            self._kept, self._step = self._kept[::2], 2 * self._step

    def typical(self) -> Floats | None:
        return typical(np.stack(self._kept)) if self._kept else None
