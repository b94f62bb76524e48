"""The table: `python -m tests.convert.zoo [NAME…] [--folder DIR] [--write]`.

Every row is converted by the command itself, in a process of its own, whose time and memory are measured; then every
heatmap of Grad-CAM, at the default layer and others, is compared with what autograd says about the network itself.
`--write` puts rows into `table.md`, beside this file, as they are made; rows that are not made anew stay. It needs
PyTorch, timm and TensorFlow.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("table.md")
LOOK_S = 0.05
"""Between looks at how much memory a command holds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: of the network.
        outcome: "converts", or the line that refuses.
        layer: the default one, with its kind and size.
        worst: largest difference of a Grad-CAM heatmap (0–1) from autograd's; NaN where there was no witness.
        compared: layers that were compared, and layers that there are.
        seconds: that the command took.
        megabytes: of memory that it held at most.
    """

    name: str
    outcome: str
    layer: str = ""
    worst: float = float("nan")
    compared: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0

    @property
    def line(self) -> str:
        """As a line of Markdown."""
        figures = f"{self.seconds:.0f} | {self.megabytes:.0f}"
        if self.outcome != "converts":
            return f"| {self.name} | {self.outcome} | | | | {figures} |"
        worst = "no witness" if self.worst != self.worst else f"{self.worst:.0e}"
        return f"| {self.name} | converts | {self.layer} | {worst} | {self.compared} | {figures} |"


HEAD = """| network | | default layer | worst CAM difference | layers compared | s | MB |
|---|---|---|---|---|---|---|"""


def converted(command: list[str]) -> tuple[int, str, float, float]:
    """Runs the command; its exit status, what it said on standard error, processor seconds, and megabytes."""
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen([sys.executable, "-m", "emoscope", *command], stdout=subprocess.DEVNULL, stderr=said)
        most, ended = 0.0, 0
        while not ended:
            time.sleep(LOOK_S)
            most = max(most, _peak(child.pid))
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return child.returncode, said.read(), usage.ru_utime + usage.ru_stime, most


def _peak(process: int) -> float:
    """Megabytes that a process has held at most so far; what `wait4` says counts what this one held at its start."""
    told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(told[1]) / 1024 if told else 0.0


def main() -> None:
    """Prints the table, a row at a time."""
    from .rows import names

    parser = argparse.ArgumentParser(prog="python -m tests.convert.zoo", description=__doc__)
    parser.add_argument("names", nargs="*", help="rows to make; all by default")
    parser.add_argument("--folder", type=Path, help="where files are kept; a temporary one by default")
    parser.add_argument("--write", action="store_true", help="put the rows into table.md")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.one:
        from .rows import row

        print(json.dumps(asdict(row(told.one, told.folder))))
        return
    with tempfile.TemporaryDirectory() as spare:
        print(HEAD)
        for line in made(told.names or names(), told.folder or Path(spare)):
            print(line, flush=True)
            if told.write:
                keep(line, names())


def keep(line: str, order: list[str]) -> None:
    """Puts a row into the table, in place of the one of that name; rows stand in this order."""
    there = TABLE.read_text("utf-8").splitlines() if TABLE.is_file() else []
    rows = {name_of(one): one for one in [*there[len(HEAD.splitlines()) :], line]}
    TABLE.write_text("\n".join([HEAD, *(rows[name] for name in order if name in rows)]) + "\n", "utf-8")


def name_of(line: str) -> str:
    """The network that a line is about."""
    return line.split(" | ")[0].removeprefix("| ")


def made(wanted: list[str], folder: Path) -> Iterator[str]:
    """The lines, each made in a process of its own, so that none keeps what another needed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        command = [sys.executable, "-m", "tests.convert.zoo", "--one", name, "--folder", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = done.stdout.strip().splitlines()
        if done.returncode or not found:
            yield f"| {name} | NOT MADE: {(done.stderr.strip().splitlines() or ['?'])[-1]} | | | | |"
        else:
            yield Row(**json.loads(found[-1])).line


if __name__ == "__main__":
    main()
