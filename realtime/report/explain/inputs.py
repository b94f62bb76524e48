"""The pictures that a command was given, and where the results of each go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...errors import EmoscopeError, SourceError
from ...media.kinds import is_picture


@dataclass(frozen=True, slots=True)
class Job:
    """One picture, and the path that the names of its results begin with."""

    photo: Path
    stem: Path

    def figure(self, number: int, kind: str) -> Path:
        """The figure of a face."""
        return self.stem.with_name(f"{self.stem.name}.explain-{number}.{kind}")


def plan_jobs(inputs: Iterable[Path], output: Path | None) -> list[Job]:
    """A job per picture; a folder stands for the pictures in it.

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


def _photos(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    photos = sorted(path for path in given.iterdir() if is_picture(path) and ".explain-" not in path.name)
    if not photos:
        raise SourceError(f"{given}: holds no pictures: name another folder, or the files themselves")
    return photos
