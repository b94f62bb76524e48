"""Where everything stands on a board: the decision about places, apart from the drawing, and calm over time.

Fixed things first (status, inset, chart), then the chosen face's panel, the notice, and last the labels, which keep
clear of all of it. A panel stays where it is until its place is clearly worse than another, and then for a while; a
label keeps its side of the face as long as nothing lies there.

    cost of a place = panels it lies on · 6  +  faces · 1 (their features · 3)  +  film · 0.6  +  how far from its face
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import isnan

from ..reading.smoothing import UNSURE, Shown
from ..types import UNREADABLE
from ..view.scene import Scene
from ..view.state import METHOD_NAMES, ViewState
from .bars import Form, bars_size, form_for
from .canvas import Canvas, Colour
from .face import plate, plate_spots, runner_up
from .history import history_height
from .hud import notice, status_line, status_panel
from .inset import INSETS, inset_edge, inset_size
from .layout import Rect, beside, docked, over_and_under
from .patch import Patch
from .stage import Stage
from .strip import Strip, buttons, strip_of
from .style import Sizes, colour_of

ON_PANEL, ON_FACE, ON_FEATURES, ON_LABEL, ON_FILM, FAR, RANK = 6.0, 1.0, 2.0, 1.5, 0.6, 0.25, 0.004
"""What it costs when all of a panel lies on one of these; to be a board's height from its face; each later choice."""
WORSE = 0.15
"""By how much a place must be worse than the best one before it is left."""
PATIENCE_S = 0.7
"""How long it must have been so."""
HIDDEN = 1.0
"""So much worse a place hides something, and is left without patience, as is that at a face chosen no longer."""
STAY_S = 1.05
"""How long a panel stays in any case, so that it jumps less than twice a second."""
GRIP = 0.4
"""Part of a label that must lie on another face before it changes sides."""
FITTED = 0.7
"""An inset is made smaller by as much to stand in the dark beside the film."""
LARGEST = 0.45
"""Part of a board that an inset may fill."""
ELSEWHERE = -1
FORGET = 64
"""Labels that are remembered."""

Cost = Callable[[Rect], float]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where things stand on one board; None for what is not there.

    Attributes:
        stage: the board.
        sizes: of text and gaps on it.
        inset: place of the inset's panel.
        edge: of the inset's picture, in pixels.
        chart: place of the strip chart.
        bars: place of the chosen face's panel.
        form: how much that panel shows.
        status: the drawn status line or table, at its place.
        notice: the drawn notice.
        strip: place of the strip for the mouse.
        buttons: what is on it, and where.
        labels: the drawn label of each face of the scene, or None where a small face has no room for one.
    """

    stage: Stage
    sizes: Sizes
    inset: Rect | None = None
    edge: int = 0
    chart: Rect | None = None
    bars: Rect | None = None
    form: Form | None = None
    status: Patch | None = None
    notice: Patch | None = None
    strip: Rect | None = None
    buttons: Strip | None = None
    labels: tuple[Patch | None, ...] = ()

    @property
    def panels(self) -> dict[str, Rect]:
        """All panels by name."""
        fixed = {"inset": self.inset, "chart": self.chart, "bars": self.bars, "strip": self.strip}
        drawn = {"status": rect_of(self.status), "notice": rect_of(self.notice)}
        return {name: place for name, place in {**fixed, **drawn}.items() if place is not None}


def rect_of(patch: Patch | None) -> Rect | None:
    """The place of a patch."""
    return None if patch is None else Rect(patch.x, patch.y, patch.width, patch.height)


@dataclass(slots=True)
class _Stand:
    """Where a panel stands, since when, and when that was last a good place."""

    place: Rect
    key: object
    whose: int
    since_s: float
    fine_s: float


@dataclass(slots=True)
class _Side:
    """Which of its spots a label has, or how far from its face it stands where all were taken, and since when."""

    spot: int
    since_s: float
    off: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Arranger:
    """Decides on places, and remembers them from picture to picture; made anew it knows nothing of any before."""

    _stands: dict[str, _Stand] = field(default_factory=dict)
    _sides: dict[int, _Side] = field(default_factory=dict)
    _time_s: float = float("-inf")

    def arrange(self, scene: Scene, state: ViewState, stage: Stage) -> Arrangement:
        """Places for all that a state wants of a scene, whose faces are in pixels of the board."""
        if scene.time_s < self._time_s:
            self._stands.clear()
            self._sides.clear()
        self._time_s = scene.time_s
        sizes = Sizes.of(stage.width, stage.height, state.text_scale)
        made = Arrangement(stage, sizes, status=_status(scene, state, stage, sizes))
        faces = [Rect.around(shown.reading.face.box_xyxy) for shown in scene.faces]
        made = self._with_inset(made, scene, state, faces)
        made = self._with_chart(made, scene, state, faces)
        made = self._with_bars(made, scene, state, faces)
        made = self._with_notice(_with_strip(made, scene, state), scene)
        return replace(made, labels=self._labels(made, scene, state, faces)) if state.names else made

    def _with_inset(self, made: Arrangement, scene: Scene, state: ViewState, faces: list[Rect]) -> Arrangement:
        stage, sizes = made.stage, made.sizes
        if scene.subject is None or state.view not in INSETS:
            return made
        if stage.inset is not None:
            edge = inset_edge(stage.inset.width, stage.inset.height, sizes, large=True)
            width, height = inset_size(edge, sizes)
            area = stage.inset
            place = Rect(area.x + (area.width - width) // 2, area.y + (area.height - height) // 2, width, height)
            return replace(made, inset=place, edge=edge)
        edge = inset_edge(stage.width, stage.height, sizes)
        width, height = inset_size(edge, sizes)
        dark = _dark(made)
        if FITTED * width <= dark < width:
            edge -= width - dark
            width, height = inset_size(edge, sizes)
        if width * height > LARGEST * stage.board.area:
            return made
        status = rect_of(made.status)
        choices = docked(stage.board, width, height, sizes.gap)[:4]
        if status is not None:
            choices.append(Rect(choices[3].x, status.bottom + sizes.gap, width, height))
        cost = _cost(made, faces, None, [one for one in (status, self._standing("bars", state.bars)) if one], choices)
        place = self._stand("inset", choices, cost, (stage, width, height), scene.time_s)
        return replace(made, inset=place, edge=edge)

    def _with_chart(self, made: Arrangement, scene: Scene, state: ViewState, faces: list[Rect]) -> Arrangement:
        if not state.history or scene.history is None or scene.subject is None:
            return made
        rest, sizes = made.stage.rest, made.sizes
        inset = made.inset if made.stage.inset is None else None
        free = rest.width - 3 * sizes.gap - (inset.width + sizes.gap if inset else 0)
        width = max(min(free, round(rest.width * 0.45)), 8 * sizes.gap)
        height = history_height(sizes)
        choices = [place for place in docked(rest, width, height, sizes.gap)[:4] if place.inside(rest)]
        choices = choices or [Rect(rest.x, rest.y, width, height)]
        bars = self._standing("bars", state.bars)
        panels = [*made.panels.values(), *([bars] if bars is not None else [])]
        cost = _cost(made, faces, None, panels, choices)
        return replace(made, chart=self._stand("chart", choices, cost, (made.stage, width, height), scene.time_s))

    def _with_bars(self, made: Arrangement, scene: Scene, state: ViewState, faces: list[Rect]) -> Arrangement:
        if not state.bars or scene.chosen is None:
            return made
        rest, sizes, face = made.stage.rest, made.sizes, faces[scene.chosen]
        form = form_for(state.labels, sizes, _room(made, state.labels), keys=scene.status is not None)
        width, height = bars_size(state.labels, form, sizes)
        choices = [*beside(face, width, height, sizes.gap), *over_and_under(face, width, height, sizes.gap)]
        choices += docked(rest, width, height, sizes.gap)
        choices += [spot for panel in made.panels.values() for spot in _next_to(panel, width, height, sizes.gap)]
        choices = [place for place in choices if place.inside(rest)] or [Rect(rest.x, rest.y, width, height)]
        cost = _cost(made, faces, face, list(made.panels.values()), choices)
        whose = scene.faces[scene.chosen].reading.face.track
        place = self._stand("bars", choices, cost, (made.stage, width, height), scene.time_s, whose)
        return replace(made, bars=place, form=form)

    def _with_notice(self, made: Arrangement, scene: Scene) -> Arrangement:
        if not scene.notice:
            self._stands.pop("notice", None)
            return made
        rest, sizes = made.stage.rest, made.sizes
        beside = rest.width if made.status is None else made.status.x - rest.x - 2 * sizes.gap
        room = max(round(rest.width * 0.4), min(rest.width, 12 * sizes.title), min(beside, round(rest.width * 0.6)))
        board = notice(scene.notice, sizes, room)
        width, height, gap = board.width, board.height, sizes.gap
        middle = rest.x + (rest.width - width) // 2
        choices = [
            Rect(x, y, width, height)
            for y in (rest.y + gap, rest.bottom - gap - height)
            for x in (rest.x + gap, middle, rest.right - gap - width)
        ]
        choices += [Rect(middle, rest.y + (rest.height - height) // 2, width, height)]
        panels = list(made.panels.values())
        choices += [spot for panel in panels for spot in _next_to(panel, width, height, gap)]
        choices = [place for place in choices if place.inside(rest)] or choices[:1]
        faces = [Rect.around(shown.reading.face.box_xyxy) for shown in scene.faces]
        cost = _cost(made, faces, None, panels, choices)
        place = self._stand("notice", choices, cost, (made.stage, scene.notice), scene.time_s)
        return replace(made, notice=board.patch(place.x, place.y))

    def _stand(self, name: str, choices: list[Rect], cost: Cost, key: object, now_s: float, whose: int = 0) -> Rect:
        """The place of a panel: the one it has while that will do, else the best of its choices."""
        stand = self._stands.get(name)
        if stand is None or stand.key != key:
            return self._move(name, min(choices, key=cost), key, whose, now_s)
        here = cost(stand.place)
        if here <= WORSE:  # no place can be better by more
            stand.fine_s, stand.whose = now_s, whose
            return stand.place
        best = min(choices, key=cost)
        there = cost(best)
        if here <= there + WORSE:
            stand.fine_s, stand.whose = now_s, whose
        elif now_s - stand.since_s > STAY_S:
            hurry = whose != stand.whose or here - there > HIDDEN
            if hurry or now_s - stand.fine_s > PATIENCE_S:
                return self._move(name, best, key, whose, now_s)
        return stand.place

    def _standing(self, name: str, wanted: bool) -> Rect | None:
        """Where a panel that is placed later stood before, so that it need not move."""
        stand = self._stands.get(name)
        return stand.place if wanted and stand is not None else None

    def _move(self, name: str, place: Rect, key: object, whose: int, now_s: float) -> Rect:
        self._stands[name] = _Stand(place, key, whose, now_s, now_s)
        return place

    def _labels(self, made: Arrangement, scene: Scene, state: ViewState, faces: list[Rect]) -> tuple[Patch | None, ...]:
        """The chosen face's label chooses first, then those that have stood where they are for the longest."""
        taken = list(made.panels.values())
        sides = [self._sides.get(shown.reading.face.track) for shown in scene.faces]
        since = [side.since_s if side else scene.time_s for side in sides]
        order = sorted(range(len(faces)), key=lambda number: (number != scene.chosen, since[number]))
        labels: list[Patch | None] = [None] * len(faces)
        for number in order:
            others = [face for other, face in enumerate(faces) if other != number]
            boards = _plates(scene, state, made.sizes, number, faces[number])
            labels[number] = self._label(made.stage.rest, scene, number, faces[number], boards, (taken, others))
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
                if _clear(place, taken) and not _crowded(place, others):
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

        if (
            side is not None
            and side.spot in free
            and (now_s - side.since_s <= PATIENCE_S or not _crowded(spots[side.spot], others))
        ):
            return side.spot
        spot = min(free, key=lambda spot: (_crowded(spots[spot], others), side is not None and tight(spot), spot))
        if side is None or side.spot != spot:
            self._sides.pop(track, None)
            self._sides[track] = _Side(spot, now_s)
        return spot


def _with_strip(made: Arrangement, scene: Scene, state: ViewState) -> Arrangement:
    """The strip stands at the foot while the mouse moves; the panels stay where they are."""
    if scene.strip is None:
        return made
    board, sizes, seekable = made.stage.board, made.sizes, not isnan(scene.strip)
    strip = strip_of(buttons(state, seekable), board.width - 2 * sizes.gap, seekable, sizes)
    x, y = (board.width - strip.width) // 2, board.bottom - strip.height - sizes.gap
    return replace(made, buttons=strip, strip=Rect(x, y, strip.width, strip.height))


def _status(scene: Scene, state: ViewState, stage: Stage, sizes: Sizes) -> Patch | None:
    status, rest = scene.status, stage.rest
    if status is None:
        return None
    gap = sizes.gap
    if state.hud == "table":
        board = status_panel(status, len(scene.faces), sizes, (rest.width // 2, rest.height - 2 * gap))
    elif state.hud == "line":
        board = status_line(status, len(scene.faces), sizes, max(rest.width * 5 // 8, min(rest.width - 2 * gap, 240)))
    else:
        return None
    return board.patch(rest.right - board.width - gap, rest.y + gap)


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


def _room(made: Arrangement, labels: tuple[str, ...]) -> tuple[int, int]:
    """How large the chosen face's panel may be: as wide as the dark beside the film where that holds words and bars."""
    stage, gap = made.stage, made.sizes.gap
    rest = stage.rest
    high = rest.height - 2 * gap
    dark = _dark(made)
    least = form_for(labels, made.sizes, (dark, high), keys=True)
    return (dark, high) if least.length else (max(1, round(rest.width * 0.42)), high)


def _dark(made: Arrangement) -> int:
    """Width of what is dark beside the film, less its margins, in pixels."""
    stage = made.stage
    return max(stage.film.x - stage.rest.x, stage.rest.right - stage.film.right) - 2 * made.sizes.gap


def _next_to(panel: Rect, width: int, height: int, gap: int) -> list[Rect]:
    """Places in the corners about another panel: above and below it, left and right of it."""
    rows, columns = (panel.y, panel.bottom - height), (panel.x, panel.right - width)
    places = [Rect(x, y, width, height) for y in rows for x in (panel.x - gap - width, panel.right + gap)]
    return places + [Rect(x, y, width, height) for x in columns for y in (panel.y - gap - height, panel.bottom + gap)]


def _cost(made: Arrangement, faces: list[Rect], own: Rect | None, panels: Sequence[Rect], choices: list[Rect]) -> Cost:
    """What it costs to stand at a place."""
    board, film = made.stage.board, made.stage.film
    if film == board:
        film = Rect(0, 0, 0, 0)  # there is nothing but film to stand on
    features = [_features(face) for face in faces]
    heads = [_head(face, made.sizes) for face in faces]
    ranks = {place: RANK * number for number, place in reversed(list(enumerate(choices)))}

    def cost(place: Rect) -> float:
        area = place.area
        lies = ON_PANEL * sum(place.overlap(panel) for panel in panels)
        for face, inner, head in zip(faces, features, heads, strict=True):
            if (shared := place.overlap(face)) or place.overlap(head):
                whole = min(area, (1 if face == own else 3) * face.area)
                hides = ON_FACE * shared + ON_FEATURES * place.overlap(inner)
                lies += (hides / max(1, whole) + ON_LABEL * place.overlap(head) / area) * area
        lies += ON_FILM * place.overlap(film) + 100 * (area - place.overlap(board))
        far = FAR * own.distance(place) / board.height if own is not None else 0.0
        return lies / area + far + ranks.get(place, RANK * len(choices) / 2)

    return cost


def _features(face: Rect) -> Rect:
    """Brows to mouth: what must be seen of a face."""
    return Rect(face.x + face.width // 6, face.y + face.height // 5, face.width * 2 // 3, face.height * 2 // 3)


def _head(face: Rect, sizes: Sizes) -> Rect:
    """Where its label usually stands."""
    high = round(1.7 * sizes.title)
    return Rect(face.x, face.y - high, face.width, high)
