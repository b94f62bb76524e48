"""Ends workers of a cluster, and now and then the whole run, with kill -9 at random moments; resumes; compares.

    python -m tests.reliability.cluster_kills --count 100

A few films go into a data set; the sections of the last ones are spread over all workers. Whatever was killed, the data
set and all files that a resumed run leaves equal the undisturbed ones byte for byte.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep

import psutil

from emoscope.system.bundled import assets
from tests.command import environment
from tests.reliability.kills import finished, unwhole

SHORT, WORKERS = 3, 3
RUN = 0.06
"""How often it is the run that is killed, and not one of its workers."""
WAYS = (("--no-video", "--no-chart"), ("--no-video", "--baseline", "auto"), ("--blur", "--view", "off"))
"""What is asked, by turns; without films three workers are enough for one film's sections."""
GONE_S = 90.0
"""How long workers of a killed run may take to notice."""


def kill_and_compare(count: int, section_s: float, seed: int = 0) -> list[str]:
    """Kills so many times; what went wrong."""
    chance, wrong = random.Random(seed), list[str]()
    program = [sys.executable, "-m", "tests.reliability.short_sections", f"{section_s}"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = _films(folder)
        whole = {}
        for number, way in enumerate(WAYS):
            finished(_line(films, folder / f"whole{number}", way), folder, program)
            whole[way] = _held(folder / f"whole{number}")
        kills = runs = 0
        while kills < count:
            way, out, runs = WAYS[runs % len(WAYS)], folder / f"run{runs}", runs + 1
            line = [*_line(films, out, way), "--resume", "--cluster", "local", "--jobs", str(WORKERS)]
            kills += _disturbed([*program, *line], folder, chance, count - kills)
            wrong += [f"{out.name}: {file} is not whole" for file in unwhole(out)]
            finished(line, folder, program)
            if (made := _held(out)) != whole[way]:
                differ = sorted(name for name in {*made, *whole[way]} if made.get(name) != whole[way].get(name))
                wrong.append(f"{out.name} ({' '.join(way)}): {', '.join(differ)} after resuming")
            shutil.rmtree(out)
            print(f"cluster: {kills} kills in {runs} runs, each resumed; {len(wrong)} faults", flush=True)
    return wrong


def _films(folder: Path) -> Path:
    films = folder / "films"
    films.mkdir()
    for number in range(SHORT):
        shutil.copy(assets() / "demo.mp4", films / f"short{number}.mp4")
    return films


def _line(films: Path, out: Path, way: tuple[str, ...]) -> list[str]:
    return ["process", str(films), "-o", str(out), "--dataset", str(out / "set"), "--end", "5", *way]


def _disturbed(command: list[str], cwd: Path, chance: random.Random, most: int) -> int:
    """Runs the command and kills at random until it has ended; how often."""
    kills = 0
    how = {"cwd": cwd, "env": environment(), "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, start_new_session=True, **how) as child:  # type: ignore[call-overload]
        own = psutil.Process(child.pid)
        while kills < most and child.poll() is None:
            sleep(chance.uniform(0.2, 4.0))
            try:
                workers = own.children(recursive=True)
            except psutil.NoSuchProcess:
                break
            at_work = [one for one in workers if _is_worker(one)]
            if not at_work:
                continue
            victim = own if chance.random() < RUN else chance.choice(at_work)
            try:
                victim.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
            kills += 1
            if victim is own:
                _wait_for(workers)
    return kills


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _wait_for(processes: list[psutil.Process]) -> None:
    """Waits until workers have noticed that their run is gone; those that do not are killed, too."""
    until = monotonic() + GONE_S
    while (left := [one for one in processes if one.is_running()]) and monotonic() < until:
        sleep(0.2)
    for one in left:
        if one.is_running():
            os.kill(one.pid, signal.SIGKILL)


def _held(out: Path) -> dict[str, bytes]:
    """Rows, films, charts and summaries, byte for byte, and all names but the manifest's."""
    kept = (path for path in out.rglob("*") if path.is_file() and "manifest" not in path.name)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(kept)}


def main() -> int:
    """Status 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--sections", type=float, default=1.0, help="Their length, in seconds.")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    wrong = kill_and_compare(chosen.count, chosen.sections, chosen.seed)
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
