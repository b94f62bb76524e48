"""What a click on the board means."""

from __future__ import annotations

from dataclasses import dataclass

from ..draw.arrange import Arrangement
from ..draw.bars import class_at
from ..draw.inset_pictures import page_of, shown_order
from ..draw.layout import Rect
from ..draw.maps import Grid
from ..view.actions import Action, choose_face, enlarge, pin, to_layer
from ..view.scene import Scene
from ..view.state import ViewState


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn last, and where."""

    scene: Scene
    places: Arrangement


@dataclass(frozen=True, slots=True)
class Seek:
    """A click on the seek bar: how far along, 0–1."""

    progress: float


def pointed_at(x: int, y: int, seen: Drawn, state: ViewState) -> Action | str | Seek | None:
    """What a click does: buttons press keys, the seek bar seeks, a map is enlarged, a class explained, a face chosen.

    Args:
        x: of the board, in pixels, as y.
        y: of the board, in pixels.
        seen: what was there to be clicked at.
        state: before the click.

    Returns:
        An action, the name of a key, a place in the film, or None for nothing.
    """
    strip, buttons = seen.places.strip, seen.places.buttons
    if strip is not None and buttons is not None and strip.holds(x, y):
        progress = buttons.progress_at(x - strip.x, y - strip.y)
        return buttons.key_at(x - strip.x, y - strip.y) if progress is None else Seek(progress)
    foot, layers = seen.places.foot, seen.places.layers
    if foot is not None and layers is not None and foot.holds(x, y):
        number = layers.layer_at(x - foot.x, y - foot.y, seen.places.sizes)
        return None if number is None else to_layer(number)
    unit = unit_at(x, y, seen, state)
    if unit is not None:
        return enlarge(unit)
    places, scene = seen.places, seen.scene
    if scene.subject is not None and places.bars is not None and places.form is not None:
        shares = scene.subject.probabilities
        number = class_at(x, y, places.bars, state.labels, shares, places.form, places.sizes)
        if number is not None:
            return pin(0 if state.target == number else number + 1)
    if places.inset is not None and places.inset.holds(x, y):
        return "enter"
    if any(panel.holds(x, y) for panel in places.panels.values()):
        return None
    for shown, label in zip(scene.faces, places.labels or [None] * len(scene.faces), strict=True):
        if label is not None and Rect(label.x, label.y, label.width, label.height).holds(x, y):
            return choose_face(shown.reading.face.track)
    faces = (shown.reading.face for shown in scene.faces)
    return next((choose_face(face.track) for face in faces if Rect.around(face.box_xyxy).holds(x, y)), None)


def unit_at(x: float, y: float, seen: Drawn, state: ViewState) -> int | None:
    """The feature map that a point of the board shows, or None.

    Args:
        x: of the board, in pixels.
        y: likewise.
        seen: what was drawn last.
        state: which view, page and order that was.
    """
    subject, inset = seen.scene.subject, seen.places.inset
    why = None if subject is None else subject.reading.explanation
    if state.view != "maps" or inset is None or why is None or why.maps is None:
        return None
    gap, channels = seen.places.sizes.gap, why.maps.shape[2]
    grid = Grid.of(channels, seen.places.edge, seen.places.wide)
    wide, high = grid.size
    left, top = ((seen.places.wide or seen.places.edge) - wide) // 2, (seen.places.edge - high) // 2
    spot = grid.place_at(x - inset.x - gap - left, y - inset.y - gap - top)
    if spot is None:
        return None
    place = page_of(state, channels, grid.shown) * grid.shown + spot
    order = shown_order(why.maps, state)
    return int(order[place]) if place < channels else None
