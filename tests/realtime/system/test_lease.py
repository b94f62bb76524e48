"""A lease has one holder, and dies with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emoscope.errors import ResultError
from emoscope.system.lease import STALE_S, BusyError, Lease

HOLD = """
import sys, pathlib
from emoscope.system.lease import Lease
with Lease(pathlib.Path(sys.argv[1]), "film"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    with Lease(tmp_path / "a.lock", "film"):
        with pytest.raises(BusyError, match=rf"film: process {os.getpid()} on .* is working on it"), _lease(tmp_path):
            pass
        assert (tmp_path / "a.lock").exists()
    assert list(tmp_path.iterdir()) == []
    with _lease(tmp_path):
        pass


def test_it_dies_with_a_process_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "a.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match=f"process {holder.pid}"), _lease(tmp_path):
            pass
        holder.kill()
    with _lease(tmp_path):
        assert json.loads((tmp_path / "a.lock").read_text())["process"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("written", ['{"host": "elsewhere", "place": "elsewhere", "process": 1}', ""])
def test_one_from_elsewhere_dies_when_it_is_not_renewed(written: str, tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text(written)
    with pytest.raises(BusyError), _lease(tmp_path):
        pass
    old = lock.stat().st_mtime - STALE_S - 1
    os.utime(lock, (old, old))
    with _lease(tmp_path):
        pass


def test_a_holder_that_was_thought_dead_leaves_the_next_ones_lease_alone(tmp_path: Path) -> None:
    with Lease(tmp_path / "a.lock", "film"):
        (tmp_path / "a.lock").write_text('{"key": "the next one\'s"}')
    assert (tmp_path / "a.lock").exists()


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="cannot be written"), Lease(tmp_path / "gone" / "a.lock", "film"):
        pass


def _lease(folder: Path) -> Lease:
    return Lease(folder / "a.lock", "film")
