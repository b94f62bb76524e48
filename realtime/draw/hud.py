"""The status panel, and the one line over everything that says what is going on."""

from __future__ import annotations

from functools import lru_cache

from ..view.scene import Status
from . import text as letters
from .canvas import Canvas
from .style import PANEL, PANEL_OPACITY, RED, SOFT, WHITE, Sizes


def status_lines(status: Status, faces: int) -> list[str]:
    """What the panel says, most important first."""
    rate = f"{status.fps:.1f} fps" if status.fps else "– fps"
    late = "" if status.latency_s is None else f"   {1000 * status.latency_s:.0f} ms"
    people = "1 face" if faces == 1 else f"{faces} faces"
    dropped = f"   {status.dropped} dropped" if status.dropped else ""
    position = f"{status.position}   " if status.position else ""
    lines = [
        rate + late,
        status.source,
        position + people + dropped,
        f"{status.model}   {status.provider}   h help",
        *_stage_lines(status),
    ]
    return [line for line in lines if line.strip()]


def _stage_lines(status: Status) -> list[str]:
    """Milliseconds per stage, a few to a line, so that the panel stays narrow."""
    parts = [f"{name} {1000 * seconds:.1f}" for name, seconds in status.stages_s.items()]
    return ["   ".join(parts[start : start + 2]) + " ms" for start in range(0, len(parts), 2)]


def hud(status: Status, faces: int, sizes: Sizes, room: int) -> Canvas:
    """The status panel, at most `room` pixels wide."""
    return _panel(tuple(status_lines(status, faces)), status.recording, sizes, room)


@lru_cache(maxsize=16)
def _panel(texts: tuple[str, ...], dot: bool, sizes: Sizes, room: int) -> Canvas:
    small = max(10, round(sizes.text * 0.88))
    lines = [letters.fit(text, room - 2 * sizes.gap, small, letters.SEMIBOLD) for text in texts]
    wide = max(letters.advance(line, small, letters.SEMIBOLD) for line in lines) + 2 * sizes.gap
    row = round(small * 1.4)
    board = Canvas(wide + (row if dot else 0), row * len(lines) + round(1.4 * sizes.gap))
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    for number, line in enumerate(lines):
        weight, colour = (letters.SEMIBOLD, WHITE) if number == 0 else (letters.REGULAR, SOFT)
        board.text(sizes.gap, sizes.gap * 0.7 + number * row, line, small, colour, weight)
    return board


def recording_dot(sizes: Sizes) -> Canvas:
    """The red dot of a running recording."""
    edge = round(sizes.title * 0.9)
    board = Canvas(edge, edge)
    board.panel(RED, 1.0, edge // 2)
    return board


def notice(text: str, sizes: Sizes, room: int) -> Canvas:
    """One line on a plate, at most `room` pixels wide."""
    line = letters.fit(text, room - 4 * sizes.gap, sizes.title, letters.SEMIBOLD)
    wide = letters.advance(line, sizes.title, letters.SEMIBOLD) + 4 * sizes.gap
    board = Canvas(wide, letters.line_height(sizes.title) + 2 * sizes.gap)
    board.panel(PANEL, 0.88, sizes.radius)
    board.text(2 * sizes.gap, sizes.gap, line, sizes.title, WHITE, letters.SEMIBOLD)
    return board
