"""A program may end while a session is still being built."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.command import environment, run

LEAVE = """
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network, Request
network = Network(open_bundle())
layer = network.contract.default_layer
for method in network.contract.methods:
    network.ready(Request(layer, method=method))
"""


def test_leaving_while_sessions_are_built_is_no_crash(tmp_path: Path) -> None:
    done = run([sys.executable, "-c", LEAVE], tmp_path, 120, environment())
    assert (done.returncode, done.stderr) == (0, "")
