"""Files that appear whole or not at all, and one clear line where they cannot be written."""

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


def write_text(path: Path, text: str) -> None:
    """Writes a file under another name first, then gives it its own.

    Raises:
        ResultError: it cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    with writing(path):
        partial.write_text(text, "utf-8")
        partial.replace(path)
