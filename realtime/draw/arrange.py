"""Where everything stands on a board: the decision about places, apart from the drawing, and calm over time.

Fixed things first (status, inset, chart), then the chosen face's panel, the notice, and last the labels, which keep
clear of all of it. What a place costs says `cost`; that panels and labels do not jump is the work of `standing` and
`labels`, which remember.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from math import isnan
from typing import Any

from ..view.scene import Scene
from ..view.state import ViewState
from .bars import Form, bars_size, form_for
from .cost import Cost, cost_on
from .history import history_height
from .hud import notice, status_line, status_panel
from .inset import inset_edge, inset_size
from .inset_pictures import INSETS
from .labels import Labels
from .layers import LayerStrip
from .layout import Rect, beside, docked, over_and_under
from .patch import Patch, rect_of
from .stage import Stage
from .standing import Standing
from .strip import Strip, buttons, strip_of
from .style import Sizes

FITTED = 0.7
"""An inset is made smaller by as much to stand in the dark beside the film."""
LARGEST = 0.45
"""Part of a board that an inset may fill."""
SMALLER, LEAST_EDGE = (0.8, 0.64, 0.5), 80
"""Sizes that an inset may have, in its usual one, where that would hide a face; and the least edge of its picture, in
pixels."""
GRAZED = 0.1
"""Part of a face that an inset may lie on before a smaller one is thought of."""
SHRUNK = 0.2
"""What it costs to be half as large as usual."""
PICTURE = 0.3
"""What it costs to hide a part of the inset's picture for a moment, in parts of what as many words cost."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where things stand on one board; None for what is not there.

    Attributes:
        stage: the board.
        sizes: of text and gaps on it.
        inset: place of the inset's panel.
        edge: of the inset's picture, in pixels.
        wide: width of that picture, in pixels; 0 where it is a square.
        chart: place of the strip chart.
        bars: place of the chosen face's panel.
        form: how much that panel shows.
        status: the drawn status line or table, at its place.
        notice: the drawn notice.
        strip: place of the strip for the mouse.
        buttons: what is on it, and where.
        labels: the drawn label of each face of the scene, or None where a small face has no room for one.
        foot: place of the strip of layers.
        layers: how it is set out.
    """

    stage: Stage
    sizes: Sizes
    inset: Rect | None = None
    edge: int = 0
    wide: int = 0
    chart: Rect | None = None
    bars: Rect | None = None
    form: Form | None = None
    status: Patch | None = None
    notice: Patch | None = None
    strip: Rect | None = None
    buttons: Strip | None = None
    labels: tuple[Patch | None, ...] = ()
    foot: Rect | None = None
    layers: LayerStrip | None = None

    @property
    def panels(self) -> dict[str, Rect]:
        """All panels by name."""
        fixed = {"inset": self.inset, "chart": self.chart, "bars": self.bars, "strip": self.strip}
        drawn = {"status": rect_of(self.status), "notice": rect_of(self.notice)}
        return {name: place for name, place in {**fixed, **drawn}.items() if place is not None}


@dataclass(slots=True)
class Arranger:
    """Decides on places, and remembers them from picture to picture; made anew it knows nothing of any before."""

    _standing: Standing = field(default_factory=Standing)
    _labels: Labels = field(default_factory=Labels)
    _labels_before: Labels = field(default_factory=Labels)
    _strip: tuple[object, Rect] | None = None
    _time_s: float = float("-inf")

    def arrange(self, scene: Scene, state: ViewState, stage: Stage) -> Arrangement:
        """Places for all that a state wants of a scene, whose faces are in pixels of the board."""
        if scene.time_s < self._time_s:
            self._standing.forget()
            self._labels.forget()
        self._time_s = scene.time_s
        sizes = Sizes.of(stage.width, stage.height, state.text_scale)
        made = Arrangement(stage, sizes, status=_status(scene, state, stage, sizes))
        if stage.foot:
            strip = LayerStrip.of(len(state.layers), stage.width, stage.height, sizes)
            made = replace(made, foot=Rect(0, stage.board.bottom, stage.width, stage.foot), layers=strip)
        faces = [Rect.around(shown.reading.face.box_xyxy) for shown in scene.faces]
        made = self._with_inset(made, scene, state, faces)
        made = self._with_chart(made, scene, state, faces)
        made = self._with_bars(made, scene, state, faces)
        made = self._with_notice(self._with_strip(made, scene, state), scene)
        if not state.names:
            return made
        labels = self._labels.place(scene, state, stage.rest, sizes, faces, made.panels.values())
        return replace(made, labels=labels)

    def _with_inset(self, made: Arrangement, scene: Scene, state: ViewState, faces: list[Rect]) -> Arrangement:
        stage, sizes = made.stage, made.sizes
        if scene.subject is None or state.view not in INSETS:
            return made
        if stage.inset is not None:
            return replace(made, **_large(stage.inset, state, sizes))
        usual = inset_edge(stage.width, stage.height, sizes)
        width, height = inset_size(usual, sizes)
        dark = _dark(made)
        if FITTED * width <= dark < width:
            usual -= width - dark
            width, height = inset_size(usual, sizes)
        if width * height > LARGEST * stage.board.area:
            return made
        status = rect_of(made.status)
        choices = _inset_places(stage, usual, status, sizes)
        bars = self._standing.before("bars", state.bars)
        cost = _shrinking(cost_on(stage, sizes, faces, [one for one in (status, bars) if one], choices), width)
        place = self._standing.stays("inset", cost, (stage, usual), scene.time_s)
        if place is None:
            best = min(choices, key=cost)
            if any(best.overlap(face) > GRAZED * face.area for face in faces):
                edges = dict.fromkeys(max(min(LEAST_EDGE, usual), round(part * usual)) for part in SMALLER)
                choices += [place for edge in edges for place in _inset_places(stage, edge, status, sizes)]
            place = self._standing.place("inset", choices, cost, (stage, usual), scene.time_s)
        return replace(made, inset=place, edge=place.width - width + usual)

    def _with_chart(self, made: Arrangement, scene: Scene, state: ViewState, faces: list[Rect]) -> Arrangement:
        if not state.history or scene.history is None or scene.subject is None:
            return made
        rest, sizes = made.stage.rest, made.sizes
        inset = made.inset if made.stage.inset is None else None
        free = rest.width - 3 * sizes.gap - (inset.width + sizes.gap if inset else 0)
        width, dark = max(min(free, round(rest.width * 0.45)), 8 * sizes.gap), _dark(made)
        width = dark if FITTED * width <= dark < width else width
        height = history_height(sizes)
        choices = [place for place in docked(rest, width, height, sizes.gap)[:4] if place.inside(rest)]
        choices = choices or [Rect(rest.x, rest.y, width, height)]
        bars = self._standing.before("bars", state.bars)
        panels = [*made.panels.values(), *([bars] if bars is not None else [])]
        cost = cost_on(made.stage, sizes, faces, panels, choices)
        return replace(
            made, chart=self._standing.place("chart", choices, cost, (made.stage, width, height), scene.time_s)
        )

    def _with_bars(self, made: Arrangement, scene: Scene, state: ViewState, faces: list[Rect]) -> Arrangement:
        if not state.bars or scene.chosen is None:
            return made
        rest, sizes, face = made.stage.rest, made.sizes, faces[scene.chosen]
        further = tuple(scene.faces[scene.chosen].reading.prediction.numbers)
        form = form_for(state.labels, sizes, _room(made, state.labels), scene.status is not None, further)
        width, height = bars_size(state.labels, form, sizes)
        choices = [*beside(face, width, height, sizes.gap), *over_and_under(face, width, height, sizes.gap)]
        choices += docked(rest, width, height, sizes.gap)
        choices += [spot for panel in made.panels.values() for spot in _next_to(panel, width, height, sizes.gap)]
        status = rect_of(made.status)
        if status is not None:  # which may be as wide as a narrow part of the board
            choices.append(Rect(rest.x + sizes.gap, status.bottom + sizes.gap, width, height))
        choices = [place for place in choices if place.inside(rest)] or [Rect(rest.x, rest.y, width, height)]
        cost = cost_on(made.stage, sizes, faces, list(made.panels.values()), choices, own=face)
        whose = scene.faces[scene.chosen].reading.face.track
        place = self._standing.place("bars", choices, cost, (made.stage, width, height), scene.time_s, whose)
        return replace(made, bars=place, form=form)

    def _with_strip(self, made: Arrangement, scene: Scene, state: ViewState) -> Arrangement:
        """The strip comes while the mouse moves, and stays where it came: somebody aims at it. The panels stay, too;
        labels and the notice make room for it, and are afterwards where they were."""
        if scene.strip is None:
            if self._strip is not None:
                self._strip, self._labels = None, self._labels_before
                self._standing.forget("notice")
            return made
        stage, sizes, seekable = made.stage, made.sizes, not isnan(scene.strip)
        strip = strip_of(buttons(state, seekable), stage.board.width - 2 * sizes.gap, seekable, sizes)
        key = stage, strip.width, strip.height
        if self._strip is None:
            self._labels_before = deepcopy(self._labels)
        if self._strip is None or self._strip[0] != key:
            self._strip = key, _strip_place(made, strip)
        return replace(made, buttons=strip, strip=self._strip[1])

    def _with_notice(self, made: Arrangement, scene: Scene) -> Arrangement:
        if not scene.notice:
            self._standing.forget("notice")
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
        cost = cost_on(made.stage, sizes, faces, panels, choices)
        place = self._standing.place("notice", choices, cost, (made.stage, scene.notice), scene.time_s)
        return replace(made, notice=board.patch(place.x, place.y))


def _strip_place(made: Arrangement, strip: Strip) -> Rect:
    """At the foot, unless it would lie on words there: then where it lies on the fewest of them."""
    board, gap, inset = made.stage.board, made.sizes.gap, made.inset
    words = [place for name, place in made.panels.items() if name != "inset"]
    if inset is not None:
        lines = inset.height - made.edge - gap
        words.append(Rect(inset.x, inset.bottom - lines, inset.width, lines))
    foot, head = board.bottom - strip.height - gap, board.y + gap
    rows = [foot, head, *(row for one in words for row in (one.y - gap - strip.height, one.bottom + gap))]
    x = (board.width - strip.width) // 2
    places = [Rect(x, y, strip.width, strip.height) for y in rows if head <= y <= foot] or [
        Rect(x, foot, strip.width, strip.height)
    ]

    def hidden(place: Rect) -> float:
        picture = 0 if inset is None else PICTURE * place.overlap(inset)
        return picture + sum(place.overlap(one) for one in words)

    return min(places, key=lambda place: (hidden(place), -place.y))


def _inset_places(stage: Stage, edge: int, status: Rect | None, sizes: Sizes) -> list[Rect]:
    """Where an inset of this edge may stand: in the corners, under the status, then in the middle column."""
    width, height = inset_size(edge, sizes)
    places = docked(stage.board, width, height, sizes.gap)
    corners, middle = places[:4], (stage.width - width) // 2
    if status is not None:
        corners.append(Rect(corners[3].x, status.bottom + sizes.gap, width, height))
    return [*corners, *(Rect(middle, place.y, width, height) for place in (places[0], places[2], places[4]))]


def _shrinking(cost: Cost, usual: int) -> Cost:
    """The cost of a place, and of being narrower than usual."""
    return lambda place: cost(place) * place.width / usual + 2 * SHRUNK * (1 - place.width / usual)


def _large(area: Rect, state: ViewState, sizes: Sizes) -> dict[str, Any]:
    """An inset that fills a part of the board; the grid of maps is as wide as that is."""
    edge = inset_edge(area.width, area.height, sizes, large=True)
    room = area.width - 4 * sizes.gap
    wide = room if state.view == "maps" and room > edge else 0
    width, height = inset_size(edge, sizes, wide)
    place = Rect(area.x + (area.width - width) // 2, area.y + (area.height - height) // 2, width, height)
    return {"inset": place, "edge": edge, "wide": wide}


def _status(scene: Scene, state: ViewState, stage: Stage, sizes: Sizes) -> Patch | None:
    status, rest = scene.status, stage.rest
    if status is None:
        return None
    gap = sizes.gap
    if state.hud == "table":
        room = rest.width // 2, rest.height - 2 * gap
        board = status_panel(status, len(scene.faces), sizes, room, rest.width - 2 * gap)
    elif state.hud == "line":
        board = status_line(status, len(scene.faces), sizes, max(rest.width * 5 // 8, min(rest.width - 2 * gap, 240)))
    else:
        return None
    return board.patch(rest.right - board.width - gap, rest.y + gap)


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
