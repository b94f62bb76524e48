"""The inputs of a run: files as named, the recordings and pictures of folders, and what patterns match."""

from __future__ import annotations

import os
from collections.abc import Iterable
from glob import glob, has_magic
from pathlib import Path

from ..errors import SourceError
from ..media.kinds import FILMS, PICTURES, is_left_behind, is_ours, is_picture, told_unread
from .results import is_result

__all__ = ["expand", "is_picture", "left_out"]


def expand(arguments: Iterable[str]) -> list[Path]:
    """All inputs, in order and once each; results of earlier runs are left out.

    Raises:
        SourceError: a folder or pattern holds nothing that could be processed.
    """
    found = [path for argument in arguments for path in _found(argument)]
    unique = {os.path.realpath(path): path for path in found if not is_result(path)}
    if not unique:
        raise SourceError(f"{found[0]} is a result of EmoScope itself: give the recording that it was made from")
    return list(unique.values())


def left_out(arguments: Iterable[str]) -> list[str]:
    """One line for each folder among the inputs that holds more than is read of it: what, and how much."""
    told = []
    for folder in (Path(argument) for argument in arguments):
        try:
            unread = [path for path in folder.iterdir() if _is_unread(path)] if folder.is_dir() else []
        except OSError:  # `expand` says it
            continue
        if line := told_unread(unread, "picture or film"):
            told.append(f"{folder}: {line}")
    return told


def _is_unread(path: Path) -> bool:
    return not (_fits(path) or is_left_behind(path) or is_ours(path))


def _found(argument: str) -> list[Path]:
    try:
        return _expanded(argument)
    except OSError as error:
        raise SourceError(f"{argument}: cannot be read ({error.strerror})") from None


def _expanded(argument: str) -> list[Path]:
    if not argument:
        raise SourceError("an input has no name: is a variable of the shell empty?")
    path = Path(argument)
    if path.is_dir():
        return _filled(sorted(file for file in path.iterdir() if _fits(file)), argument)
    if not path.exists() and has_magic(argument):
        matches = (Path(name) for name in glob(argument, recursive=True))  # noqa: PTH207 (patterns may be absolute)
        return _filled(sorted(file for file in matches if _fits(file)), argument)
    return [path]


def _fits(path: Path) -> bool:
    known = path.suffix.lower() in PICTURES | FILMS and not is_left_behind(path)
    return known and path.is_file() and not is_result(path)


def _filled(paths: list[Path], argument: str) -> list[Path]:
    if not paths:
        raise SourceError(f"{argument}: holds no recording and no picture: name another folder or pattern")
    return paths
