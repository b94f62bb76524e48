"""Kinds of values on the command line."""

from __future__ import annotations

from typing import Any

import click


class Listed(click.ParamType[tuple[Any, ...]]):
    """Values separated by commas."""

    def __init__(self, item: type[str] | type[float], separator: str = ",") -> None:
        self.name = f"{item.__name__}{separator}…"
        self._item, self._separator = item, separator

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Any, ...]:
        """ "a,b" → ("a", "b")."""
        try:
            return tuple(self._item(part.strip()) for part in str(value).split(self._separator))
        except ValueError:
            self.fail(f"{value!r} is not {self.name}", param, ctx)
