"""The stages between a recording's events and what is written, each ahead of the next by a few frames.

decode ──▶ find faces ──▶ read faces ──▶ draw ──▶
thread     thread         thread         thread
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..media.encoding import LARGE_PIXELS
from ..media.reader import Event, Recording
from ..network.network import Request
from ..reading.session import Session, Wish
from ..view.state import wish_of
from .finding import Finds
from .painting import Painter
from .places import Moment, Way
from .prefetch import Prefetch
from .reading import FRAMES, Item, reads
from .settings import Settings

T = TypeVar("T")

WAITING_PIXELS = 16 * 1280 * 720
"""Of the frames that may wait behind one stage, where these are no larger than `LARGE_PIXELS`; else one may."""
DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one recording, joined.

    Attributes:
        recording: whose events come.
        session: reads the faces.
        settings: of the run.
        finds: gives events with faces.
        ways: how faces went before the first frame, where faces are hidden.
        after: where they are behind the last frame.
    """

    recording: Recording
    session: Session
    settings: Settings
    finds: Callable[[Iterable[Event]], Iterable[Finds]]
    ways: Mapping[int, Way] = field(default_factory=dict)
    after: Sequence[Moment] = ()

    def items(self, stack: ExitStack) -> Iterable[Item]:
        """What comes out; leaving the stack ends all threads."""

        def ahead(stage: Iterable[T], name: str, bound: int) -> Iterable[T]:
            return stack.enter_context(Prefetch(stage, name, bound)) if bound else stage

        deep, shallow = _depths(self.recording, self.settings.video)
        # Sound only passes, on its way into the new film.
        events = self.recording if self.settings.video else self.recording.frames()
        decoded = ahead(events, "decoding", deep)
        # Those that are read together wait too.
        found = ahead(self.finds(decoded), "finding", max(shallow - FRAMES, min(shallow, 1)))
        items = ahead(reads(found, self.session, wish_for(self.session, self.settings)), "reading", shallow)
        if not self.settings.video:
            return items
        state = self.settings.look(self.session.network.contract)
        return ahead(Painter(state, self.settings.blur, self.ways, self.after).paint(items), "drawing", deep)


def wish_for(session: Session, settings: Settings) -> Wish:
    """What is to be known of each frame."""
    state = settings.look(session.network.contract)
    wish = replace(wish_of(state), exact=True)
    return wish if settings.video else replace(wish, request=Request())


def _depths(recording: Recording, film: bool) -> tuple[int, int]:
    """How many frames may wait behind decoding and drawing, and behind the stages between; 0: these have no threads.

    Deep queues even out stages that stall each other; at 720p a tenth of the time is gained. At 1080p the encoder alone
    holds 150 MB of pictures and takes so long that the stages before it need no threads of their own. Where no film is
    made, decoding is so far ahead of finding that half as many frames are as good.
    """
    pixels = recording.first.picture.width * recording.first.picture.height
    if pixels > LARGE_PIXELS:
        return 1, 0 if film else 1
    deep = min(DEEPEST, WAITING_PIXELS // pixels)
    return (deep if film else max(1, deep // 2)), deep
