"""MediaPipe without the graphics driver: none is loaded, and the environment is as it was."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from emoscope.faces.no_screen import DRIVERS, no_screen
from tests.realtime.live.screen import Screen

LOADED = """
from emoscope.faces.blazeface import BlazeFace
BlazeFace("full")
names = {line.split()[-1].rpartition("/")[2] for line in open("/proc/self/maps") if "/" in line}
print([name for name in names if "_dri" in name or "LLVM" in name or "gallium" in name or "EGL_" in name])
"""


def test_a_detector_loads_no_graphics_driver_though_there_is_a_screen(screen: Screen):
    command = [sys.executable, "-c", LOADED]
    result = subprocess.run(command, env=screen.environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("before", [None, "", "/some/vendor.json"])
def test_the_environment_is_put_back_even_after_an_error(monkeypatch, before):
    monkeypatch.delenv(DRIVERS, raising=False)
    if before is not None:
        monkeypatch.setenv(DRIVERS, before)
    with pytest.raises(KeyError), no_screen():
        assert os.environ[DRIVERS] == os.devnull
        raise KeyError
    assert os.environ.get(DRIVERS) == before
