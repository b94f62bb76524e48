"""The pictures that a command was given, and where the results of each go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from ...errors import EmoscopeError, ResultError, SourceError
from ...media.kinds import PICTURES, is_left_behind, is_ours, told_unread

LESSON = "lesson"


@dataclass(frozen=True, slots=True)
class Job:
    """One picture, and the path that the names of its results begin with."""

    photo: Path
    stem: Path

    def figure(self, number: int, kind: str) -> Path:
        """The figure of a face."""
        return self.stem.with_name(f"{self.stem.name}.explain-{number}.{kind}")

    def lesson(self, number: int) -> Path:
        """The lesson about a face."""
        return self.stem.with_name(f"{self.stem.name}.lesson-{number}.html")

    def existing(self, kind: str) -> list[Path]:
        """Figures of a kind ("png", …), or lessons ("lesson"), that are there from before."""
        name = "lesson-*.html" if kind == LESSON else f"explain-*.{kind}"
        return sorted(self.stem.parent.glob(f"{escape(self.stem.name)}.{name}"))


def plan_jobs(inputs: Iterable[Path], output: Path | None) -> list[Job]:
    """A job per picture; a folder stands for the pictures in it, but for what EmoScope made.

    Args:
        inputs: files and folders.
        output: folder for all results, or None for beside each picture.

    Raises:
        SourceError: a folder holds no pictures.
        EmoscopeError: the results of two pictures would have one name.
    """
    photos = dict.fromkeys(photo for given in inputs for photo in _photos(given))
    jobs: dict[Path, Job] = {}
    for photo in photos:
        job = Job(photo, (output or photo.parent) / photo.stem)
        if job.stem in jobs:
            cure = "rename one of them" if jobs[job.stem].photo.parent == photo.parent else "use two -o folders"
            raise EmoscopeError(f"{jobs[job.stem].photo} and {photo} would give results of one name: {cure}")
        jobs[job.stem] = job
    return list(jobs.values())


def require_room(paths: Iterable[Path]) -> None:
    """Raises ResultError where results are there already: nothing is replaced that nobody asked for."""
    there = [path for path in paths if path.exists()]
    if there:
        told = f" and {len(there) - 1} more exist" if len(there) > 1 else " exists"
        raise ResultError(f"{there[0]}{told} already: --overwrite does it again, another -o keeps both")


def _photos(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    photos = sorted(path for path in given.iterdir() if _fits(path))
    if not photos:
        raise SourceError(f"{given}: holds no pictures: name another folder, or the files themselves")
    return photos


def left_out(inputs: Iterable[Path]) -> list[str]:
    """One line for each folder that holds more than its pictures and our results: what, and how much."""
    told = []
    for folder in (given for given in inputs if given.is_dir()):
        unread = [path for path in folder.iterdir() if not (_fits(path) or is_left_behind(path) or is_ours(path))]
        if line := told_unread(unread, "picture"):
            told.append(f"{folder}: {line}")
    return told


def _fits(path: Path) -> bool:
    return path.suffix.lower() in PICTURES and not (is_left_behind(path) or is_ours(path))
