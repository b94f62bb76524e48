"""Files that appear whole or not at all, though the disk fills up or the program is ended in between.

atomic_write(path, "text")
with atomic_file(path) as draft:
    model.save(draft)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ResultError, unwritten


@contextmanager
def atomic_file(path: Path, cure: str = "") -> Iterator[Path]:
    """A path beside `path` to write to, with its suffix; it gets the name when the body has ended without an error.

    Args:
        path: of the file; its folder is made where it is missing.
        cure: what to do where it cannot be written, for the error's line.

    Raises:
        ResultError: it cannot be written; what was there is still there.
    """
    draft = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        draft.replace(path)
    except OSError as error:
        raise ResultError(f"{unwritten(path, error)}{cure and f': {cure}'}") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def atomic_write(path: Path, content: str | bytes, cure: str = "") -> None:
    """Writes a file, text as UTF-8; see `atomic_file`."""
    with atomic_file(path, cure) as draft:
        draft.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
