"""Ends `process` and `train` with kill -9 at random moments, resumes them, and compares with an undisturbed run.

    python -m tests.reliability.kills process --count 100
    python -m tests.reliability.kills train DATA --count 100

After each kill every file with a final name must be whole. `--resume` then completes the work. The rows of a resumed
`process` equal the undisturbed ones byte for byte; a resumed training is as accurate as two undisturbed ones are alike.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep

import av

from emoscope.system.bundled import assets
from tests.command import EMOSCOPE, environment

DRAFT = (".part", ".tmp", ".partial")
SPREAD = 0.02
"""By how much two undisturbed trainings of a few steps may differ in accuracy where their own spread is smaller."""


def killed(arguments: Sequence[str], cwd: Path, after_s: float) -> bool:
    """Runs the command and kills it after some seconds; whether it still ran."""
    command = [*EMOSCOPE, *arguments]
    with subprocess.Popen(
        command, cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as program:
        try:
            program.wait(after_s)
        except subprocess.TimeoutExpired:
            program.send_signal(signal.SIGKILL)
            return True
    return False


def finished(arguments: Sequence[str], cwd: Path) -> float:
    """Runs the command to its end and returns the seconds it took; AssertionError with its words where it fails."""
    start = monotonic()
    command = [*EMOSCOPE, *arguments]
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
    with av.open(str(path)) as film, av.open(str(assets() / "demo.mp4")) as source:
        return sum(1 for _ in film.decode(video=0)) == sum(1 for _ in source.decode(video=0))


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


def process(count: int, seed: int = 0, clip: Path | None = None) -> list[str]:
    """Kills `process` so many times; what went wrong."""
    chance, wrong = random.Random(seed), []
    clip = clip or assets() / "demo.mp4"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        took_s = finished(["process", str(clip), "-o", "whole"], folder)
        rows = (folder / "whole" / f"{clip.stem}.faces.csv").read_bytes()
        kills = runs = 0
        while kills < count:
            out, runs, start = f"run{runs}", runs + 1, monotonic()
            if killed(["process", str(clip), "-o", out], folder, chance.uniform(0, took_s)):
                kills += 1
            else:
                took_s = monotonic() - start
            wrong += [f"{out}: {file} is not whole" for file in unwhole(folder / out)]
            finished(["process", str(clip), "-o", out, "--resume"], folder)
            if (folder / out / f"{clip.stem}.faces.csv").read_bytes() != rows:
                wrong.append(f"{out}: resumed rows differ")
            left = sorted(path.name for path in (folder / out).iterdir())
            if left != sorted(path.name for path in (folder / "whole").iterdir()):
                wrong.append(f"{out}: {left} after resuming")
            shutil.rmtree(folder / out)
        print(f"process: {kills} runs killed, each resumed; {len(wrong)} faults", flush=True)
    return wrong


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
    chosen = parser.parse_args()
    if chosen.command == "process":
        wrong = process(chosen.count)
    else:
        wrong = train(chosen.data.resolve(), chosen.count, options=("--epochs", chosen.epochs, "--batch", "16"))
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
