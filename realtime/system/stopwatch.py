"""How long each stage takes, as a moving average that the status panel can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

WEIGHT = 0.05
"""Share of the newest measurement: the average forgets in about twenty frames."""


class Stopwatch:
    """Seconds per stage, averaged over the last frames."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what happens inside."""
        start = perf_counter()
        yield
        self.add(name, perf_counter() - start)

    def add(self, name: str, seconds: float) -> None:
        """Adds one measurement."""
        before = self._seconds.get(name, seconds)
        self._seconds[name] = before + WEIGHT * (seconds - before)

    @property
    def seconds(self) -> Mapping[str, float]:
        """Stage → seconds, in the order in which stages were first seen."""
        return dict(self._seconds)
