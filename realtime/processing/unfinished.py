"""What an unfinished run keeps of a film, so that what is done need not be done again: a hidden folder beside it.

    .NAME.emoscope.work/
        made.json        what makes the film; what was begun otherwise is not gone on with
        00000.npz        the rows of a section, what the next one is told, where its packets lie
        00000.film       its packets of pictures
        00001.look.npz   what was seen in a section that is not drawn yet

Each file appears whole. The folder is removed when the results have their names. It holds rows, pictures as they are in
the new film, and the few hundred numbers each by which people are known again in a later section.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..errors import ResultError, unwritten
from ..faces.appearance import Appearance, Colours
from ..media.packets import Coded, PacketFile
from ..reading.session import Memory
from ..reading.smoothing import Remembered, Said
from ..system.atomic import atomic_file, atomic_write
from ..types import Face, Floats, Prediction, Reading
from .places import Way
from .sections import Handover, Looks, Sight

NOWHERE = (0.0, 0.0, 0.0, 0.0)
NO_CROP = np.zeros((0, 0), np.uint8)
TAKEN, HERE, BEFORE = 0, 1, 2
"""Kinds of looks in the file of a section."""
FACE = 9
"""Numbers that a face has: box, eyes, score."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame that was looked at, without its picture.

    Attributes:
        index: its number in the film.
        time_s: its time, in seconds.
        pts: the same in ticks of the source.
        readings: of each face.
    """

    index: int
    time_s: float
    pts: int
    readings: tuple[Reading, ...]


@dataclass(slots=True)
class SectionDone:
    """All that is kept of a section.

    Attributes:
        frames: that were looked at.
        pictures: how many frames it has.
        told: what the next section is told.
        lead: who was where in the second before the section, where that is not joined yet.
        looks: the first at each person, in order: time of the frame in ticks, the finder's number, the look.
        galleries: what everybody looks like at the end, by the finder's numbers.
        regular: whether the film up to its end could have been begun anywhere.
        last: whether the film ends with it.
        coded: its packets.
    """

    frames: list[Looked] = field(default_factory=list)
    pictures: int = 0
    told: Handover = field(default_factory=Handover)
    lead: list[Sight] = field(default_factory=list)
    looks: list[tuple[int, int, Appearance]] = field(default_factory=list)
    galleries: dict[int, Looks] = field(default_factory=dict)
    regular: bool = True
    last: bool = False
    coded: Coded = field(default_factory=Coded)


class Unfinished:
    """The folder of one film; a context manager that removes it where it holds nothing that could be gone on with.

    Args:
        folder: where it is, or will be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, made: Mapping[str, Any], resume: bool) -> bool:
        """Makes the folder, empty unless it is to be gone on with and holds what is made in the same way.

        Returns:
            Whether something else was in the way, and is gone.

        Raises:
            ResultError: it cannot be written.
        """
        text = json.dumps(made, sort_keys=True, default=str)
        before = self._made()
        kept = resume and before == text
        if not kept:
            self.remove()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritten(self.folder, error) from None
        atomic_write(self.folder / "made.json", text)
        return resume and before is not None and not kept

    def is_done(self, number: int) -> bool:
        """Whether a section is done."""
        return self.file(number, ".npz").exists()

    def file(self, number: int, suffix: str) -> Path:
        """A file of a section."""
        return self.folder / f"{number:05}{suffix}"

    def film(self, number: int) -> Path:
        """The packets of a section."""
        return self.file(number, ".film")

    def write(self, number: int) -> PacketFile:
        """Begins the packets of a section, under a name that nobody else writes to."""
        return PacketFile(self.file(number, f".{secrets.token_hex(4)}.part"))

    def keep(self, number: int, section: SectionDone, suffix: str = ".npz", packets: Path | None = None) -> None:
        """Writes what is known of a section; it counts as done from then on.

        Args:
            number: of the section.
            section: what is known of it.
            suffix: LOOK where it has only been looked at.
            packets: where its packets were written.

        Raises:
            ResultError: it cannot be written.
        """
        if not self.folder.is_dir():  # who puts the film together has done it without this section's maker
            raise ResultError(f"{self.folder}: is gone")
        if packets is not None:
            try:
                packets.replace(self.film(number))
            except OSError as error:
                raise unwritten(packets, error) from None
        with atomic_file(self.file(number, suffix)) as draft, draft.open("wb") as file:
            np.savez(file, **_arrays(section))

    def section(self, number: int, labels: Sequence[str], suffix: str = ".npz") -> SectionDone:
        """What was kept of a section.

        Raises:
            ResultError: it cannot be read.
        """
        path = self.file(number, suffix)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                section = _section(dict(arrays), tuple(labels))
            size = sum(row[-1] for row in section.coded.rows)
            if size and self.film(number).stat().st_size != size:
                raise ValueError("its packets are not whole")
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ResultError(f"{path}: cannot be read ({error}): remove {self.folder} and begin anew") from None
        return section

    def remove(self) -> None:
        """Removes the folder; what cannot be removed stays."""
        with suppress(OSError):
            shutil.rmtree(self.folder)

    def rests(self, look: Callable[[], dict[int, Floats]]) -> dict[int, Floats]:
        """What is typical of each face: as it was kept, else as a look at the film tells, which is then kept."""
        path = self.folder / "rests.npz"
        with suppress(OSError, ValueError), np.load(path, allow_pickle=False) as kept:
            return {int(track): rest for track, rest in kept.items()}
        found = look()
        with atomic_file(path) as draft, draft.open("wb") as file:
            arrays: dict[str, Any] = {str(track): rest for track, rest in found.items()}
            np.savez(file, **arrays)
        return found

    def __enter__(self) -> Unfinished:
        return self

    def __exit__(self, *_: object) -> None:
        if not any(self.folder.glob("*.npz")):
            self.remove()

    def _made(self) -> str | None:
        try:
            return (self.folder / "made.json").read_text("utf-8")
        except (OSError, ValueError):
            return None


def _arrays(section: SectionDone) -> dict[str, Any]:
    readings = [reading for frame in section.frames for reading in frame.readings]
    plain = [reading.plain.probabilities for reading in readings if reading.plain is not None]
    about = {
        "pictures": section.pictures,
        "told": _told(section.told),
        "lead": section.lead,
        "regular": section.regular,
        "last": section.last,
        "numbers": next((list(one.prediction.numbers) for one in readings), []),
    }
    frames = [(one.index, one.pts, len(one.readings)) for one in section.frames]
    return {
        "about": np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8),
        "frames": np.array(frames, np.int64).reshape(-1, 3),
        "times": np.array([one.time_s for one in section.frames], np.float64),
        "faces": np.array([_numbers(one.face) for one in readings], np.float64).reshape(-1, FACE),
        "tracks": np.array([one.face.track for one in readings], np.int64),
        "said": np.array([one.prediction.probabilities for one in readings], np.float32),
        "quality": np.array([_quality(one.prediction) for one in readings], np.float64),
        "numbers": np.array([list(one.prediction.numbers.values()) for one in readings], np.float32),
        "readable": np.array([one.prediction.readable for one in readings], bool),
        "plain": np.array(plain, np.float32),
        "has_plain": np.array([one.plain is not None for one in readings], bool),
        "coded": np.array(section.coded.rows, np.int64).reshape(-1, 5),
        **_look_arrays(section),
    }


def _look_arrays(section: SectionDone) -> dict[str, Any]:
    """All looks, one behind the other: those that were taken first, of each gallery, of everybody seen before."""
    told = section.told.people
    rows = [
        *((TAKEN, pts, track, look) for pts, track, look in section.looks),
        *((HERE, 0, track, look) for track, looks in section.galleries.items() for look in looks),
        *((BEFORE, 0, number, look) for number, looks in told.items() for look in looks),
    ]
    return {
        "whose": np.array([row[:3] for row in rows], np.int64).reshape(-1, 3),
        "textures": np.array([row[3].texture for row in rows], np.float32),
        "lab": np.array([row[3].colours.lab for row in rows], np.float32),
        "inside": np.array([row[3].colours.inside for row in rows], bool),
    }


def _looks(arrays: Mapping[str, Any]) -> tuple[list[tuple[int, int, Appearance]], dict[int, Looks], dict[int, Looks]]:
    taken: list[tuple[int, int, Appearance]] = []
    here, before = dict[int, Looks](), dict[int, Looks]()
    rows = (arrays[name] for name in ("whose", "textures", "lab", "inside"))
    for (kind, pts, number), texture, lab, inside in zip(*rows, strict=True):
        look = Appearance(texture, Colours(lab, inside))
        if kind == TAKEN:
            taken.append((int(pts), int(number), look))
        else:
            galleries = here if kind == HERE else before
            galleries[int(number)] = (*galleries.get(int(number), ()), look)
    return taken, here, before


def _section(arrays: Mapping[str, Any], labels: tuple[str, ...]) -> SectionDone:
    about = json.loads(arrays["about"].tobytes().decode("utf-8"))
    readings, plain = [], iter(arrays["plain"])
    rows = (arrays[name] for name in ("faces", "tracks", "said", "quality", "readable", "numbers", "has_plain"))
    for face, track, said, quality, readable, numbers, has_plain in zip(*rows, strict=True):
        level = None if np.isnan(quality) else float(quality)
        named = dict(zip(about["numbers"], numbers.tolist(), strict=True))
        prediction = Prediction(labels, said, level, bool(readable), named)
        other = replace(prediction, probabilities=next(plain)) if has_plain else None
        readings.append(_reading(_face(face, int(track)), prediction, other))
    frames, at = [], 0
    for (index, pts, count), time_s in zip(arrays["frames"].tolist(), arrays["times"].tolist(), strict=True):
        frames.append(Looked(index, time_s, pts, tuple(readings[at : at + count])))
        at += count
    taken, here, before = _looks(arrays)
    return SectionDone(
        frames,
        about["pictures"],
        replace(_handover(about["told"]), people=before),
        [_sight(one) for one in about["lead"]],
        taken,
        here,
        about["regular"],
        about["last"],
        Coded([tuple(row) for row in arrays["coded"].tolist()]),
    )


def _reading(face: Face, prediction: Prediction, plain: Prediction | None) -> Reading:
    return Reading(face, NOWHERE, NO_CROP, prediction, plain=plain)


def without_pictures(reading: Reading) -> Reading:
    """What a row needs of a reading."""
    return _reading(reading.face, reading.prediction, reading.plain)


def _numbers(face: Face) -> tuple[float, ...]:
    return (*face.box_xyxy, *face.eyes[0], *face.eyes[1], face.score)


def _face(numbers: Floats, track: int) -> Face:
    x0, y0, x1, y1, ax, ay, bx, by, score = (float(number) for number in numbers)
    return Face((x0, y0, x1, y1), ((ax, ay), (bx, by)), score, track)


def _quality(prediction: Prediction) -> float:
    return float("nan") if prediction.quality is None else prediction.quality


def _told(told: Handover) -> dict[str, Any]:
    said = told.memory.said
    tracks = {
        track: (one.probabilities.tolist(), one.index, one.time_s, one.quality) for track, one in said.tracks.items()
    }
    return {
        "number": told.number,
        "last": told.last,
        "tail": [(pts, [(track, [float(edge) for edge in box]) for track, box in faces]) for pts, faces in told.tail],
        "tracks": tracks,
        "said": dict(said.last),
        "subject": told.memory.subject,
        "ways": {track: asdict(way) for track, way in told.ways.items()},
    }


def _handover(raw: Mapping[str, Any]) -> Handover:
    tracks = {
        int(track): Remembered(np.array(probabilities, np.float32), index, time_s, quality)
        for track, (probabilities, index, time_s, quality) in raw["tracks"].items()
    }
    said = Said(tracks, {int(track): index for track, index in raw["said"].items()})
    ways = {
        int(track): Way(**{**way, "first": tuple(way["first"]), "last": tuple(way["last"])})
        for track, way in raw["ways"].items()
    }
    tail = tuple(_sight(one) for one in raw["tail"])
    return Handover(raw["number"], raw["last"], tail, Memory(said, raw["subject"]), ways=ways)


def _sight(raw: Sequence[Any]) -> Sight:
    pts, faces = raw
    return pts, tuple((track, tuple(box)) for track, box in faces)
