"""What stands at fixed places of a picture: inset, strip chart, status and notice; and what a click on them means."""

from __future__ import annotations

from collections.abc import Callable

from ..reading.smoothing import Shown
from ..types import Image
from ..view.scene import Scene
from ..view.state import ViewState
from .history import history
from .hud import hud, notice, recording_dot
from .inset import (
    InsetPicture,
    crop_picture,
    face_name,
    grid_picture,
    heat_picture,
    inset,
    inset_edge,
    inset_place,
    map_picture,
)
from .maps import Grid, order
from .patch import Patch
from .style import Sizes

InsetPainter = Callable[[Shown, Image, ViewState, int], InsetPicture]
"""From the chosen face, its chip, the state and the edge in pixels to what the inset shows."""

INSETS: dict[str, InsetPainter] = {
    "gradcam": heat_picture,
    "maps": grid_picture,
    "map": map_picture,
    "crop": crop_picture,
}
"""View → what it puts into the inset; a view without a row has no inset."""


def panels(scene: Scene, state: ViewState, sizes: Sizes, width: int, height: int) -> list[Patch]:
    """All of them that the state wants, for a picture of this size."""
    return [
        *_inset(scene, state, sizes, width, height),
        *_history(scene, state, sizes, width, height),
        *_status(scene, state, sizes, width),
        *_notice(scene, state, sizes, width, height),
    ]


def unit_at(x: float, y: float, scene: Scene, state: ViewState, width: int, height: int) -> int | None:
    """The feature map that a point of the drawn picture shows, or None."""
    subject = scene.subject
    why = None if subject is None else subject.reading.explanation
    if state.view != "maps" or why is None or why.maps is None:
        return None
    sizes = Sizes.of(width, height)
    place = inset_place(width, height, sizes, scene.corner)
    grid = Grid.of(why.maps.shape[2], inset_edge(width, height))
    spot = grid.place_at(x - place.x - sizes.gap, y - place.y - sizes.gap)
    channels = order(why.maps, state.sort)
    return int(channels[spot]) if spot is not None and spot < len(channels) else None


def _has_inset(scene: Scene, state: ViewState) -> bool:
    return scene.subject is not None and state.view in INSETS


def _inset(scene: Scene, state: ViewState, sizes: Sizes, width: int, height: int) -> list[Patch]:
    subject, paint = scene.subject, INSETS.get(state.view)
    if subject is None or paint is None:
        return []
    place = inset_place(width, height, sizes, scene.corner)
    chip = subject.reading.seen if scene.chip is None else scene.chip
    content = paint(subject, chip, state, inset_edge(width, height))
    return [inset(content, place, sizes).patch(place.x, place.y)]


def _history(scene: Scene, state: ViewState, sizes: Sizes, width: int, height: int) -> list[Patch]:
    if not state.history or scene.history is None or scene.subject is None:
        return []
    beside = _has_inset(scene, state) and "lower" in scene.corner
    taken = inset_place(width, height, sizes, scene.corner).width + sizes.gap if beside else 0
    wide = max(min(width - 3 * sizes.gap - taken, round(width * 0.45)), 8 * sizes.gap)
    title = f"{face_name(scene.subject)} • last {scene.history_s:.0f} s"
    board = history(state.labels, scene.history, title, wide, sizes)
    x = sizes.gap if scene.corner == "lower right" else width - board.width - sizes.gap
    return [board.patch(x, height - board.height - sizes.gap)]


def _status(scene: Scene, state: ViewState, sizes: Sizes, width: int) -> list[Patch]:
    if scene.status is None:
        return []
    patches = []
    if state.hud:
        board = hud(scene.status, len(scene.faces), sizes, width // 2)
        patches.append(board.patch(width - board.width - sizes.gap, sizes.gap))
    if scene.status.recording:
        dot = recording_dot(sizes)
        patches.append(dot.patch(width - dot.width - 2 * sizes.gap, 1.6 * sizes.gap))
    return patches


def _notice(scene: Scene, state: ViewState, sizes: Sizes, width: int, height: int) -> list[Patch]:
    """Upper left, or lower left where the inset stands there."""
    if not scene.notice:
        return []
    board = notice(scene.notice, sizes, width // 2)
    low = _has_inset(scene, state) and scene.corner == "upper left"
    return [board.patch(sizes.gap, height - board.height - sizes.gap if low else sizes.gap)]
