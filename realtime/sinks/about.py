"""What receivers are told of a stream once, before its first frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..network.network import Network


@dataclass(frozen=True, slots=True)
class About:
    """A stream of readings, described.

    Attributes:
        labels: class names, in the network's order.
        model: the network's name.
        source: what is watched.
        numbers: names of what else the network says.
    """

    labels: tuple[str, ...]
    model: str = ""
    source: str = ""
    numbers: tuple[str, ...] = ()

    @classmethod
    def of(cls, network: Network, source: str = "") -> About:
        """A stream that a network reads."""
        return cls(network.contract.labels, network.name, source, network.contract.numbers)

    def as_json(self) -> dict[str, Any]:
        """The first message of a stream."""
        told = {"type": "hello", "model": self.model, "source": self.source, "labels": list(self.labels)}
        return told | ({"numbers": list(self.numbers)} if self.numbers else {})
