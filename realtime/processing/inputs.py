"""The inputs of a run: files as named, the recordings and pictures of folders, and what patterns match."""

from __future__ import annotations

import os
from collections.abc import Iterable
from glob import glob, has_magic
from pathlib import Path

from ..errors import SourceError
from ..media.apng import is_animation
from .results import is_result

PICTURE_KINDS = "avif bmp jp2 jpeg jpg pbm pgm png ppm tif tiff webp"
FILM_KINDS = (
    "3g2 3gp asf avi dv f4v flv gif h264 h265 hevc ivf m2ts m4v mjpeg mjpg mkv mov mp4 mpeg mpg"
    " mts mxf nut ogm ogv qt rm rmvb ts vob webm wmv y4m"
)
PICTURES = frozenset(f".{kind}" for kind in PICTURE_KINDS.split())
FILMS = frozenset(f".{kind}" for kind in FILM_KINDS.split())
"""What is taken from a folder; a file that is named is tried whatever its suffix."""


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


def is_picture(path: Path) -> bool:
    """Whether a file's name says that it is a single picture, and nothing in it that it moves."""
    return path.suffix.lower() in PICTURES and not is_animation(path)


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
    return path.is_file() and path.suffix.lower() in PICTURES | FILMS and not is_result(path)


def _filled(paths: list[Path], argument: str) -> list[Path]:
    if not paths:
        raise SourceError(f"{argument}: holds no recording and no picture: name another folder or pattern")
    return paths
