"""A size on the command line."""

from __future__ import annotations

import click

MOST_EDGE = 16384
"""No screen and no camera has more pixels in a line; a window of many more would not fit into memory."""


class Size(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """WIDTHxHEIGHT in pixels."""

    name = "WxH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        width, _, height = str(value).lower().partition("x")
        if not (_is_edge(width) and _is_edge(height)):
            self.fail(f"{value!r} is not a size such as 1280x720, up to {MOST_EDGE}x{MOST_EDGE}", param, ctx)
        return int(width), int(height)


def _is_edge(digits: str) -> bool:
    return digits.isdecimal() and len(digits) <= len(str(MOST_EDGE)) and 0 < int(digits) <= MOST_EDGE
