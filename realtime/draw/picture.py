"""One picture from one scene: a pure function from what is known, what is wanted and where it stands to patches.

Order, from below: heat, corners, inset, chart, bars, status, labels; then notice, strip and help. So nothing but the
help hides a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

import numpy as np

from ..network.network import PREDICTED
from ..reading.smoothing import Shown
from ..types import Image
from ..view.scene import Scene
from ..view.state import ViewState
from .arrange import Arrangement, Arranger
from .bars import Caption, bars
from .canvas import Canvas
from .face import corners, outline
from .heat import heat_patch
from .help import Line, help_panel
from .history import history
from .hud import recording_dot
from .inset import inset
from .inset_pictures import INSETS, face_name, grid_picture, with_likes
from .labels import colour
from .layers import layer_strip
from .layout import Rect, bounds
from .patch import Patch, lay
from .percent import finite, percents
from .stage import Stage
from .strip import strip_board

Keys = Sequence[tuple[str, Sequence[Line]]]


def annotate(image: Image, scene: Scene, state: ViewState, keys: Keys = ()) -> Image:
    """A copy of a (H, W, 3) BGR picture with the scene drawn on it.

    Args:
        image: (H, W, 3) BGR; left as it is.
        scene: in pixels of the image.
        state: what is to be seen.
        keys: rows of the help, where the state shows it.

    Returns:
        (H, W, 3) BGR.
    """
    drawn: Image = np.array(image)
    height, width = image.shape[:2]
    lay(drawn, compose(scene, state, width, height, keys))
    return drawn


def compose(
    scene: Scene, state: ViewState, width: int, height: int, keys: Keys = (), arranger: Arranger | None = None
) -> list[Patch]:
    """All drawing for a picture of this size, in the order in which it is laid on.

    Args:
        scene: in pixels of the picture.
        state: what is to be seen.
        width: of the picture, in pixels.
        height: likewise.
        keys: rows of the help, where the state shows it.
        arranger: remembers places from picture to picture; without one each picture stands for itself.
    """
    stage = Stage.whole(width, height)
    places = (arranger or Arranger()).arrange(scene, state, stage)
    return [*patches(scene, state, places), *overlays(scene, state, places, keys)]


def patches(scene: Scene, state: ViewState, places: Arrangement) -> list[Patch]:
    """What is said of the picture, at its places, in the order in which it is laid on."""
    layers = (
        _heat(scene, state, places),
        _corners(scene, state, places),
        _inset(scene, state, places),
        _layers(scene, state, places),
        _chart(scene, state, places),
        _bars(scene, state, places),
        [patch for patch in (places.status, *places.labels) if patch is not None],
    )
    return list(chain.from_iterable(layers))


def overlays(scene: Scene, state: ViewState, places: Arrangement, keys: Keys = ()) -> list[Patch]:
    """What is only for whoever watches now, over all the rest: notice, red dot, the mouse's strip, help.

    Args:
        scene: in pixels of the board.
        state: what is to be seen.
        places: where things stand.
        keys: rows of the help, where the state shows it.
    """
    found = [*_dot(scene, places), *([places.notice] if places.notice is not None else [])]
    if places.strip is not None and places.buttons is not None and scene.strip is not None:
        at = scene.pointer[0] - places.strip.x, scene.pointer[1] - places.strip.y
        board = strip_board(places.buttons, scene.strip, at, places.sizes)
        found.append(board.patch(places.strip.x, places.strip.y))
    return [*found, *_help(state, keys, places)]


def _dot(scene: Scene, places: Arrangement) -> list[Patch]:
    """The red dot of a recording, beside the status."""
    if scene.status is None or not scene.status.recording:
        return []
    dot, gap, rest = recording_dot(places.sizes), places.sizes.gap, places.stage.rest
    right = rest.right - gap if places.status is None else places.status.x
    return [dot.patch(right - gap - dot.width, rest.y + gap)]


def _heat(scene: Scene, state: ViewState, places: Arrangement) -> list[Patch]:
    if not state.heat:
        return []
    colours, opacity, film = state.colour_map, state.opacity, places.stage.film
    found = (
        heat_patch(why.heat, Rect.around(reading.square), colours, opacity, film, reading.turn_rad)
        for reading in (shown.reading for shown in scene.faces)
        if (why := reading.explanation) is not None and why.heat is not None
    )
    return [patch for patch in found if patch]


def _corners(scene: Scene, state: ViewState, places: Arrangement) -> list[Patch]:
    """The chosen one of several faces has its whole frame. Under a panel, a corner would strike through its words."""
    panels, film, found = tuple(places.panels.values()), places.stage.film, []
    for number, shown in enumerate(scene.faces):
        face, tint = Rect.around(shown.reading.face.box_xyxy), colour(shown, state)
        if number == scene.chosen and len(scene.faces) > 1:
            found += outline(face, film, tint, places.sizes)
        four = corners(face, tint, places.sizes)
        place = bounds([corner.rect for corner in four])
        if place.inside(film) and not any(place.overlap(panel) for panel in panels):  # as most are
            found += four
            continue
        seen = (_within(corner, film) for corner in four)
        found += [corner for corner in seen if corner is not None and not _under(corner, panels)]
    return found


def _within(patch: Patch, film: Rect) -> Patch | None:
    """What of a patch lies on the film: faces may reach beyond it."""
    place = patch.rect
    seen = place.common(film)
    if seen is None or seen == place:
        return None if seen is None else patch
    x, y = seen.x - patch.x, seen.y - patch.y
    return Patch(seen.x, seen.y, patch.sheet[y : y + seen.height, x : x + seen.width], patch.table)


def _under(patch: Patch, panels: Sequence[Rect]) -> bool:
    place = patch.rect
    return any(place.overlap(panel) for panel in panels)


def _inset(scene: Scene, state: ViewState, places: Arrangement) -> list[Patch]:
    subject, paint = scene.subject, INSETS.get(state.view)
    if subject is None or paint is None or places.inset is None:
        return []
    chip = subject.reading.seen if scene.chip is None else scene.chip
    if places.wide:
        content = grid_picture(subject, chip, state, places.edge, places.wide)
    else:
        content = paint(subject, chip, state, places.edge)
    if scene.likes is not None:
        content = with_likes(content, scene.likes, places.edge, state)
    return inset(content, (places.inset.x, places.inset.y), places.edge, places.sizes, places.wide)


def _layers(scene: Scene, state: ViewState, places: Arrangement) -> list[Patch]:
    if places.foot is None or places.layers is None:
        return []
    why = None if scene.subject is None else scene.subject.reading.explanation
    at = scene.pointer[0] - places.foot.x, scene.pointer[1] - places.foot.y
    return [layer_strip(places.layers, state, why, at, places.sizes).patch(places.foot.x, places.foot.y)]


def _chart(scene: Scene, state: ViewState, places: Arrangement) -> list[Patch]:
    if places.chart is None or scene.history is None or scene.subject is None:
        return []
    title = f"{face_name(scene.subject)} • last {scene.history_s:.0f} s"
    board = history(state.labels, scene.history, title, places.chart.width, places.sizes)
    return [board.patch(places.chart.x, places.chart.y)]


def _bars(scene: Scene, state: ViewState, places: Arrangement) -> list[Patch]:
    subject = scene.subject
    if subject is None or places.bars is None or places.form is None:
        return []
    said = Caption(subject.label, face_name(subject), _note(subject, state, scene.smoothed_s), _explained(state))
    further = subject.reading.prediction.numbers
    board = bars(state.labels, subject.probabilities, said, places.form, places.sizes, further)
    return [board.patch(places.bars.x, places.bars.y)]


def _note(subject: Shown, state: ViewState, smoothed_s: float) -> str:
    """How the numbers came about, and why the label is not the longest bar, where it is not."""
    labels, shares = state.labels, subject.probabilities
    best = int(finite(shares).argmax()) if len(shares) else 0
    if subject.label in labels and labels[best] != subject.label:
        whole = percents(shares)
        lead = whole[best] - whole[labels.index(subject.label)]
        return f"{labels[best]} leads by {lead}: too little yet" if lead else "a tie"
    return f"smoothed over {smoothed_s:g} s" if smoothed_s else "this picture's own numbers"


def _explained(state: ViewState) -> str:
    """The class that heat speaks for where the user chose one."""
    return state.labels[state.target] if state.target != PREDICTED and state.target < len(state.labels) else ""


def _help(state: ViewState, keys: Keys, places: Arrangement) -> list[Patch]:
    if not state.help or not keys:
        return []
    width, height = places.stage.width, places.stage.height
    board = _help_board(tuple((title, tuple(rows)) for title, rows in keys), width, height)
    return [board.patch((width - board.width) // 2, (height - board.height) // 2)]


@lru_cache(maxsize=1)
def _help_board(keys: Keys, width: int, height: int) -> Canvas:
    """The help stays the same from picture to picture."""
    return help_panel(keys, width, height)
