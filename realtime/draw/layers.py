"""All layers as a strip at the foot of the board, the input at the left, the one that is looked at lit.

┌───┬───┬───┬───┬───┐
│ 1 │ 2 │ ▣ │ 4 │ … │   of each layer the map that answers most, on its own scale
├───┴───┴───┴───┴───┤
│ conv2 12×12×64 …  │   the layer that is lit, or that the mouse is on
└───────────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..network.contract import LayerSpec
from ..types import Explanation
from ..view.state import ViewState
from . import maps as colours
from . import text as letters
from .canvas import Canvas
from .layout import Rect
from .style import DIM, PANEL, SOFT, TRACK, WHITE, Sizes

MOST_ROWS = 3
HIGHEST = 0.24
"""Of all tiles, as a part of the board's height."""
UNLIT = 0.55
"""Brightness of the layers that are not looked at."""


@dataclass(frozen=True, slots=True)
class LayerStrip:
    """Tiles in rows, each `tile` pixels wide and high and `line` apart, and a line of words below.

    Attributes:
        count: of layers.
        columns: tiles in a row.
        tile: edge of a tile in pixels.
        line: between tiles, in pixels.
        width: of the strip, in pixels.
        height: of the strip with its words, in pixels.
    """

    count: int
    columns: int
    tile: int
    line: int
    width: int
    height: int

    @classmethod
    def of(cls, count: int, width: int, height: int, sizes: Sizes) -> LayerStrip:
        """The strip of so many layers at the foot of a board of a size: in as few rows as give the largest tiles.

        Args:
            count: of layers.
            width: of the board, in pixels.
            height: likewise.
            sizes: of text.
        """
        line = max(1, sizes.gap // 4)

        def tile(rows: int) -> int:
            columns = -(-count // rows)
            return max(1, min((width - 2 * sizes.gap) // columns, round(height * HIGHEST / rows)) - line)

        rows = max(range(1, MOST_ROWS + 1), key=lambda rows: (tile(rows), -rows))
        words = letters.line_height(_small(sizes)) + sizes.gap // 2
        edge, gap = tile(rows), sizes.gap // 2
        return cls(count, -(-count // rows), edge, line, width, rows * (edge + line) + words + 2 * gap)

    def corner(self, number: int, sizes: Sizes) -> tuple[int, int]:
        """x, y of a tile in the strip."""
        step = self.tile + self.line
        left = (self.width - self.columns * step + self.line) // 2
        return left + number % self.columns * step, sizes.gap // 2 + number // self.columns * step

    def layer_at(self, x: float, y: float, sizes: Sizes) -> int | None:
        """The layer whose tile is under a point of the strip, or None."""
        for number in range(self.count):
            left, top = self.corner(number, sizes)
            if Rect(left, top, self.tile + self.line, self.tile + self.line).holds(x, y):
                return number
        return None


def layer_strip(
    strip: LayerStrip, state: ViewState, why: Explanation | None, pointer: tuple[float, float], sizes: Sizes
) -> Canvas:
    """The drawn strip.

    Args:
        strip: where its tiles are.
        state: which layer is looked at.
        why: holds the layers' activations; where it does not, the tiles are empty.
        pointer: where the mouse is, relative to the strip.
        sizes: of text.
    """
    board = _empty(strip, sizes).copy()
    layers = () if why is None else why.layers
    shown = leaders(why, state)
    for number, maps in enumerate(layers[: strip.count]):
        one, lit = maps[:, :, shown[number]], number == state.layer
        x, y = strip.corner(number, sizes)
        tile = colours.map_sheet(one, strip.tile, *colours.scale(one), 1.0 if lit else UNLIT)
        board.sheet[y : y + strip.tile, x : x + strip.tile] = tile
        if strip.tile >= colours.NUMBERED:
            board.text(x + 2, y, str(number + 1), _tag(strip), WHITE if lit else SOFT)
    x, y = strip.corner(state.layer, sizes)
    _frame(board, Rect(x, y, strip.tile, strip.tile), max(2, strip.tile // 16))
    under = strip.layer_at(*pointer, sizes)
    words = _words(state, state.layer if under is None else under, shown)
    small = _small(sizes)
    inner = strip.width - 2 * sizes.gap
    y = strip.height - letters.line_height(small) - sizes.gap // 2
    board.text(sizes.gap, y, letters.fit(words, inner, small), small, SOFT)
    return board


def leaders(why: Explanation | None, state: ViewState) -> tuple[int, ...]:
    """Of each layer the map that stands for it: as the state holds them, else the most active in this frame."""
    layers = () if why is None else why.layers
    fitting = len(state.leaders) == len(layers)
    if fitting and all(unit < maps.shape[2] for unit, maps in zip(state.leaders, layers, strict=True)):
        return state.leaders
    return tuple(int(colours.order(maps, True)[0]) for maps in layers)


def _words(state: ViewState, number: int, shown: tuple[int, ...]) -> str:
    layer: LayerSpec = state.layers[number]
    which = f"{number + 1} of {len(state.layers)}  {layer.name}  {layer.height}×{layer.width}×{layer.channels}"
    return f"{which}  •  map {shown[number]}, which answers most" if number < len(shown) else which


def _frame(board: Canvas, place: Rect, thick: int) -> None:
    for x, y, width, height in (
        (place.x, place.y, place.width, thick),
        (place.x, place.bottom - thick, place.width, thick),
        (place.x, place.y, thick, place.height),
        (place.right - thick, place.y, thick, place.height),
    ):
        board.box(x, y, width, height, WHITE)


@lru_cache(maxsize=4)
def _empty(strip: LayerStrip, sizes: Sizes) -> Canvas:
    board = Canvas(strip.width, strip.height)
    board.panel(PANEL, 1.0)
    for number in range(strip.count):
        x, y = strip.corner(number, sizes)
        board.box(x, y, strip.tile, strip.tile, TRACK)
        if strip.tile >= colours.NUMBERED:
            board.text(x + 2, y, str(number + 1), _tag(strip), DIM)
    return board


def _tag(strip: LayerStrip) -> int:
    return max(9, min(13, strip.tile // 4))


def _small(sizes: Sizes) -> int:
    return max(10, round(sizes.text * 0.88))
