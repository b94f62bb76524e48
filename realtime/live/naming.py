"""Names by number for what is kept of one folder, though several programs keep there at once.

    emoscope-0001.png, .clean.png, .json    emoscope-0002.mp4    .emoscope-0003.mp4.part    .emoscope-0004.taken
    └──────────────────────────── numbers that are gone ──────────────────────────────────────────────────────┘

A number is taken by a file that only one program can create. Once that is there the folder is looked at again: before,
another program may have taken this number, written its files and be done.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import unwritten

NAME = "emoscope-{number:04}"
NAMED = re.compile(r"\.?emoscope-([0-9]{4,})\.")
"""What has a number: files that are whole, and hidden ones that are only being written."""


@contextmanager
def next_name(folder: Path) -> Iterator[str]:
    """The name after the highest number in a folder, nobody else's while the body runs.

    When it ends, a file of that name must be there, or its draft `.NAME.*`; else the number is free again.

    Args:
        folder: made where it is missing.

    Raises:
        ResultError: the folder cannot be written to.
    """
    try:
        mark, name = _taken(folder)
    except OSError as error:
        raise unwritten(folder, error) from None
    try:
        yield name
    finally:
        with suppress(OSError):
            mark.unlink()


def _taken(folder: Path) -> tuple[Path, str]:
    """The file that takes a number, and the name that goes by it."""
    folder.mkdir(parents=True, exist_ok=True)
    number = max(_numbers(folder), default=0)
    while True:
        number += 1
        name = NAME.format(number=number)
        mark = folder / f".{name}.taken"
        try:
            mark.touch(exist_ok=False)
        except FileExistsError:
            continue
        if number not in _numbers(folder, mark.name):
            return mark, name
        mark.unlink()


def _numbers(folder: Path, but: str = "") -> set[int]:
    """All numbers that files in a folder have, but for one of them."""
    with os.scandir(folder) as entries:
        found = (NAMED.match(entry.name) for entry in entries if entry.name != but)
        return {int(match[1]) for match in found if match is not None}
