"""The dashboard asks once for all that it shows; a slow network rests while the picture moves."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.network.network import Answer, Network, Request
from emoscope.types import Floats
from emoscope.web import inside
from emoscope.web.app_state import AppState
from emoscope.web.client_state import ClientState, Sent
from tests.realtime.tiny import gray
from tests.realtime.web.conftest import jpeg
from tests.realtime.web.talking import opened


def test_a_slow_network_rests_while_the_picture_moves(app_state: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "QUICK_S", -1.0)  # everything is slow
    monkeypatch.setattr(inside, "REST", 10**9)
    client = ClientState(app_state)
    frame = jpeg(gray(204))
    assert opened(client.read(Sent(1, 0.0, still=True, inside=True), frame))["heats"] == ["heat0", "heat1"]
    assert "heats" not in opened(client.read(Sent(2, 0.1, inside=True), frame))
    assert opened(client.read(Sent(3, 0.2, still=True, inside=True), frame))["heats"] == ["heat0", "heat1"]


def test_all_is_told_by_one_call_as_by_a_call_each(app_state: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    network, asked, answer = app_state.network, [], Network.answer

    def counted(self: Network, batch: Floats, request: Request, *more: object) -> Answer:
        asked.append(request)
        return answer(self, batch, request, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Network, "answer", counted)
    client = ClientState(app_state)
    client.choose({"layer": 0, "view": "off"})
    told = opened(client.read(Sent(1, 0.0, still=True, inside=True), jpeg(gray(204))))
    assert [bool(request.methods) for request in asked] == [False, True]
    monkeypatch.undo()
    batch = np.random.default_rng(0).uniform(0, 1, (1, *network.contract.input.shape)).astype(np.float32)
    together = network.answer(batch, asked[1], np.array([1]))
    for method, heat in zip(client.state.methods, together.heats, strict=True):
        alone = network.answer(batch, Request(client.state.layer_name, method=method), np.array([1]))
        np.testing.assert_allclose(heat, alone.heat, atol=1e-6)
    assert together.also is not None
    np.testing.assert_allclose(together.also, network.answer(batch, Request(asked[1].also, maps=True)).maps, atol=1e-6)
    assert (told["pool"]["layer"], told["layer"]["layer"]) == ("pool1", "conv1")


def test_the_pooling_behind_a_layer_is_found(app_state: AppState) -> None:
    client = ClientState(app_state)
    assert inside.pooling_after(client.state) == "pool1"
    client.choose({"layer": 0})
    assert inside.pooling_after(client.state) == "pool1"


def test_the_chosen_map_comes_with_the_pixels_that_drive_it(app_state: AppState) -> None:
    client = ClientState(app_state)
    rules = app_state.network.rules(client.state.layer_name)
    client.choose({"unit": 1})
    frame = jpeg(gray(204))
    first = opened(client.read(Sent(1, 0.0, still=True, inside=True), frame))
    assert (first["unit"]["channels"], first["unit"]["layer"]) == ([1], "pool1")
    assert ("unitpixels" in first) == bool(rules)
    for number, rule in enumerate(rules, start=2):
        client.choose({"rule": rule})
        pixels = opened(client.read(Sent(number, 0.0, still=True, inside=True), frame))["unitpixels"]
        assert (pixels["rule"], pixels["unit"]) == (rule, 1)


def test_all_heat_is_told_against_the_class_that_was_chosen(app_state: AppState) -> None:
    client = ClientState(app_state)
    client.choose({"against": 1})
    reading = opened(client.read(Sent(1, 0.0, still=True, inside=True), jpeg(gray(204))))
    wanted = "sad" if app_state.network.contrasts else ""
    assert {reading[name]["against"] for name in reading["heats"]} == {wanted}
