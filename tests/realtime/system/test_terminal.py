"""The line that moves in its place, seen through a terminal of our own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emoscope.processing.film import Outcome
from emoscope.processing.progress import Teller
from emoscope.system import terminal
from emoscope.system.terminal import MovingLine, say

pty = pytest.importorskip("pty", reason="terminals of our own are had on Unix alone")
PROGRAM = """
import emoscope.system.terminal as terminal
terminal.EVERY_S = 0.0
line = terminal.MovingLine()
assert line.due
line.show("a" * 300)
line.show("")
terminal.say("done", err=True)
"""


def test_a_line_moves_in_its_place_and_goes():
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], stderr=theirs, env=os.environ | {"COLUMNS": "40"}, check=False
    )
    os.close(theirs)
    told = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert told == "\r" + "a" * 39 + "\x1b[K\r\x1b[Kdone\r\n"


def test_nothing_moves_in_a_file(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(terminal, "EVERY_S", 0.0)
    line = MovingLine()
    assert not line.seen and not line.due
    line.show("43 %")
    say("kept", err=True)
    assert capsys.readouterr().err == "kept\n"


def test_a_name_neither_breaks_its_line_nor_steers_the_terminal(capsys: pytest.CaptureFixture[str]):
    outcome = Outcome(Path("new\nline\x1b[2J\u2028.mp4"), frames=2, seconds=1.0, notes=["one\rtwo"])
    Teller([outcome.source]).finished(outcome)
    told, noted = capsys.readouterr()
    assert told == "new\\nline\\x1b[2J\\u2028.mp4: 2 frames, 2 frames/s\n"
    assert noted == "note: new\\nline\\x1b[2J\\u2028.mp4: one\\rtwo\n"
