"""The `emoscope` command in a process of its own, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

EMOSCOPE = (sys.executable, "-c", "from emoscope.cli import main; main()")
"""What starts the command with the tests' own interpreter."""
ROOT = Path(__file__).parents[1]


def environment(**changes: str) -> dict[str, str]:
    """The tests' environment, without a screen and with this project first on Python's path."""
    plain = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "QT_QPA_PLATFORM"}}
    # A module in the current folder must not stand in for one of ours.
    return {**plain, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", **changes}


def emoscope(
    *arguments: str | Path, cwd: Path, timeout_s: float = 120, before: tuple[str, ...] = (), **changes: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end.

    Args:
        cwd: the current folder.
        before: a program that runs the command, such as strace, with its options.
        changes: of the environment.
    """
    command = [*before, *EMOSCOPE, *map(str, arguments)]
    return run(command, cwd, timeout_s, environment(**changes))


def run(command: list[str], cwd: Path, timeout_s: float, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end with nothing on standard input."""
    return subprocess.run(
        command, cwd=cwd, env=env, timeout=timeout_s, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
