"""Kinds of values on the command line."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import click


class Listed(click.ParamType[tuple[Any, ...]]):
    """Values separated by commas; so many, or of a known set, where that is given."""

    def __init__(
        self, item: type[str | float | int], separator: str = ",", count: int = 0, known: Container[str] = ()
    ) -> None:
        self.name = f"{item.__name__}{separator}{item.__name__}"
        self._item, self._separator, self._count, self._known = item, separator, count, known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Any, ...]:
        """ "a,b" → ("a", "b")."""
        try:
            parts = tuple(self._item(part.strip()) for part in str(value).split(self._separator))
        except ValueError:
            self.fail(f"{value!r} is not {self.name}", param, ctx)
        strangers = [part for part in parts if self._known and part not in self._known]
        if strangers or (self._count and len(parts) != self._count):
            self.fail(f"{value!r} is not {self.name}" if not strangers else f"there is no {strangers[0]!r}", param, ctx)
        return parts
