"""A program may end while a session is still being built."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command import environment, run

LEAVE = """
from threading import Thread
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network, Request
network = Network(open_bundle())
layer = network.contract.default_layer
def ask():
    for method in network.contract.methods:
        network.ready(Request(layer, method=method))
"""
BY_ITSELF = f"{LEAVE}ask()"
FROM_THE_ANALYSIS = f"{LEAVE}asking = Thread(target=ask, daemon=True)\nasking.start()\nasking.join()"


@pytest.mark.parametrize("script", [BY_ITSELF, FROM_THE_ANALYSIS])
def test_leaving_while_sessions_are_built_is_no_crash(tmp_path: Path, script: str) -> None:
    done = run([sys.executable, "-c", script], tmp_path, 120, environment())
    assert (done.returncode, done.stderr) == (0, "")
