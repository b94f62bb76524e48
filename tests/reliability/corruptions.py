"""Damages three real films in thousands of seeded ways and processes each in a process of its own.

    python -m tests.reliability.corruptions --count 2000

Each run must end by itself, within its memory and its time, without a traceback: as a whole result (0), as a partial
one with a warning (0), or with one line that says why not (1). The films are H.264 with sound in MP4, HEVC of variable
rate in MOV, and MPEG-4 in AVI, each the beginning of a recording in ../shared/data/videos.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.reliability.child import Ended, Limits, forked, preload

FILMS = ("liveportrait_d20.mp4", "pyfeat_face_noface.mov", "odd_641x361.avi")
VIDEOS = Path(__file__).parents[3] / "shared" / "data" / "videos"
NEEDED = ("emoscope.commands.process", "emoscope.faces", "matplotlib", "onnx.checker")
GOOD = ("done", "warned", "refused")
HEADER = 4096
"""Bytes at either end of a film in which half of all flips fall: where its tables are."""


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged film.

    Attributes:
        seed: says everything about it.
        film: the name of the whole one.
        how: "flips", "cut" or "splice".
        data: its bytes.
    """

    seed: int
    film: str
    how: str
    data: bytes


def case(seed: int, films: dict[str, bytes]) -> Case:
    """The film that belongs to a seed."""
    chance = random.Random(seed)
    film = chance.choice(sorted(films))
    how = chance.choice(sorted(DAMAGES))
    return Case(seed, film, how, DAMAGES[how](films[film], chance, films))


def _flips(data: bytes, chance: random.Random, _: dict[str, bytes]) -> bytes:
    """Up to 400 bytes are other ones."""
    damaged = bytearray(data)
    for _number in range(int(10 ** chance.uniform(0, 2.6))):
        place = chance.randrange(len(data)) if chance.random() < 0.5 else chance.randrange(HEADER)
        damaged[place if chance.random() < 0.5 else -1 - place] = chance.randrange(256)
    return bytes(damaged)


def _cut(data: bytes, chance: random.Random, _: dict[str, bytes]) -> bytes:
    """The end is missing, or a part in the middle."""
    start = chance.randrange(len(data))
    return data[:start] if chance.random() < 0.5 else data[:start] + data[start + chance.randrange(len(data) // 4) :]


def _splice(data: bytes, chance: random.Random, films: dict[str, bytes]) -> bytes:
    """A part of this or another film stands in the middle, in place of what was there or beside it."""
    other = films[chance.choice(sorted(films))]
    start, length = chance.randrange(len(other)), chance.randrange(1, len(other) // 4)
    at = chance.randrange(len(data))
    return data[:at] + other[start : start + length] + data[at + length * chance.randrange(2) :]


DAMAGES = {"flips": _flips, "cut": _cut, "splice": _splice}


def beginnings() -> dict[str, bytes]:
    """The whole films by name."""
    return {name: (VIDEOS / name).read_bytes() for name in FILMS}


def endings(seeds: range, every: int = 10, limits: Limits | None = None) -> Iterator[tuple[Case, Ended, list[str]]]:
    """Each case, how its run ended, and what it left in the folder of results."""
    preload(NEEDED)
    films = beginnings()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            damaged, output = case(seed, films), Path(folder) / "results"
            path = Path(folder) / damaged.film
            path.write_bytes(damaged.data)
            options = ["--no-video", "--no-chart", "--overwrite", "--every", str(every), "-o", str(output)]
            ended = forked(["process", str(path), *options], Path(folder) / "log", limits)
            left = sorted(file.name for file in output.iterdir()) if output.exists() else []
            shutil.rmtree(output, ignore_errors=True)
            yield damaged, ended, left


def fault(damaged: Case, ended: Ended, left: list[str]) -> str:
    """What is wrong with an ending, "" for nothing."""
    stem = Path(damaged.film).stem
    expected = [] if ended.verdict == "refused" else [f"{stem}.faces.csv", f"{stem}.summary.json"]
    if ended.verdict not in GOOD:
        return f"{ended.verdict} (status {ended.status}): {ended.said[-2000:]}"
    return "" if left == expected else f"left {left}"


def main() -> int:
    """Runs the long form and prints its counts; status 1 where any run went wrong."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=2000)
    options.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = options.parse_args()
    verdicts, by_kind, faults, start = Counter[str](), Counter[str](), 0, monotonic()
    slowest = 0.0
    for damaged, ended, left in endings(range(chosen.first, chosen.first + chosen.count)):
        verdicts[ended.verdict] += 1
        by_kind[f"{damaged.how} {damaged.film.rpartition('.')[2]}: {ended.verdict}"] += 1
        slowest = max(slowest, ended.seconds)
        if wrong := fault(damaged, ended, left):
            faults += 1
            print(f"seed {damaged.seed} ({damaged.how} of {damaged.film}): {wrong}", file=sys.stderr, flush=True)
    print(f"{chosen.count} damaged films in {monotonic() - start:.0f} s, the slowest {slowest:.1f} s")
    print(", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common()), f"— {faults} faults")
    for kind, count in sorted(by_kind.items()):
        print(f"  {kind} {count}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
