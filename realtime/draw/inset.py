"""The inset: one picture that shows why, with two lines that say what it speaks of.

┌──────────────┐
│   picture    │   heat over the crop, a grid of feature maps, one map, or the crop itself
├──────────────┤
│ title        │   method or view • class • face
│ subtitle     │   layer and its size
└──────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from ..media.raster import resized
from ..reading.smoothing import Shown
from ..types import Explanation, Image
from ..view.scene import CORNERS
from ..view.state import ViewState
from . import maps as colours
from . import text as letters
from .canvas import Canvas
from .layout import Rect
from .style import PANEL, PANEL_OPACITY, SOFT, WHITE, Sizes

METHOD_NAMES = {
    "gradcam": "Grad-CAM",
    "gradcam++": "Grad-CAM++",
    "xgradcam": "XGrad-CAM",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "saliency": "Saliency",
    "scorecam": "Score-CAM",
}
STRONGER = 1.3
"""Heat in the inset, in parts of the heat on the faces: here the face is only there to show where."""
DOT = " • "
CROWDED = 1.25
"""Length of a title, in widths of the inset's picture, from which on it gives a part to the second line."""
PART = 0.30
"""Edge of the inset's picture, as a part of the frame's shorter edge."""


@dataclass(frozen=True, slots=True)
class InsetPicture:
    """What a view puts into the inset: a square BGR picture and two lines about it."""

    picture: Image
    title: str
    subtitle: str


def inset_edge(width: int, height: int) -> int:
    """Edge of the inset's picture in a frame of this size, in pixels."""
    return max(64, round(min(width, height * 4 / 3) * PART * 0.92))


def inset_place(width: int, height: int, sizes: Sizes, corner: str = CORNERS[0]) -> Rect:
    """Where the inset's panel stands in a frame of this size."""
    edge, lines = inset_edge(width, height), 2 * letters.line_height(sizes.text) + sizes.gap
    wide, high = edge + 2 * sizes.gap, edge + 2 * sizes.gap + lines
    x = width - wide - sizes.gap if "right" in corner else sizes.gap
    y = sizes.gap if "upper" in corner else height - high - sizes.gap
    return Rect(x, y, wide, high)


def inset(content: InsetPicture, place: Rect, sizes: Sizes) -> Canvas:
    """The panel with the picture and its two lines."""
    board = _empty(place.width, place.height, sizes.radius).copy()
    edge = place.width - 2 * sizes.gap
    picture = content.picture
    board.image(sizes.gap + (edge - picture.shape[1]) // 2, sizes.gap, picture)
    y, line = 2 * sizes.gap + edge, letters.line_height(sizes.text)
    title, subtitle = caption(content, edge, sizes.text)
    for text, colour, weight in ((title, WHITE, letters.SEMIBOLD), (subtitle, SOFT, letters.REGULAR)):
        size = letters.size_for(text, edge, sizes.text, weight)
        board.text(sizes.gap, y - sizes.gap // 4, letters.fit(text, edge, size, weight), size, colour, weight)
        y += line + sizes.gap // 4
    return board


def caption(content: InsetPicture, edge: int, size: int) -> tuple[str, str]:
    """The two lines; of a title that is far too long for `edge` pixels the last part goes to the second one."""
    title, dot, last = content.title.rpartition(DOT)
    if dot and letters.advance(content.title, size, letters.SEMIBOLD) > CROWDED * edge:
        return title, DOT.join(part for part in (last, content.subtitle) if part)
    return content.title, content.subtitle


@lru_cache(maxsize=4)
def _empty(width: int, height: int, radius: int) -> Canvas:
    """The panel, which stays the same from frame to frame."""
    board = Canvas(width, height)
    board.panel(PANEL, PANEL_OPACITY, radius)
    return board


def heat_picture(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """The class activation map over the face."""
    why = _why(subject)
    if why.heat is None:
        return waiting(subject, chip, state, edge)
    picture = colours.warmed(grey_bgr(chip, edge), why.heat, state.colour_map, state.opacity * STRONGER)
    pinned = " (pinned)" if why.target and why.target == _pinned(state) else ""
    method = METHOD_NAMES.get(why.method, why.method)
    title = DOT.join(part for part in (method, why.target + pinned, face_name(subject)) if part)
    height, width = why.heat.shape
    elsewhere = why.heat_layer not in ("", why.layer)
    where = f"{why.heat_layer}  {height}×{width}" if elsewhere else layer_line(state, why.layer)
    return InsetPicture(picture, title, where)


def grid_picture(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """Feature maps side by side, on one scale."""
    why = _why(subject)
    maps = why.maps
    if maps is None:
        return waiting(subject, chip, state, edge)
    grid = colours.Grid.of(maps.shape[2], edge)
    picture = colours.colour_grid(maps, colours.order(maps, state.sort), grid)
    count = maps.shape[2]
    kind = "most active" if state.sort else "first"
    title = f"{count} maps" if count <= grid.shown else f"{grid.shown} {kind} of {count}"
    return InsetPicture(picture, f"{title}{DOT}{face_name(subject)}", layer_line(state, why.layer))


def map_picture(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """One feature map large, on its own scale."""
    why = _why(subject)
    maps = why.maps
    if maps is None:
        return waiting(subject, chip, state, edge)
    unit = min(state.unit, maps.shape[2] - 1)
    one = maps[:, :, unit]
    peak, signed = colours.scale(one)
    title = f"map {unit}{DOT}peak {one.max():.2f}{DOT}{face_name(subject)}"
    return InsetPicture(colours.colour_map(one, edge, peak, signed), title, layer_line(state, why.layer))


def crop_picture(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """The very pixels the network was fed."""
    crop = subject.reading.seen
    picture = cv2.resize(crop, (edge, edge), interpolation=cv2.INTER_NEAREST)
    depth = "gray" if crop.ndim == 2 else "colour"
    size = f"{crop.shape[1]}×{crop.shape[0]} {depth}"
    return InsetPicture(_bgr(np.asarray(picture, np.uint8)), f"network input{DOT}{face_name(subject)}", size)


def waiting(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """The face alone, while a new layer is being prepared."""
    title = f"preparing{DOT}{face_name(subject)}"
    return InsetPicture(grey_bgr(chip, edge), title, layer_line(state, state.layer_name))


def grey_bgr(chip: Image, edge: int) -> Image:
    """The face in shades of grey, so that colour means heat alone; (edge, edge, 3)."""
    grey = chip if chip.ndim == 2 else np.asarray(cv2.cvtColor(chip, cv2.COLOR_BGR2GRAY), np.uint8)
    if grey.shape[0] > edge:
        return _bgr(resized(grey, (edge, edge)))
    return _bgr(np.asarray(cv2.resize(grey, (edge, edge), interpolation=cv2.INTER_CUBIC), np.uint8))


def layer_line(state: ViewState, name: str) -> str:
    """Name and size of a layer: the one that is shown, which for a moment is not yet the one that is wanted."""
    sizes = (f"  {layer.height}×{layer.width}×{layer.channels}" for layer in state.layers if layer.name == name)
    return name + next(sizes, "")


def face_name(subject: Shown) -> str:
    """How the face is called in the inset."""
    track = subject.reading.face.track
    return f"face {track}" if track else "face"


def _pinned(state: ViewState) -> str:
    return state.labels[state.target] if state.target >= 0 else ""


def _why(subject: Shown) -> Explanation:
    return subject.reading.explanation or Explanation("")


def _bgr(picture: Image) -> Image:
    return picture if picture.ndim == 3 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
