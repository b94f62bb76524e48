"""Folders and files, on the disk or in a .zip archive as it was downloaded, read in the same way."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from emoscope.errors import DataError
from emoscope.media.kinds import is_left_behind

OF_MACOS = "__MACOSX"
"""What macOS adds to archives beside what was put into them."""


Tree = dict[PurePosixPath, dict[PurePosixPath, None]]
"""Folder → what is in it; a dictionary's keys, since an archive may name a place twice."""


class Node(Protocol):
    """A folder or a file; `str` of it says where it is."""

    @property
    def name(self) -> str:
        """Without the folders above it."""
        ...

    def is_folder(self) -> bool:
        """Whether it is a folder."""
        ...

    def inside(self) -> Sequence[Node]:
        """What is in a folder, by name; without what is hidden or left behind by the system."""
        ...

    def open(self) -> IO[bytes]:
        """A file, to be read from its beginning."""
        ...


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A folder or file on the disk."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """See `Node.name`."""
        return self.path.name

    def is_folder(self) -> bool:
        """See `Node.is_folder`."""
        return self.path.is_dir()

    def inside(self) -> Sequence[Node]:
        """See `Node.inside`."""
        return [OnDisk(path) for path in sorted(self.path.iterdir()) if not _is_nobodys(path)]

    def open(self) -> IO[bytes]:
        """See `Node.open`."""
        return self.path.open("rb")


@dataclass(frozen=True, slots=True)
class InArchive:
    """A folder or file in a .zip archive."""

    archive: zipfile.ZipFile
    place: PurePosixPath
    below: Tree

    def __str__(self) -> str:
        return f"{self.archive.filename}/{self.place}" if self.place.parts else str(self.archive.filename)

    @property
    def name(self) -> str:
        """See `Node.name`."""
        return self.place.name

    def is_folder(self) -> bool:
        """See `Node.is_folder`."""
        return self.place in self.below

    def inside(self) -> Sequence[Node]:
        """See `Node.inside`."""
        return [InArchive(self.archive, place, self.below) for place in sorted(self.below[self.place])]

    def open(self) -> IO[bytes]:
        """See `Node.open`."""
        return self.archive.open(str(self.place))


def opened(path: Path) -> AbstractContextManager[Node]:
    """The folder, or the archive as a folder, until the `with` ends; DataError where it is a damaged archive."""
    return nullcontext(OnDisk(path)) if path.is_dir() else _archive(path)


@contextmanager
def _archive(path: Path) -> Iterator[Node]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{path}: not a whole .zip archive ({error}): download or copy it again") from None
    with archive:
        below: Tree = {PurePosixPath(): {}}
        for info in archive.infolist():
            place = PurePosixPath(info.filename)
            if not any(_is_nobodys(Path(part)) for part in place.parts):
                _enter(place, below)
                if info.is_dir():
                    below.setdefault(place, {})
        yield InArchive(archive, PurePosixPath(), below)


def _enter(place: PurePosixPath, below: Tree) -> None:
    """Adds a place and the folders above it, which an archive need not name."""
    while place.parts and place not in below.get(place.parent, {}):
        below.setdefault(place.parent, {})[place] = None
        place = place.parent


def folders(node: Node) -> list[Node]:
    """The folders in a folder."""
    return [one for one in node.inside() if one.is_folder()]


def files(node: Node, below: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """All files below a folder, each with the names of the folders between and its own."""
    for one in node.inside():
        if one.is_folder():
            yield from files(one, (*below, one.name))
        else:
            yield (*below, one.name), one


def _is_nobodys(path: Path) -> bool:
    return is_left_behind(path) or path.name == OF_MACOS
