"""A process that runs the command in forks of itself, asked by lines of JSON: many real runs in little time.

test ──{"arguments": […], "cwd": …}──▶ this process ──fork──▶ emoscope …
     ◀──{"status": …, "out": …, "err": …, "seconds": …, "tensorflow": …}──
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.command import ROOT, environment

NEEDED = ("emoscope.commands.process", "emoscope.commands.capture", "emoscope.commands.explain", "matplotlib")


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a run.

    Attributes:
        status: exit status, minus the signal's number where a signal ended it.
        out: standard output.
        err: standard error, of the process and of every library in it.
        seconds: of processor time.
        tensorflow: whether TensorFlow was imported.
    """

    status: int
    out: str
    err: str
    seconds: float
    tensorflow: bool


class Forks:
    """The process; a context manager that ends it."""

    def __enter__(self) -> Forks:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.forks"],
            cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

    def run(self, arguments: Sequence[str | Path], cwd: Path) -> Said:
        """Runs the command to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"arguments": [str(argument) for argument in arguments], "cwd": str(cwd)}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Said(**json.loads(self._process.stdout.readline()))


def _serve() -> None:
    from tests.reliability.child import preload

    preload(NEEDED)
    for line in sys.stdin:
        asked = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(_answer(asked["arguments"], asked["cwd"], Path(folder))), flush=True)


def _answer(arguments: Sequence[str], cwd: str, folder: Path) -> dict[str, object]:
    pid = os.fork()
    if pid == 0:
        _be_command(arguments, cwd, folder)
    _, status, used = os.wait4(pid, 0)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "out": (folder / "out").read_text("utf-8", "replace"),
        "err": (folder / "err").read_text("utf-8", "replace"),
        "seconds": used.ru_utime + used.ru_stime,
        "tensorflow": (folder / "tensorflow").exists(),
    }


def _be_command(arguments: Sequence[str], cwd: str, folder: Path) -> None:
    """Never returns."""
    from tests.reliability.child import TRACEBACK_STATUS, be_anyone, lead

    status = TRACEBACK_STATUS
    try:
        os.chdir(cwd)
        lead(Path(os.devnull), (0,))
        lead(folder / "out", (1,))
        lead(folder / "err", (2,))
        os.environ.pop("DISPLAY", None)
        be_anyone()
        from emoscope.cli import run

        status = run(list(arguments))
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        if "tensorflow" in sys.modules:
            (folder / "tensorflow").touch()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
