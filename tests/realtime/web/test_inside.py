"""The dashboard skips what is slow while the picture moves, and shows it when it stands still."""

from __future__ import annotations

import pytest

from emoscope.web import inside
from emoscope.web.studio import Studio
from emoscope.web.tab import Sent, Tab
from tests.realtime.tiny import gray
from tests.realtime.web.conftest import jpeg
from tests.realtime.web.talking import opened


def test_slow_methods_wait_for_a_still_picture(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "QUICK_S", -1.0)  # everything is slow
    tab = Tab(studio)
    frame = jpeg(gray(204))
    assert opened(tab.read(Sent(1, 0.0, still=True, inside=True), frame))["heats"] == ["heat0", "heat1"]
    monkeypatch.setattr(inside, "PATIENCE", 10**9)
    tab.read(Sent(2, 0.1, still=True, inside=True), frame)
    assert opened(tab.read(Sent(3, 0.2, inside=True), frame))["heats"] == ["heat0", ""]


def test_the_pooling_behind_a_layer_is_found(studio: Studio) -> None:
    tab = Tab(studio)
    assert inside.pooling_after(tab.state) == "pool1"
    tab.choose({"layer": 0})
    assert inside.pooling_after(tab.state) == "pool1"
