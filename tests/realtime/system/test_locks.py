"""A name is held by one run at a time, on every system, and no longer than that run lives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from emoscope.system import locks
from emoscope.system.locks import STALE_S, Lock
from tests.command import environment

HOLD = """
import sys, time
from pathlib import Path
from emoscope.system.locks import Lock
with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(params=["locks", "no locks"])
def name(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A name in a folder with locks of the system, and in one without."""
    if request.param == "no locks":
        monkeypatch.setattr(locks, "_lock", lambda file: False)
    return tmp_path / "film.lock"


def taken(name: Path) -> bool:
    """Whether somebody holds a name."""
    try:
        with Lock(name):
            return False
    except BlockingIOError:
        return True


def test_one_holds_it_until_it_ends_and_nothing_is_left(name: Path) -> None:
    with Lock(name):
        assert taken(name)
        assert taken(name)
    assert not taken(name)
    assert list(name.parent.iterdir()) == []


def test_an_error_lets_go_of_it(name: Path) -> None:
    with pytest.raises(ZeroDivisionError), Lock(name):
        raise ZeroDivisionError
    assert not taken(name)


def test_it_dies_with_its_owner(name: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(name)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        assert taken(name)
        holder.kill()
        holder.wait()
    assert name.exists()
    assert not taken(name)


def elsewhere(name: Path, silent_s: float) -> None:
    """Leaves what a run on another machine leaves that showed itself last so long ago."""
    name.write_text(json.dumps({"host": "another", "pid": os.getpid(), "mark": "1"}), "utf-8")
    then = time.time() - silent_s
    os.utime(name, (then, then))


def test_another_machine_is_believed_while_it_shows_itself(name: Path) -> None:
    elsewhere(name, STALE_S / 2)
    assert taken(name)
    elsewhere(name, STALE_S * 2)
    assert not taken(name)


def test_a_holder_shows_that_it_lives(name: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BEAT_S", 0.02)
    with Lock(name):
        os.utime(name, (1, 1))
        deadline = time.monotonic() + 5
        while name.stat().st_mtime < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert name.stat().st_mtime > 2


def test_whoever_lost_it_does_not_take_it_from_the_next(name: Path) -> None:
    with Lock(name):
        elsewhere(name, 0)
    assert taken(name)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": 1}', "\x00" * 50])
def test_a_damaged_file_holds_nobody_off(name: Path, content: str) -> None:
    name.write_text(content, "utf-8")
    assert not taken(name)


def test_of_many_at_once_one_gets_it(tmp_path: Path) -> None:
    with ExitStack() as held, ThreadPoolExecutor(8) as pool:

        def take(_: int) -> Any:
            try:
                return held.enter_context(Lock(tmp_path / "film.lock"))
            except BlockingIOError:
                return None

        assert sum(lock is not None for lock in pool.map(take, range(32))) == 1


def test_a_folder_that_is_gone_is_another_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), Lock(tmp_path / "gone" / "film.lock"):
        pass
