"""The dashboard skips what is slow while the picture moves, and shows it when it stands still."""

from __future__ import annotations

import pytest

from emoscope.web import inside
from emoscope.web.app_state import AppState
from emoscope.web.client_state import ClientState, Sent
from tests.realtime.tiny import gray
from tests.realtime.web.conftest import jpeg
from tests.realtime.web.talking import opened


def test_slow_methods_wait_for_a_still_picture(app_state: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "QUICK_S", -1.0)  # everything is slow
    client = ClientState(app_state)
    frame = jpeg(gray(204))
    assert opened(client.read(Sent(1, 0.0, still=True, inside=True), frame))["heats"] == ["heat0", "heat1"]
    monkeypatch.setattr(inside, "PATIENCE", 10**9)
    client.read(Sent(2, 0.1, still=True, inside=True), frame)
    assert opened(client.read(Sent(3, 0.2, inside=True), frame))["heats"] == ["heat0", ""]


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
