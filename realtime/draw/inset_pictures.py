"""What each view puts into the inset: heat over the face, a grid of feature maps, one map, or the network's own input.

face, its chip, the state  ──▶  `InsetPicture`: a square picture, and what is said about it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..reading.smoothing import Shown
from ..types import Explanation, Floats, Image
from ..view.scene import Likes
from ..view.state import METHOD_NAMES, RULE_NAMES, ViewState
from . import maps as colours
from . import text as letters
from .backprojection import pixels_picture
from .canvas import Canvas
from .inset import DOT, InsetPicture
from .layout import Rect
from .patch import Patch, lay
from .shades import bgr, grey
from .style import PANEL, WHITE

STRONGER = 1.3
"""Heat in the inset, in parts of the heat on the faces: here the face is only there to show where."""


def heat_picture(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """The class activation map over the face.

    Args:
        subject: the face.
        chip: (H, H) gray, the part of the photo that the network was shown.
        state: names method, colours and opacity.
        edge: of the picture, in pixels.
    """
    why = _why(subject)
    if why.heat is None:
        return waiting(subject, chip, state, edge)
    whole, table = Rect(0, 0, edge, edge), colours.heat_table(state.colour_map, state.opacity * STRONGER)
    over = Patch(0, 0, colours.heat_levels(why.heat, whole, whole), table)
    pinned = " (chosen)" if why.target and why.target == _pinned(state) else ""
    method = METHOD_NAMES.get(why.method, why.method)
    rather = f" rather than {why.against}" if why.against else ""
    title = f"heat: {why.target}{pinned}{rather}, {method}" if why.target else f"heat: {method}"
    height, width = why.heat.shape
    elsewhere = why.heat_layer not in ("", why.layer)
    where = f"{why.heat_layer}  {height}×{width}" if elsewhere else layer_line(state, why.layer)
    below = DOT.join(part for part in (face_name(subject), where) if part)
    scale = np.asarray(colours.TABLES[state.colour_map], np.uint8)
    return InsetPicture(grey(chip, edge), title, below, scale, "less", "more", over)


def grid_picture(subject: Shown, chip: Image, state: ViewState, edge: int, wide: int = 0) -> InsetPicture:
    """Feature maps side by side, numbered, on one scale; the page that the state turned to; in a square, or `wide`.

    Args:
        subject: the face.
        chip: shown while the maps are not there yet.
        state: says order, page and cursor.
        edge: of the picture, in pixels; its height where it is wide.
        wide: its width where it is wider than high; 0 for a square.
    """
    why = _why(subject)
    maps = why.maps
    if maps is None:
        return waiting(subject, chip, state, edge)
    count = maps.shape[2]
    grid, channels = colours.Grid.of(count, edge, wide), shown_order(maps, state)
    page = page_of(state, count, grid.shown)
    tiles = channels[page * grid.shown : (page + 1) * grid.shown]
    picture = colours.colour_grid(maps, tiles, grid)
    _number(picture, grid, tiles, state)
    kind = ("most active, held" if state.held else "most active") if state.sort else "by number"
    pages = -(-count // grid.shown)
    title = f"{count} maps, {kind}" + (f"{DOT}page {page + 1} of {pages}" if pages > 1 else "")
    scale, least = colours.map_scale(maps)
    below = DOT.join((face_name(subject), layer_line(state, why.layer)))
    return InsetPicture(picture, title, below, scale, least, "most active")


def map_picture(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """One feature map large, on its own scale.

    Args:
        subject: the face.
        chip: shown while the maps are not there yet.
        state: says which map, and whether its pixels are shown.
        edge: of the picture, in pixels.
    """
    why = _why(subject)
    maps = why.maps
    if maps is None:
        return waiting(subject, chip, state, edge)
    unit = min(state.unit, maps.shape[2] - 1)
    one = maps[:, :, unit]
    peak, signed = colours.scale(one)
    if state.rule:
        # A key for another map is older than the pixels of this one, for as long as a picture takes.
        return _followed(subject, chip, state, edge, unit if why.pixels is None else why.unit)
    title = f"map {unit}{DOT}peak {one.max():.2f}"
    scale, _ = colours.map_scale(one)
    below = DOT.join((face_name(subject), layer_line(state, why.layer)))
    least = f"{-peak:.2f}" if signed else "0"
    return InsetPicture(colours.colour_map(one, edge, peak, signed), title, below, scale, least, f"{peak:.2f}")


def shown_order(maps: Floats, state: ViewState) -> NDArray[np.intp]:
    """Channels in the order in which they are shown: as the state holds it, else as this frame has it."""
    if state.sort and len(state.order) == maps.shape[2]:
        return np.array(state.order, np.intp)
    return colours.order(maps, state.sort)


def page_of(state: ViewState, channels: int, shown: int) -> int:
    """The page that is shown, of those there are."""
    return min(state.page, max(0, -(-channels // shown) - 1))


def _number(picture: Image, grid: colours.Grid, tiles: NDArray[np.intp], state: ViewState) -> None:
    """Writes each map's number into its tile, from 0 as in the model, and frames the one under the cursor."""
    size = max(9, min(14, grid.cell // 4))
    patches = []
    for place, channel in enumerate(tiles):
        x, y = grid.corner(place)
        if grid.cell >= colours.NUMBERED:
            patches.append(_tag(str(int(channel)), size).patch(x, y))
        if state.cursor and channel == state.unit:
            cv2.rectangle(picture, (x, y), (x + grid.cell - 1, y + grid.cell - 1), WHITE, max(1, grid.cell // 24))
    lay(picture, patches)


@lru_cache(maxsize=1024)
def _tag(words: str, size: int) -> Canvas:
    board = Canvas(letters.advance(words, size) + 3, letters.line_height(size))
    board.panel(PANEL, 0.6)
    board.text(1, 0, words, size, WHITE)
    return board


def _followed(subject: Shown, chip: Image, state: ViewState, edge: int, unit: int) -> InsetPicture:
    """Over the face the pixels that drive a map, and the map itself small in a corner."""
    why, small = _why(subject), edge // 3
    assert why.maps is not None
    one = why.maps[:, :, unit]
    peak, signed = colours.scale(one)
    ground = bgr(grey(chip, edge))
    picture = ground if why.pixels is None else pixels_picture(why.pixels, ground)
    picture[-small:, -small:] = colours.colour_map(one, small, peak, signed)
    way = "preparing, or not in this model" if why.pixels is None else RULE_NAMES[why.rule]
    way = "silent here" if why.pixels is not None and not why.pixels.any() else way
    title, below = f"map {unit}{DOT}{way}", f"{face_name(subject)}{DOT}{layer_line(state, why.layer)}"
    if why.pixels is None:
        return InsetPicture(picture, title, below)
    ends = colours.signed_colours(np.linspace(-1, 1, 256, dtype=np.float32)[None])[0]
    return InsetPicture(picture, title, below, ends, "brighter lowers it", "raises it")


def with_likes(content: InsetPicture, likes: Likes, edge: int, state: ViewState) -> InsetPicture:
    """One map, with what its filter looks for: in words, and beside the pixels that drive it as a small picture.

    Args:
        content: the map.
        likes: what its filter looks for.
        edge: of the picture, in pixels.
        state: what is to be seen.
    """
    if state.rule and content.ground.shape[:2] == (edge, edge):
        picture, small = content.picture.copy(), edge // 3
        made = cv2.resize(likes.picture, (small, small), interpolation=cv2.INTER_NEAREST)
        picture[-small:, :small] = bgr(np.asarray(made, np.uint8))
        lay(picture, [_tag(likes.caption, max(9, min(14, edge // 20))).patch(0, edge - small)])
        content = replace(content, ground=picture, over=None)
    below = DOT.join(part for part in (likes.words, content.subtitle) if part)  # what is longer than the inset is cut
    return replace(content, subtitle=below)


def crop_picture(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """The very pixels the network was fed.

    Args:
        subject: the face.
        chip: not used: the crop is the network's own.
        state: not used.
        edge: of the picture, in pixels.
    """
    crop = subject.reading.seen
    picture = cv2.resize(crop, (edge, edge), interpolation=cv2.INTER_NEAREST)
    depth = "gray" if crop.ndim == 2 else "colour"
    size = f"{crop.shape[1]}×{crop.shape[0]} {depth}"
    return InsetPicture(bgr(np.asarray(picture, np.uint8)), "network input", DOT.join((face_name(subject), size)))


def waiting(subject: Shown, chip: Image, state: ViewState, edge: int) -> InsetPicture:
    """The face alone, while a new layer is being prepared.

    Args:
        subject: the face.
        chip: (H, H) gray, what is shown.
        state: names the layer that is waited for.
        edge: of the picture, in pixels.
    """
    below = DOT.join((face_name(subject), layer_line(state, state.layer_name)))
    return InsetPicture(grey(chip, edge), "preparing", below)


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


InsetPainter = Callable[[Shown, Image, ViewState, int], InsetPicture]
"""From the chosen face, its chip, the state and the edge in pixels to what the inset shows."""

INSETS: dict[str, InsetPainter] = {
    "gradcam": heat_picture,
    "maps": grid_picture,
    "map": map_picture,
    "crop": crop_picture,
}
"""View → what it puts into the inset; a view without a row has no inset."""
