"""One picture from one scene: a pure function from what is known and what is wanted to patches.

Order, from below: heat, corners, labels, bars, inset, history, status, notice, help.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from ..reading.smoothing import UNSURE, Shown
from ..types import UNREADABLE, Image
from ..view.scene import Scene
from ..view.state import ViewState
from .bars import bars, small_bars
from .canvas import Canvas
from .face import corners, plate, plate_place
from .heat import heat_patch
from .help import Line, help_panel
from .layout import Rect, beside, free_place, over_and_under
from .panels import panels
from .patch import Patch, lay
from .style import Sizes, colour_of

CROWD = 4
"""With more faces than this only the chosen one gets a panel of bars."""
SMALLEST = 40
"""Faces narrower than this many pixels get no small bars: they would hide the face."""

Keys = Sequence[tuple[str, Sequence[Line]]]


def annotate(image: Image, scene: Scene, state: ViewState, keys: Keys = ()) -> Image:
    """A copy of a (H, W, 3) BGR picture with the scene drawn on it."""
    drawn: Image = np.array(image)
    height, width = image.shape[:2]
    lay(drawn, compose(scene, state, width, height, keys))
    return drawn


def compose(scene: Scene, state: ViewState, width: int, height: int, keys: Keys = ()) -> list[Patch]:
    """All drawing for a picture of this size, in the order in which it is laid on."""
    sizes = Sizes.of(width, height)
    fixed = panels(scene, state, sizes, width, height)
    taken = [Rect(patch.x, patch.y, patch.width, patch.height) for patch in fixed]
    layers = (
        _heat(scene, state, (width, height)),
        _faces(scene, state, sizes, taken, (width, height)),
        _bars(scene, state, sizes, taken, (width, height)) if state.bars else [],
        fixed,
        _help(state, keys, width, height),
    )
    return list(chain.from_iterable(layers))


def _heat(scene: Scene, state: ViewState, size: tuple[int, int]) -> list[Patch]:
    if not state.heat:
        return []
    colours, opacity = state.colour_map, state.opacity
    patches = (
        heat_patch(why.heat, Rect.around(reading.square), colours, opacity, size, reading.turn_rad)
        for reading in (shown.reading for shown in scene.faces)
        if (why := reading.explanation) is not None and why.heat is not None
    )
    return [patch for patch in patches if patch]


def _faces(scene: Scene, state: ViewState, sizes: Sizes, taken: list[Rect], size: tuple[int, int]) -> list[Patch]:
    """Corners and labels; the largest faces choose their label's place first."""
    patches: list[Patch] = []
    placed, fixed = [(shown, Rect.around(shown.reading.face.box_xyxy)) for shown in scene.faces], tuple(taken)
    for shown, face in sorted(placed, key=lambda pair: -pair[1].width):
        # Under a panel, a corner would strike through its words.
        patches += [corner for corner in corners(face, _colour(shown, state), sizes) if not _under(corner, fixed)]
        if state.names:
            own = _for_face(sizes, face)
            board = plate(shown, own)
            others = [other for _, other in placed if other is not face]
            skirt = _small_height(face) if state.bars else 0
            place = plate_place(face, board, own.gap // 2, skirt, (taken, others), size)
            patches.append(board.patch(place.x, place.y))
            taken.append(place)
    return patches


def _under(patch: Patch, panels: Sequence[Rect]) -> bool:
    place = Rect(patch.x, patch.y, patch.width, patch.height)
    return any(place.overlap(panel) for panel in panels)


def _bars(scene: Scene, state: ViewState, sizes: Sizes, taken: list[Rect], size: tuple[int, int]) -> list[Patch]:
    """Panels for the chosen face and a few others; small bars for those that have no room for one."""
    faces = [Rect.around(shown.reading.face.box_xyxy) for shown in scene.faces]
    feet = [_foot(face, size[1]) for face in faces]
    order = sorted(range(len(faces)), key=lambda number: (number != scene.chosen, -faces[number].width))
    patches: list[Patch] = []
    taken = taken + faces
    for rank, number in enumerate(order):
        face, shown = faces[number], scene.faces[number]
        board = bars(state.labels, shown.probabilities, shown.label, sizes)
        choices = beside(face, board.width, board.height, sizes.gap)
        if rank == 0:
            choices += over_and_under(face, board.width, board.height, sizes.gap)
        others = [foot for other, foot in enumerate(feet) if other != number]
        place = free_place(choices, taken + others, *size) if rank == 0 or len(faces) <= CROWD else None
        if place is not None:
            patches.append(board.patch(place.x, place.y))
            taken.append(place)
        elif face.width >= SMALLEST and shown.label != UNREADABLE:
            foot = feet[number]
            patches.append(small_bars(state.labels, shown.probabilities, foot.width, foot.height).patch(foot.x, foot.y))
    return patches


def _foot(face: Rect, height: int) -> Rect:
    """Where small bars go: under the face, or over its foot where the picture ends there."""
    high = _small_height(face)
    return Rect(face.x, min(face.bottom + 2, height - high), face.width, high)


def _small_height(face: Rect) -> int:
    return min(max(8, face.height // 8), 60)


def _help(state: ViewState, keys: Keys, width: int, height: int) -> list[Patch]:
    if not state.help or not keys:
        return []
    board: Canvas = help_panel(keys, width, height)
    return [board.patch((width - board.width) // 2, (height - board.height) // 2)]


def _colour(shown: Shown, state: ViewState) -> tuple[int, int, int]:
    if shown.label in (UNSURE, UNREADABLE):
        return (200, 200, 200)
    labels = state.labels
    return colour_of(shown.label, labels.index(shown.label) if shown.label in labels else 0)


def _for_face(sizes: Sizes, face: Rect) -> Sizes:
    """Smaller labels on small faces, so that a crowd stays readable; never below two fifths of the usual size."""
    title = max(11, round(sizes.title * 0.4), min(sizes.title, round(face.width * 0.22)))
    return Sizes(sizes.text, title, max(3, min(sizes.gap, title // 2)), sizes.radius, sizes.stroke)
