"""From frames whose faces are known to readings; packets of sound pass untouched, a seam learns what was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from ..media.demux import Packet
from ..media.reader import RecordedFrame, Recording
from ..reading.session import ReadFrame, Seen, Session, Wish
from .finding import Found, Seam

Read: TypeAlias = "ReadFrame[RecordedFrame]"
"""`fresh` is False where the faces are those of the last frame that was looked at."""
Item: TypeAlias = "Read | Packet | Seam"


def reads(items: Iterable[Found | Packet | Seam], session: Session, wish: Wish) -> Iterator[Item]:
    """Reads all faces; frames that were not looked at come with the faces before.

    Args:
        items: what was found.
        session: reads the faces, and has forgotten what was before these frames.
        wish: what is to be known.
    """
    last = Seen()
    for item in items:
        if isinstance(item, Found):
            frame = item.frame
            if item.faces is not None:
                last = session.read_faces(frame.picture, item.faces, frame.time_s, wish)
            yield ReadFrame(frame, last, item.faces is not None)
        elif isinstance(item, Seam):
            yield Seam(replace(item.told, memory=session.memory()))
        else:
            yield item


def share_of(time_s: float, recording: Recording) -> float | None:
    """How much of the part asked for lies before a moment, 0–1; None where its end is not known."""
    start_s, end_s = recording.first.time_s, recording.end_s
    if end_s is None:
        return None
    end_s = min(end_s, recording.span.end_s)
    return min(1.0, max(0.0, (time_s - start_s) / max(end_s - start_s, 1e-9)))
