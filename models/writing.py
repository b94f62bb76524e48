"""One clear line where something cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emoscope.errors import ResultError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the operating system says against writing `path` into a ResultError."""
    try:
        yield
    except OSError as error:
        raise ResultError(f"{path}: cannot be written ({error.strerror or error})") from None
