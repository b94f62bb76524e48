"""Drawing on recorded frames, on the planes of the frame itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..draw.corner import Corner
from ..draw.hiding import hide_in_frame
from ..draw.overlay import draw_on
from ..draw.picture import compose
from ..reading.crops import face_chip
from ..reading.session import ReadFrame
from ..view.scene import Scene
from ..view.state import ViewState
from .places import hidden_places
from .reading import Item, Read


class Painter:
    """Draws what was read; remembers where the inset stands.

    Args:
        state: what is drawn.
        blur: whether faces are made unrecognisable before anything is drawn.
    """

    def __init__(self, state: ViewState, blur: bool = False) -> None:
        self.state, self._blur = state, blur
        self._corner = Corner()

    def paint(self, items: Iterable[Item]) -> Iterator[Item]:
        """Draws on every frame that passes; sound passes untouched."""
        for item, places in hidden_places(items) if self._blur else ((item, []) for item in items):
            if isinstance(item, ReadFrame):
                if places:
                    hide_in_frame(item.frame.picture.frame, places, item.frame.picture.scale)
                    item.frame.picture.forget()
                self._draw(item)
            yield item

    def scene(self, read: Read) -> Scene:
        """What is to be drawn on a frame."""
        picture, seen = read.frame.picture, read.seen
        chip = None if seen.subject is None else face_chip(picture, seen.subject.reading)
        corner = self._corner.choose(seen.faces, picture.width, picture.height, read.frame.time_s)
        return Scene(seen.faces, seen.chosen, chip, corner=corner)

    def _draw(self, read: Read) -> None:
        picture = read.frame.picture
        scene = self.scene(read)
        draw_on(picture.frame, compose(scene, self.state, picture.width, picture.height), picture.scale)
        picture.forget()
