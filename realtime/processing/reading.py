"""From frames whose faces are known to readings; packets of sound pass at once, a seam learns what was said.

    frames   1 … 8 │ 9  10  seam │ 11 … 18 │
            one call    one call   one call          of the network

Frames are read together in groups that begin anew with each section, so that it does not matter which sections are done
where. A group holds so many frames, or fewer where these have many faces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from ..media.demux import Packet
from ..media.encoding import LARGE_PIXELS
from ..media.reader import RecordedFrame, Recording
from ..reading.session import FacesFound, ReadFrame, Seen, Session, Wish
from .finding import Found, Seam

Read: TypeAlias = "ReadFrame[RecordedFrame]"
"""`fresh` is False where the faces are those of the last frame that was looked at."""
Item: TypeAlias = "Read | Packet | Seam"

FRAMES, LARGE_FRAMES, FACES = 8, 4, 24
"""Frames that are read together, and of those above `LARGE_PIXELS`, which take more memory while they wait; and faces
with which a group is full. One of eight faces costs two thirds of what one alone costs in a network for single faces;
one of sixteen 3 % less, with heat 9 %."""


def reads(items: Iterable[Found | Packet | Seam], session: Session, wish: Wish) -> Iterator[Item]:
    """Reads all faces; frames that were not looked at come with the faces before.

    Args:
        items: what was found.
        session: reads the faces, and has forgotten what was before these frames.
        wish: what is to be known; heat is always of the very class that is said.
    """
    wish, last = replace(wish, exact=True), Seen()
    waiting: list[Found] = []

    def read_now() -> Iterator[Read]:
        nonlocal last, waiting
        found, waiting = waiting, []
        asked = [_faces_of(item) for item in found if item.faces is not None]
        seen = iter(session.read_together(asked, wish))
        for item in found:
            last = last if item.faces is None else next(seen)
            yield ReadFrame(item.frame, last, item.faces is not None)

    for item in items:
        if isinstance(item, Found):
            waiting.append(item)
            if _is_full(waiting):
                yield from read_now()
        elif isinstance(item, Seam):
            yield from read_now()
            yield Seam(replace(item.told, memory=session.memory()))
        else:
            yield item
    yield from read_now()


def _is_full(group: list[Found]) -> bool:
    picture = group[0].frame.picture
    most = FRAMES if picture.width * picture.height <= LARGE_PIXELS else LARGE_FRAMES
    return len(group) >= most or sum(len(one.faces or ()) for one in group) >= FACES


def _faces_of(item: Found) -> FacesFound:
    return FacesFound(item.frame.picture, item.faces or (), item.frame.time_s)


def share_of(time_s: float, recording: Recording) -> float | None:
    """How much of the part asked for lies before a moment, 0–1; None where its end is not known."""
    start_s, end_s = recording.first.time_s, recording.end_s
    if end_s is None:
        return None
    end_s = min(end_s, recording.span.end_s)
    return min(1.0, max(0.0, (time_s - start_s) / max(end_s - start_s, 1e-9)))
