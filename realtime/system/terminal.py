"""Words on the terminal: lines that stay, and one that is drawn again in its place while the work goes on."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from shutil import get_terminal_size
from time import monotonic

import click

from ..errors import one_line, printable

STDOUT, STDERR = 1, 2
EVERY_S = 0.2
"""How often the moving line moves, in seconds."""


class MovingLine:
    """How far the work is, on standard error; nothing where that is no terminal.

    click's own bar stays where it ended, between the lines of what is finished, and writes its label into files.

    Attributes:
        seen: whether somebody can see it move.
    """

    def __init__(self) -> None:
        self.seen = sys.stderr is not None and sys.stderr.isatty()
        self._moved = monotonic()

    @property
    def due(self) -> bool:
        """Whether it is seen, and stood still long enough to move again."""
        return self.seen and monotonic() - self._moved >= EVERY_S

    def show(self, line: str) -> None:
        """Draws it, as wide as the terminal at most; "" takes it away, which lines that stay need."""
        if self.seen:
            self._moved = monotonic()
            say(f"\r{one_line(line)[: get_terminal_size().columns - 1]}\x1b[K", nl=False, err=True)


def command(*words: object) -> str:
    """A command of ours as it can be typed, with paths quoted that have spaces in them."""
    line = ["emoscope", *map(str, words)]
    return subprocess.list2cmdline(line) if sys.platform == "win32" else shlex.join(line)


def say_line(line: str, err: bool = False) -> None:
    """Prints what is one line, whatever names of files are in it; see `say`."""
    say(one_line(line), err=err)


def say(line: str, nl: bool = True, err: bool = False) -> None:
    """Prints; where nobody listens any more, a closed pipe or a full disk, the work goes on in silence.

    Args:
        line: what is said; bytes of file names that are no letters are replaced.
        nl: whether a new line follows.
        err: whether it goes to standard error.
    """
    try:
        click.echo(printable(line), nl=nl, err=err)
    except OSError:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, STDERR if err else STDOUT)
        os.close(silence)
