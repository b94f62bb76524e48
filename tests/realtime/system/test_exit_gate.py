"""The C library's `exit` waits at a closed gate, and Python's own end never does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command import environment, run
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="gates are put up on Linux only")

EXIT = """
import atexit, ctypes, os, sys
from threading import Thread
from emoscope.system.exit_gate import ExitGate
gate, opened = ExitGate(), []
atexit.register(opened.append, True)  # what is registered last comes first
def keep():
    while not gate.rings(60):
        pass
    if not opened:
        print("kept", flush=True)
        os._exit(7)
Thread(target=keep, daemon=True).start()
"""


@pytest.mark.parametrize(
    ("end", "status", "said"),
    [
        ("ctypes.CDLL(None).exit(1)", 7, "kept\n"),
        ("opened.append(True); gate.open(); ctypes.CDLL(None).exit(1)", 1, ""),
        ("sys.exit(2)", 2, ""),
    ],
)
def test_who_waits_at_the_gate(tmp_path: Path, end: str, status: int, said: str) -> None:
    done = run([sys.executable, "-c", EXIT + end], tmp_path, PATIENCE_S, environment())
    assert (done.returncode, done.stdout, done.stderr) == (status, said, "")
