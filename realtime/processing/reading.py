"""From frames whose faces are known to readings; packets of sound pass untouched."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..media.demux import Packet
from ..media.planes import Picture
from ..media.reader import RecordedFrame
from ..network.network import PREDICTED, Request
from ..reading.analysis import Analyser
from ..reading.subject import Subject
from ..reading.voice import Voice
from ..types import Face, Reading
from ..view.scene import Shown, raw
from .finding import Found


@dataclass(frozen=True, slots=True)
class Read:
    """A frame and who is in it.

    Attributes:
        frame: of the recording.
        faces: as they are shown.
        fresh: whether the faces are this frame's own, not those of the last frame that was looked at.
        chosen: number of the face that the inset speaks of, in `faces`, or None.
    """

    frame: RecordedFrame
    faces: tuple[Shown, ...]
    fresh: bool = True
    chosen: int | None = None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What the network said, one a face."""
        return tuple(shown.reading for shown in self.faces)


Item: TypeAlias = "Read | Packet"


def reads(
    items: Iterable[Found | Packet],
    analyser: Analyser,
    request: Request,
    target: int = PREDICTED,
    voice: Voice | None = None,
    everyone: bool = True,
) -> Iterator[Item]:
    """Asks the network about all faces; frames that were not looked at come with the faces before.

    Args:
        items: what was found.
        analyser: reads the faces.
        request: what is wanted besides the probabilities.
        target: class that heatmaps speak for; PREDICTED for the one that is said.
        voice: what is said about a face; None for the network's raw answer.
        everyone: whether the request is for all faces, not just for the one that the inset speaks of.
    """
    last, chosen, subject = tuple[Shown, ...](), None, Subject()
    for item in items:
        if isinstance(item, Found):
            if item.faces is not None:
                chosen = subject.pick(item.faces)
                explained = None if everyone or chosen is None else {item.faces[chosen].track}
                last = _shown(item, analyser, request, target, voice, explained) if item.faces else ()
            yield Read(item.frame, last, item.faces is not None, chosen)
        else:
            yield item


def read_picture(
    analyser: Analyser,
    picture: Picture,
    faces: Sequence[Face],
    request: Request,
    targets: Mapping[int, int] | int,
    explained: Container[int] | None = None,
) -> list[Reading]:
    """Asks about the faces of a decoded picture: a network that reads gray gets its luma, as it is stored."""
    if analyser.network.contract.input.channels == "gray":
        return analyser.read_faces(picture.luma, faces, request, targets, picture.levels, explained)
    return analyser.read_faces(picture.bgr, faces, request, targets, explained=explained)


def _shown(
    found: Found,
    analyser: Analyser,
    request: Request,
    target: int,
    voice: Voice | None,
    explained: Container[int] | None,
) -> tuple[Shown, ...]:
    def read(targets: Mapping[int, int] | int) -> list[Reading]:
        return read_picture(analyser, found.frame.picture, found.faces or (), request, targets, explained)

    if voice is None:
        return tuple(raw(one) for one in read(target))
    readings = read(voice.targets(target))
    shown = voice.say(readings, found.frame.time_s)
    if target != PREDICTED or voice.agrees(readings):
        return shown
    # A label has just changed: the heat that came with the answer still speaks for the class before.
    again = read(voice.targets())
    return tuple(replace(one, reading=reading) for one, reading in zip(shown, again, strict=True))
