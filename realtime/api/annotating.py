"""The window's drawing on a picture of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..draw.picture import annotate as drawn
from ..errors import EmoscopeError
from ..media.given import given_picture
from ..reading.smoothing import Shown
from ..types import Image
from ..view.scene import Scene
from ..view.state import VIEWS, ViewState

if TYPE_CHECKING:
    from .results import FaceReading


def annotate(
    image: Any,
    faces: Iterable[FaceReading],
    *,
    heat: bool = False,
    bars: bool = True,
    names: bool = True,
    inset: str = "off",
) -> Image:
    """A copy of a picture with its faces drawn on it, as the window draws them.

    Args:
        image: as in `Reader.read`.
        faces: that were read in it.
        heat: whether heat lies on the faces.
        bars: whether probability bars stand beside them.
        names: whether they are labelled.
        inset: what stands in a corner for the largest face: "gradcam", "maps", "map", "crop" or "off".

    Returns:
        (H, W, 3) BGR.

    Raises:
        EmoscopeError: heat is wanted, and none of the faces carries any; or there is no such inset.
    """
    if inset not in VIEWS:
        raise EmoscopeError(f"there is no inset {inset!r}; choose {', '.join(VIEWS)}")
    faces = _faces(faces)
    if heat and faces and not any(face.heat is not None for face in faces):
        raise EmoscopeError('these faces carry no heat: read them with explain="gradcam", or leave heat out')
    picture = given_picture(image)
    chosen = max(range(len(faces)), key=lambda number: _width(faces[number]), default=None)
    state = ViewState(faces[0].labels if faces else (), view=inset, heat=heat, bars=bars, names=names, hud="off")
    chip = None if chosen is None else faces[chosen].chip
    return drawn(picture, Scene(faces, chosen, chip), state)


def _faces(given: Any) -> tuple[FaceReading, ...]:
    """Those that were given; EmoscopeError where they are none, such as one by itself."""
    if isinstance(given, Iterable):
        faces = tuple(given)
        given = next((one for one in faces if not isinstance(one, Shown)), None)
        if given is None:
            return faces
        raise EmoscopeError(f"an object of type {type(given).__name__} is no face: give what `read` found")
    hint = ": write [face]" if isinstance(given, Shown) else ": give what `read` found"
    raise EmoscopeError(f"an object of type {type(given).__name__} is no list of faces{hint}")


def _width(face: FaceReading) -> float:
    return face.box_xyxy[2] - face.box_xyxy[0]
