"""Drawing on recorded frames, on the planes of the frame itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..draw.arrange import Arranger
from ..draw.hiding import hide_in_frame
from ..draw.overlay import Inks, draw_on
from ..draw.patch import Patch
from ..draw.picture import compose
from ..reading.crops import face_chip
from ..reading.session import ReadFrame
from ..reading.smoothing import SMOOTHING_S
from ..view.scene import Scene
from ..view.state import ViewState
from .finding import Seam
from .places import Moment, Way, hidden_places
from .reading import Item, Read


class Painter:
    """Draws what was read; remembers where panels stand, but in each section of a film anew.

    Args:
        state: what is drawn.
        blur: whether faces are made unrecognisable before anything is drawn.
        ways: how faces went before the first item, of those that are to be hidden.
        after: where they are behind the last item.
    """

    def __init__(
        self,
        state: ViewState,
        blur: bool = False,
        ways: Mapping[int, Way] | None = None,
        after: Sequence[Moment] = (),
    ) -> None:
        self.state, self._blur, self._ways, self._after = state, blur, ways, after
        self._arranger, self._inks = Arranger(), Inks()

    def paint(self, items: Iterable[Item]) -> Iterator[Item]:
        """Draws on every frame that passes; sound passes untouched."""
        hidden = hidden_places(items, self._ways, self._after) if self._blur else ((item, []) for item in items)
        for item, places in hidden:
            if isinstance(item, Seam):
                self._arranger = Arranger()
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
        return Scene(seen.faces, seen.chosen, chip, smoothed_s=SMOOTHING_S, time_s=read.frame.time_s)

    def patches(self, read: Read) -> list[Patch]:
        """The drawing for a frame."""
        picture = read.frame.picture
        return compose(self.scene(read), self.state, picture.width, picture.height, arranger=self._arranger)

    def _draw(self, read: Read) -> None:
        draw_on(read.frame.picture.frame, self.patches(read), read.frame.picture.scale, self._inks)
        read.frame.picture.forget()
