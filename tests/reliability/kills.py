"""Ends `process` and `train` with kill -9 at random moments, resumes them, and compares with an undisturbed run.

    python -m tests.reliability.kills process --count 100
    python -m tests.reliability.kills process --count 100 --sections 1 --asked "--end 4 --blur --view off"
    python -m tests.reliability.kills train DATA --count 100

After each kill every file with a final name must be whole. `--resume` then completes the work, now and then after it
was killed again, in one process or in several. All results of a resumed `process` equal the undisturbed ones byte for
byte; a resumed training is as accurate as two undisturbed ones are alike.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import av

from emoscope.system.bundled import assets
from tests.command import EMOSCOPE, environment
from tests.reliability.child import lead, preload

DRAFT = (".part", ".tmp", ".partial")
SPREAD = 0.02
"""By how much two undisturbed trainings of a few steps may differ in accuracy where their own spread is smaller."""


AGAIN = 0.4
"""How often a run that was killed is killed once more when it is resumed."""
PRELOADED = ("emoscope.commands.process", "emoscope.report.timeline", "onnxruntime", "cv2", "av")
JOBS = (*"1111111", "5")
"""Processes that a run has, by turns of chance; what it makes does not depend on it."""


def killed(arguments: Sequence[str], cwd: Path, after_s: float, program: Sequence[str] = EMOSCOPE) -> bool:
    """Runs the command and kills it after some seconds; whether it still ran."""
    command = [*program, *arguments]
    with subprocess.Popen(
        command, cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        try:
            child.wait(after_s)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            return True
    return False


def finished(arguments: Sequence[str], cwd: Path, program: Sequence[str] = EMOSCOPE) -> float:
    """Runs the command to its end and returns the seconds it took; AssertionError with its words where it fails."""
    start = monotonic()
    command = [*program, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(arguments)}: status {done.returncode}: {done.stderr[-2000:]}"
    return monotonic() - start


def unwhole(folder: Path) -> list[str]:
    """Files with a final name that are not whole."""
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and not _whole(path)]


def _whole(path: Path) -> bool:
    if path.name.startswith(".") or path.suffix in DRAFT or ".partial." in path.name:
        return True
    check = CHECKS.get(path.suffix)
    try:
        return check is None or check(path)
    except (ValueError, OSError, zipfile.BadZipFile, av.FFmpegError):
        return False


def _film(path: Path) -> bool:
    with av.open(str(path)) as film:
        return sum(1 for _ in film.decode(video=0)) == film.streams.video[0].frames > 0


def _table(path: Path) -> bool:
    rows = list(csv.reader(path.open()))
    return len(rows) > 1 and path.read_bytes().endswith(b"\n") and len({len(row) for row in rows}) == 1


def _png(path: Path) -> bool:
    return path.read_bytes().endswith(b"IEND\xaeB`\x82")


def _json(path: Path) -> bool:
    return json.loads(path.read_text()) is not None


def _zip(path: Path) -> bool:
    return zipfile.ZipFile(path).testzip() is None


CHECKS = {".mp4": _film, ".csv": _table, ".png": _png, ".json": _json, ".keras": _zip, ".npz": _zip}


def process(
    count: int,
    seed: int = 0,
    clip: Path | None = None,
    section_s: float | None = None,
    options: Sequence[str] = (),
) -> list[str]:
    """Kills `process` so many times; what went wrong.

    Args:
        count: of kills.
        seed: of chance.
        clip: that is processed; None for the demo clip.
        section_s: length of the sections that it is done in; None for that of every run.
        options: of `process`.
    """
    chance, wrong = random.Random(seed), []
    jobs = JOBS[:1] if section_s is None else JOBS
    preload(PRELOADED)
    run, kill = partial(_forked, section_s), partial(_killed, section_s)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = clip or assets() / "demo.mp4"
        took_s = run(["process", str(clip), "-o", "whole", *options], folder)
        whole = _contents(folder / "whole")
        kills = runs = 0
        while kills < count:
            out, runs, again = f"run{runs}", runs + 1, True
            asked = ["process", str(clip), "-o", out, *options, "--resume", "--jobs"]
            while again and kills < count:
                again = kill([*asked, chance.choice(jobs)], folder, chance.uniform(0, took_s))
                kills += again
                wrong += [f"{out}: {file} is not whole" for file in unwhole(folder / out)]
                again &= chance.random() < AGAIN
            run([*asked, chance.choice(jobs)], folder)
            if (made := _contents(folder / out)) != whole:
                differ = sorted(name for name in {*made, *whole} if made.get(name) != whole.get(name))
                wrong.append(f"{out}: {', '.join(differ)} after resuming")
            shutil.rmtree(folder / out)
            print(f"process: {kills} kills in {runs} runs, each resumed; {len(wrong)} faults", flush=True)
    return wrong


def _started(section_s: float | None, arguments: Sequence[str], cwd: Path) -> int:
    """The command in a fork of this process, which has imported everything; its number."""
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    status = 70
    try:
        os.chdir(cwd)
        lead(cwd / "said.txt", (1, 2))
        from emoscope.cli import run
        from emoscope.commands import process as command
        from emoscope.processing.settings import Settings

        if section_s is not None:
            command.Settings = partial(Settings, section_s=section_s)  # type: ignore[attr-defined]
        status = run(list(arguments))
    finally:
        os._exit(status)


def _killed(section_s: float | None, arguments: Sequence[str], cwd: Path, after_s: float) -> bool:
    """As `killed`, in a fork."""
    pid, until = _started(section_s, arguments, cwd), monotonic() + after_s
    while monotonic() < until:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return False
        sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def _forked(section_s: float | None, arguments: Sequence[str], cwd: Path) -> float:
    """As `finished`, in a fork."""
    start = monotonic()
    status = os.waitstatus_to_exitcode(os.waitpid(_started(section_s, arguments, cwd), 0)[1])
    assert status == 0, f"{' '.join(arguments)}: status {status}: {(cwd / 'said.txt').read_text()[-2000:]}"
    return monotonic() - start


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() if path.is_file() else b"" for path in folder.iterdir()}


def train(data: Path, count: int, seed: int = 0, options: Sequence[str] = ()) -> list[str]:
    """Kills one training again and again until it has been killed so many times or is done; what went wrong."""
    chance, wrong = random.Random(seed), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = ["train", str(data), "--arch", "gmp", *options]
        took_s = finished([*start, "--seed", "1", "-o", "one"], folder)
        finished([*start, "--seed", "1", "-o", "two"], folder)
        kills = resumes = 0
        while kills < count:
            kills += killed([*start, "--seed", "1", "-o", "run"], folder, chance.uniform(0, took_s))
            while kills < count and not (folder / "run" / "evaluation").exists():
                wrong += [f"kill {kills}: {file} is not whole" for file in unwhole(folder / "run")]
                if not (folder / "run" / "config.json").exists():
                    break
                kills += killed(["train", "--resume", "run"], folder, chance.uniform(0, took_s))
                resumes += 1
                sleep(0.01)
            if (folder / "run" / "config.json").exists():
                finished(["train", "--resume", "run"], folder)
                wrong += _compared(folder)
            shutil.rmtree(folder / "run", ignore_errors=True)
        print(f"train: {kills} kills, {resumes} resumed runs among them; {len(wrong)} faults", flush=True)
    return wrong


def _compared(folder: Path) -> list[str]:
    one, two, run = (_last_loss(folder / name) for name in ("one", "two", "run"))
    spread = max(abs(one - two), SPREAD)
    return [] if min(abs(run - one), abs(run - two)) <= spread else [f"resumed loss {run}, undisturbed {one} and {two}"]


def _last_loss(run: Path) -> float:
    rows = list(csv.DictReader((run / "history.csv").open()))
    return float(rows[-1]["loss"])


def main() -> int:
    """Runs one of the two; status 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["process", "train"])
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--epochs", default="3")
    parser.add_argument("--sections", type=float, help="Length of sections, in seconds; default: as users have them.")
    parser.add_argument("--asked", default="", help="Options of `process`.")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.command == "process":
        options = shlex.split(chosen.asked)
        wrong = process(chosen.count, chosen.seed, section_s=chosen.sections, options=options)
    else:
        wrong = train(chosen.data.resolve(), chosen.count, options=("--epochs", chosen.epochs, "--batch", "16"))
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
