"""Kinds of values on the command line."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import click


class Listed(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Values separated by commas.

    Args:
        item: type of each.
        separator: between them.
        count: how many there must be; 0 for any number.
        known: the values that there are; none for any.
        least: the smallest that is allowed; None for no bound.
    """

    def __init__(
        self,
        item: type[str | float | int],
        separator: str = ",",
        count: int = 0,
        known: Container[str] = (),
        least: int | None = None,
    ) -> None:
        self.name = f"{item.__name__}{separator}{item.__name__}"
        self._item, self._separator, self._count, self._known, self._least = item, separator, count, known, least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Any, ...]:
        """ "a,b" → ("a", "b")."""
        try:
            parts = tuple(self._item(part.strip()) for part in str(value).split(self._separator))
        except ValueError:
            self.fail(f"{value!r} is not {self.name}", param, ctx)
        strangers = [part for part in parts if self._known and part not in self._known]
        if strangers or (self._count and len(parts) != self._count):
            self.fail(f"{value!r} is not {self.name}" if not strangers else f"there is no {strangers[0]!r}", param, ctx)
        if self._least is not None and any(float(part) < self._least for part in parts):
            self.fail(f"{value!r} has a number below {self._least}", param, ctx)
        return parts
