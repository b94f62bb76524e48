"""Whether there is a screen is found out without Qt, which would end the program."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from emoscope.errors import DisplayError
from emoscope.live.window import ScreenWindow
from emoscope.system.display import has_display, require_display

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="screens are asked for on Linux only")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch):
    """No settings of the developer's own."""
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)


def test_without_a_display_the_reason_and_the_cure_are_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    assert not has_display()
    with pytest.raises(DisplayError, match=r"no screen \(DISPLAY is not set\): use `emoscope process`"):
        require_display()


def test_a_display_that_does_not_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISPLAY", ":4711")
    with pytest.raises(DisplayError, match="the screen :4711 does not answer"):
        ScreenWindow((640, 480))


def test_a_display_that_answers(monkeypatch: pytest.MonkeyPatch):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X4712")
        server.listen()
        monkeypatch.setenv("DISPLAY", ":4712.0")
        require_display()


def test_a_display_elsewhere_is_believed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISPLAY", "host:0")
    assert has_display()


def test_another_platform_of_qt_needs_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert has_display()
