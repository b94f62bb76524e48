"""Where the labels of faces stand: each keeps its side of the face as long as nothing lies there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..reading.smoothing import UNSURE, Shown
from ..types import UNREADABLE
from ..view.scene import Scene
from ..view.state import METHOD_NAMES, ViewState
from .canvas import Canvas, Colour
from .face import plate, plate_spots, runner_up
from .layout import Rect
from .patch import Patch, rect_of
from .standing import PATIENCE_S, STAY_S
from .style import Sizes, colour_of

GRIP = 0.4
"""Part of a label that must lie on another face before it changes sides."""
ELSEWHERE, INSIDE = -1, 12
"""No spot, and the first of the spots that lie on the face itself, which are left when there is room outside."""
FORGET = 64
"""Labels that are remembered."""


@dataclass(slots=True)
class _Side:
    """Which of its spots a label has, or how far from its face it stands where all were taken, and since when."""

    spot: int
    since_s: float
    off: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Labels:
    """Places labels, and remembers their sides from picture to picture."""

    _sides: dict[int, _Side] = field(default_factory=dict)

    def place(
        self, scene: Scene, state: ViewState, rest: Rect, sizes: Sizes, faces: Sequence[Rect], panels: Iterable[Rect]
    ) -> tuple[Patch | None, ...]:
        """The label of each face; the chosen face's chooses first, then those that have stood where they are longest.

        Args:
            scene: whose faces are labelled.
            state: what is to be seen.
            rest: where labels may stand.
            sizes: of text.
            faces: their boxes, in pixels of the board.
            panels: what stands there already.
        """
        taken = list(panels)
        sides = [self._sides.get(shown.reading.face.track) for shown in scene.faces]
        since = [side.since_s if side else scene.time_s for side in sides]
        order = sorted(range(len(faces)), key=lambda number: (number != scene.chosen, since[number]))
        labels: list[Patch | None] = [None] * len(faces)
        for number in order:
            others = [face for other, face in enumerate(faces) if other != number]
            boards = _plates(scene, state, sizes, number, faces[number])
            labels[number] = self._label(rest, scene, number, faces[number], boards, (taken, others))
            place = rect_of(labels[number])
            if place is not None:
                taken.append(place)
        while len(self._sides) > FORGET:
            self._sides.pop(next(iter(self._sides)))
        return tuple(labels)

    def _label(
        self,
        rest: Rect,
        scene: Scene,
        number: int,
        face: Rect,
        boards: Iterator[Canvas],
        around: tuple[list[Rect], list[Rect]],
    ) -> Patch | None:
        """The largest of its boards that stands clear of what is taken; the chosen face has one in any case."""
        taken, others = around
        side = self._sides.get(scene.faces[number].reading.face.track)
        if face.common(rest) is None:
            return None
        for board in boards:
            if side is not None and side.spot != ELSEWHERE:  # most labels stay where they are
                place = _spot(face, board, rest, side.spot)
                stays = side.spot < INSIDE or scene.time_s - side.since_s <= STAY_S
                if stays and _clear(place, taken) and not _crowded(place, others):
                    return board.patch(place.x, place.y)
            spots = _spots(face, board, rest)
            free = [spot for spot, place in enumerate(spots) if _clear(place, taken)]
            if free:
                spot = self._side(scene, number, free, spots, around, side)
                return board.patch(spots[spot].x, spots[spot].y)
        return self._elsewhere(rest, scene, number, face, board, taken, side)

    def _elsewhere(
        self,
        rest: Rect,
        scene: Scene,
        number: int,
        face: Rect,
        board: Canvas,
        taken: list[Rect],
        side: _Side | None,
    ) -> Patch | None:
        """The nearest place that is free, where it stands already if that still is; None where there is none near."""
        reach = max(rest.width, rest.height) if number == scene.chosen else face.height
        near = [place for place in _everywhere(board, rest) if place.distance(face) <= reach and _clear(place, taken)]
        track, now_s = scene.faces[number].reading.face.track, scene.time_s
        if side is not None and side.spot == ELSEWHERE:
            kept = _into(Rect(face.x + side.off[0], face.y + side.off[1], board.width, board.height), rest)
            if _clear(kept, taken) and kept.distance(face) <= reach:
                return board.patch(kept.x, kept.y)
        if not near:
            return None
        place = min(near, key=lambda place: place.distance(face))
        self._sides.pop(track, None)
        self._sides[track] = _Side(ELSEWHERE, now_s, (place.x - face.x, place.y - face.y))
        return board.patch(place.x, place.y)

    def _side(
        self,
        scene: Scene,
        number: int,
        free: list[int],
        spots: list[Rect],
        around: tuple[list[Rect], list[Rect]],
        side: _Side | None,
    ) -> int:
        """The spot of a label: the one it has while that is free of panels and other faces, else the first such."""
        track, now_s = scene.faces[number].reading.face.track, scene.time_s
        taken, others = around

        def tight(spot: int) -> bool:
            """Whether something is so near that it will soon lie there."""
            return not _clear(_wider(spots[spot], spots[spot].height // 3), taken)

        def outside() -> bool:
            """Whether a label that has long stood on its face has room elsewhere."""
            beside = (spot for spot in free if spot < INSIDE and not _crowded(spots[spot], others))
            return side is not None and now_s - side.since_s > STAY_S and not all(map(tight, beside))

        if (
            side is not None
            and side.spot in free
            and (now_s - side.since_s <= PATIENCE_S or not _crowded(spots[side.spot], others))
            and (side.spot < INSIDE or not outside())
        ):
            return side.spot
        spot = min(free, key=lambda spot: (_crowded(spots[spot], others), side is not None and tight(spot), spot))
        if side is None or side.spot != spot:
            self._sides.pop(track, None)
            self._sides[track] = _Side(spot, now_s)
        return spot

    def forget(self) -> None:
        """Forgets all sides."""
        self._sides.clear()


def _plates(scene: Scene, state: ViewState, sizes: Sizes, number: int, face: Rect) -> Iterator[Canvas]:
    """The label of a face, the fullest first."""
    shown, chosen = scene.faces[number], number == scene.chosen
    own = _for_face(sizes, face)
    stripe = colour(shown, state) if chosen and len(scene.faces) > 1 else None
    second = heat_words(shown, chosen) if state.heat else ""
    if not second and not (chosen and state.bars) and face.width >= 4 * own.title:
        second = runner_up(shown)
    if second:
        yield plate(shown, own, second, stripe)
    yield plate(shown, own, "", stripe)
    least = max(10, round(sizes.title * 0.4))
    if least < own.title:
        yield plate(shown, replace(own, title=least), "", stripe)


def heat_words(shown: Shown, whole: bool = True) -> str:
    """What the heat on a face speaks of: "heat: fear, Grad-CAM"; the class alone where not the whole."""
    why = shown.reading.explanation
    if why is None or why.heat is None:
        return ""
    return f"heat: {why.target}" + (f", {METHOD_NAMES.get(why.method, why.method)}" if whole else "")


def colour(shown: Shown, state: ViewState) -> Colour:
    """The colour of a face's frame."""
    if shown.label in (UNSURE, UNREADABLE):
        return (200, 200, 200)
    labels = state.labels
    return colour_of(shown.label, labels.index(shown.label) if shown.label in labels else 0)


def _for_face(sizes: Sizes, face: Rect) -> Sizes:
    """Smaller labels on small faces, so that a crowd stays readable; never below two fifths of the usual size."""
    title = max(11, round(sizes.title * 0.4), min(sizes.title, round(face.width * 0.22)))
    return replace(sizes, title=title, gap=max(3, min(sizes.gap, title // 2)))


def _spots(face: Rect, board: Canvas, rest: Rect) -> list[Rect]:
    """All places that a label may have at its face."""
    offsets = plate_spots(face, board.width, board.height, max(2, board.height // 8))
    return [_into(Rect(face.x + x, face.y + y, board.width, board.height), rest) for x, y in offsets]


def _spot(face: Rect, board: Canvas, rest: Rect, spot: int) -> Rect:
    """One of them."""
    x, y = plate_spots(face, board.width, board.height, max(2, board.height // 8))[spot]
    return _into(Rect(face.x + x, face.y + y, board.width, board.height), rest)


def _crowded(place: Rect, others: Sequence[Rect]) -> bool:
    """Whether a label would lie on other faces."""
    return sum(place.overlap(other) for other in others) > GRIP * place.area


def _into(place: Rect, rest: Rect) -> Rect:
    x = max(rest.x, min(place.x, rest.right - place.width))
    y = max(rest.y, min(place.y, rest.bottom - place.height))
    return Rect(x, y, place.width, place.height)


def _wider(place: Rect, by: int) -> Rect:
    return Rect(place.x - by, place.y - by, place.width + 2 * by, place.height + 2 * by)


def _clear(place: Rect, taken: Sequence[Rect]) -> bool:
    return not any(place.overlap(other) for other in taken)


def _everywhere(board: Canvas, rest: Rect) -> list[Rect]:
    """Places for a label all over the room, in rows and columns."""
    width, height = board.width, board.height
    columns = range(rest.x, rest.right - width + 1, max(1, width // 2))
    rows = range(rest.y, rest.bottom - height + 1, max(1, height // 2))
    return [Rect(x, y, width, height) for y in rows for x in columns]
