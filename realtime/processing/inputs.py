"""The inputs of a run: files as named, the recordings and pictures of folders, and what patterns match."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path

from ..errors import SourceError
from ..media.kinds import FILMS, PICTURES, is_left_behind, is_ours, told_unread
from ..media.numbered import is_numbered, name_of
from ..media.tape import STANDARD_INPUT
from .results import is_result


@dataclass(frozen=True, slots=True)
class Input:
    """A recording or picture that was found.

    Attributes:
        path: the file.
        below: the folder it stands in, below the folder that was named.
        name: with which its results' names begin; "" for the file's own without its suffix.
    """

    path: Path
    below: Path = Path()
    name: str = ""


def expand(arguments: Iterable[str], recursive: bool = False) -> list[Input]:
    """All inputs, in order and once each; results of earlier runs are left out.

    Where files of one folder differ in nothing but their suffix, as a telephone's IMG_1.JPG and IMG_1.MOV do, their
    results are named by the whole name.

    Args:
        recursive: whether folders are searched with all that is below them.

    Raises:
        SourceError: a folder or pattern holds nothing that could be processed.
    """
    found = [one for argument in arguments for one in _found(argument, recursive)]
    unique = {os.path.realpath(one.path): one for one in found if not is_result(one.path)}
    if not unique:
        raise SourceError(f"{found[0].path} is a result of EmoScope itself: give the recording that it was made from")
    twins = _Twins()
    return [
        replace(one, name=one.path.name) if not one.name and twins.has(one.path) else one for one in unique.values()
    ]


class _Twins:
    """Knows which files have another beside them that differs in nothing but its suffix; reads each folder once."""

    def __init__(self) -> None:
        self._counts: dict[Path, Counter[str]] = {}

    def has(self, path: Path) -> bool:
        if path.parent not in self._counts:
            self._counts[path.parent] = self._counted(path.parent)
        return self._counts[path.parent][path.stem] > 1

    def _counted(self, folder: Path) -> Counter[str]:
        try:
            return Counter(file.stem for file in folder.iterdir() if _fits(file))
        except OSError:
            return Counter()


def paths_in(listing: Path) -> list[str]:
    """The inputs that a text file names, one a line; `-` is standard input.

    Raises:
        SourceError: it cannot be read, or names nothing.
    """
    try:
        text = sys.stdin.read() if str(listing) == "-" else listing.read_text("utf-8", "surrogateescape")
    except OSError as error:
        raise SourceError(f"{listing}: cannot be read ({error.strerror})") from None
    names = [line for line in (text.split("\0") if "\0" in text else text.splitlines()) if line.strip()]
    if not names:
        raise SourceError(f"{listing}: names no input: write one path on each line")
    return names


def left_out(arguments: Iterable[str], recursive: bool = False, results: Path | None = None) -> list[str]:
    """One line for each folder among the inputs that holds more than is read of it: what, and how much.

    Args:
        recursive: see `expand`.
        results: the folder for results, which may stand among the inputs and is no news.
    """
    told = []
    for folder in (Path(argument) for argument in arguments):
        try:
            unread = (
                [path for path in _held(folder, recursive) if _is_unread(path) and path != results]
                if folder.is_dir()
                else []
            )
        except OSError:  # `expand` says it
            continue
        if line := told_unread(unread, "picture or film"):
            told.append(f"{folder}: {line}")
    return told


def _held(folder: Path, recursive: bool) -> Iterable[Path]:
    """What a folder holds; with all that is below it, the folders themselves are no news."""
    return (path for path in folder.rglob("*") if path.is_file()) if recursive else folder.iterdir()


def _is_unread(path: Path) -> bool:
    return not (_fits(path) or is_left_behind(path) or is_ours(path))


def _found(argument: str, recursive: bool) -> list[Input]:
    try:
        return _expanded(argument, recursive)
    except OSError as error:
        raise SourceError(f"{argument}: cannot be read ({error.strerror})") from None


def _expanded(argument: str, recursive: bool) -> list[Input]:
    if not argument:
        raise SourceError("an input has no name: is a variable of the shell empty?")
    path = Path(argument)
    if path == STANDARD_INPUT:
        return [Input(path, name="standard-input")]
    if is_numbered(path):
        return [Input(path, name=name_of(path))]
    if path.is_dir():
        files = sorted(file for file in (path.rglob("*") if recursive else path.iterdir()) if _fits(file))
        return _filled([Input(file, file.parent.relative_to(path)) for file in files], argument, recursive)
    if not path.exists() and has_magic(argument):
        matches = (Path(name) for name in glob(argument, recursive=True))  # noqa: PTH207 (patterns may be absolute)
        return _filled([Input(file) for file in sorted(file for file in matches if _fits(file))], argument, True)
    return [Input(path)]


def _fits(path: Path) -> bool:
    known = path.suffix.lower() in PICTURES | FILMS and not is_left_behind(path)
    return known and path.is_file() and not is_result(path)


def _filled(found: list[Input], argument: str, recursive: bool) -> list[Input]:
    if not found:
        cure = "name another folder or pattern" if recursive else "name another, or --recursive for those below it"
        raise SourceError(f"{argument}: holds no recording and no picture: {cure}")
    return found
