"""What receivers are told of a stream once, before its first frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class About:
    """A stream of readings, described.

    Attributes:
        labels: class names, in the network's order.
        model: the network's name.
        source: what is watched.
    """

    labels: tuple[str, ...]
    model: str = ""
    source: str = ""

    def as_json(self) -> dict[str, Any]:
        """The first message of a stream."""
        return {"type": "hello", "model": self.model, "source": self.source, "labels": list(self.labels)}
