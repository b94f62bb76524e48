"""What a click on the picture means."""

from __future__ import annotations

from ..draw.layout import Rect
from ..draw.panels import unit_at
from ..view.scene import Scene
from ..view.state import Action, ViewState, choose_face, enlarge
from .placing import Placing


def pointed_at(x: int, y: int, scene: Scene, state: ViewState, placing: Placing) -> Action | None:
    """A click on a feature map enlarges it; one on a face chooses it.

    Args:
        x: of the window, in pixels, as y.
        scene: at the size at which it is shown.
        placing: of the picture in the window.
    """
    x, y = x - placing.x, y - placing.y
    unit = unit_at(x, y, scene, state, placing.width, placing.height)
    if unit is not None:
        return enlarge(unit)
    faces = (shown.reading.face for shown in scene.faces)
    return next((choose_face(face.track) for face in faces if Rect.around(face.box_xyxy).holds(x, y)), None)
