"""What one filter costs is asked of every stage's end, beside the plain network in the same run."""

from __future__ import annotations

from typing import Any, cast

import pytest

from emoscope.benchmark import units
from emoscope.network.network import Network, Request
from tests.realtime.tiny import CONTRACT


class Counting:
    """Answers nothing, and keeps what it was asked."""

    contract = CONTRACT

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def rules(self, layer: str) -> tuple[str, ...]:
        return ("gradient", "field") if layer == "conv1" else ()

    def answer(self, batch: Any, request: Request) -> None:
        assert batch.shape == (1, *CONTRACT.input.shape)
        self.asked.append(request)


def test_plain_and_each_rule_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "TURNS", 2)
    monkeypatch.setattr(units, "WARM_UP", 1)
    network = Counting()
    found = units.costs(cast(Network, network))
    ways = [Request("conv1", maps=True, rule=rule, unit=0) for rule in ("gradient", "field")]
    assert list(found) == [Request(), *ways]
    assert network.asked == [Request(), *ways] * 3
