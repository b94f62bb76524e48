"""The inputs of a run: files as named, the recordings and pictures of folders, and what patterns match.

They are read as they are needed, a folder at a time, so that a list of a million begins as soon as one of ten.
"""

from __future__ import annotations

import io
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from glob import has_magic, iglob
from itertools import chain
from pathlib import Path
from typing import TextIO, cast

from ..errors import SourceError, printable
from ..media.kinds import KNOWN, is_left_behind, is_ours, told_unread
from ..media.numbered import is_numbered, name_of
from ..media.tape import STANDARD_INPUT
from ..system.address import ServerPath, is_address, place_of, require_bucket
from ..system.texts import HEAD_BYTES, encoding_of, no_text, open_text
from .record import path_of
from .results import is_result

BLOCK = 1 << 16
"""Characters of a list that are read at once."""
KEPT = "surrogateescape"
"""What becomes of bytes of a name that are no text: they stay what they are."""
FOLDERS = 16
"""Of which what was asked is kept."""


@dataclass(frozen=True, slots=True)
class Input:
    """A recording or picture that was found. Paths are text: a million of them are listed, and few are looked into.

    Attributes:
        given: the file's path, as it was named or found.
        place: the folder it stands in, below the folder that was named; "" for that one.
        name: with which its results' names begin; "" for the file's own without its suffix.
    """

    given: str
    place: str = ""
    name: str = ""

    @property
    def path(self) -> Path:
        """The file."""
        return place_of(self.given)

    @property
    def below(self) -> Path:
        """The folder it stands in, below the folder that was named."""
        return Path(self.place)


def expand(arguments: Iterable[str], recursive: bool = False) -> list[Input]:
    """All inputs, in order and once each; see `stream`."""
    named = Named()
    return [one for _, one in stream(arguments, recursive) if named.first(one)]


def stream(arguments: Iterable[str], recursive: bool = False, named: bool = True) -> Iterator[tuple[str, Input]]:
    """All inputs in order, each after its full path; results of earlier runs are left out.

    Where files of one folder differ in nothing but their suffix, as a telephone's IMG_1.JPG and IMG_1.MOV do, their
    results are named by the whole name.

    Args:
        recursive: whether folders are searched with all that is below them.
        named: whether anything will be named after the inputs.

    Raises:
        SourceError: a folder or pattern holds nothing that could be processed.
    """
    result, found, folders = None, False, _Folders()
    for one in (one for argument in arguments for one in _found(argument, recursive)):
        if is_result(one.given):
            result = result or one.given
            continue
        found = True
        twin = named and not one.name and folders.has_twin(one.path)
        yield folders.full(one.given), (replace(one, name=one.path.name) if twin else one)
    if result and not found:
        raise SourceError(f"{result} is a result of EmoScope itself: give the recording that it was made from")


class Named:
    """Inputs that were named before, in a few bytes each; a link of another name has results of its own."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._real = lru_cache(FOLDERS)(os.path.realpath)

    def first(self, one: Input) -> bool:
        """Whether an input comes for the first time; notes it."""
        folder, name = os.path.split(one.given)
        number = hash((self._real(folder), name))
        if number in self._seen:
            return False
        self._seen.add(number)
        return True


class _Folders:
    """What is asked of the folders that inputs stand in, once each."""

    def __init__(self) -> None:
        self._real = lru_cache(FOLDERS)(os.path.realpath)
        self._stems = lru_cache(FOLDERS)(_stems)

    def full(self, given: str) -> str:
        """As `path_of`, which takes four times as long."""
        if is_address(given):
            return path_of(place_of(given))
        folder, name = os.path.split(given)
        full = os.path.join(self._real(folder), name)  # noqa: PTH118
        return path_of(Path(given)) if os.path.islink(full) else printable(full)  # noqa: PTH114

    def has_twin(self, path: Path) -> bool:
        """Whether another recording or picture beside it differs in nothing but its suffix."""
        return self._stems(path.parent)[path.stem] > 1


def _stems(folder: Path) -> Counter[str]:
    """How many recordings and pictures of a folder share a name but for the suffix."""
    try:
        if isinstance(folder, ServerPath):
            return Counter(file.stem for file in folder.files() if _is_wanted(file))
        return Counter(file.stem for file in folder.iterdir() if _fits(file))
    except OSError:
        return Counter()


def names_in(listing: Path) -> Iterator[str]:
    """The inputs that a text file names, one a line or with a zero byte behind each; `-` is standard input.

    It is read as it comes, as UTF-8, or as UTF-16 as Windows writes it.

    Raises:
        SourceError: it cannot be read, or names nothing.
    """
    found = False
    try:
        with _opened(listing) as file:
            for line in _lines(file):
                if line.strip():
                    found = True
                    yield line
    except OSError as error:
        raise SourceError(f"{listing}: cannot be read ({error.strerror})") from None
    except UnicodeError as error:
        raise SourceError(no_text(listing, error)) from None
    if not found:
        raise SourceError(f"{listing}: names no input: write one path on each line")


@contextmanager
def _opened(listing: Path) -> Iterator[TextIO]:
    if str(listing) != "-":
        with open_text(listing, KEPT) as text:
            yield text
    elif sys.stdin is None:
        raise SourceError(f"{listing}: there is no standard input")
    else:
        file = cast(io.BufferedReader, sys.stdin.buffer)
        text = io.TextIOWrapper(file, encoding_of(file.peek(HEAD_BYTES), sys.stdin.encoding), KEPT, newline="")
        try:
            yield text
        finally:
            text.detach()  # it is not ours to close


def _lines(file: TextIO) -> Iterator[str]:
    """What stands between line ends, or between zero bytes where the file begins with one of these."""
    rest = file.read(BLOCK)
    end = "\0" if "\0" in rest else "\n"
    while block := file.read(BLOCK):
        *lines, rest = rest.split(end)
        yield from (line.removesuffix("\r") for line in lines)
        rest += block
    yield from (line.removesuffix("\r") for line in rest.split(end))


def left_out(arguments: Iterable[str], recursive: bool = False, results: Path | None = None) -> list[str]:
    """One line for each folder among the inputs that holds more than is read of it: what, and how much; and one for
    each folder below it that cannot be read.

    Args:
        recursive: see `expand`.
        results: the folder for results, which may stand among the inputs and is no news.
    """
    told, refused = list[str](), list[OSError]()
    for folder in (Path(argument) for argument in arguments):
        try:
            unread = (
                [path for path in _held(folder, recursive, refused) if _is_unread(path) and path != results]
                if folder.is_dir()
                else []
            )
        except OSError:  # `expand` says it
            continue
        if line := told_unread(unread, "picture or film"):
            told.append(f"{folder}: {line}")
    closed = {str(error.filename): error.strerror for error in refused}
    return told + [f"{folder}: cannot be read ({why}): what it holds is left out" for folder, why in closed.items()]


def _held(folder: Path, recursive: bool, refused: list[OSError]) -> Iterator[Path]:
    """What a folder holds; with all that is below it, the folders themselves are no news, but for what `refused` gets:
    those that cannot be read."""
    if not recursive:
        yield from folder.iterdir()
        return
    for place, _, names in os.walk(folder, onerror=refused.append):
        yield from (path for name in names if (path := Path(place, name)).is_file())


def _is_unread(path: Path) -> bool:
    return not (_fits(path) or is_left_behind(path) or is_ours(path))


def _found(argument: str, recursive: bool) -> Iterator[Input]:
    try:
        yield from _expanded(argument, recursive)
    except OSError as error:
        raise SourceError(f"{argument}: cannot be read ({error.strerror})") from None


def _expanded(argument: str, recursive: bool) -> Iterable[Input]:
    if not argument:
        raise SourceError("an input has no name: is a variable of the shell empty?")
    if _is_known(argument) and os.path.isfile(argument):  # noqa: PTH113
        return (Input(argument),)
    path = place_of(argument)
    if isinstance(path, ServerPath):
        return _on_server(path, argument, recursive)
    if path == STANDARD_INPUT:
        return [Input(argument, name="standard-input")]
    if is_numbered(path):
        return [Input(argument, name=name_of(path))]
    if path.is_dir():
        files = (Input(str(file), _below(file, path)) for file in _walk(path, recursive))
        return _filled(files, argument, recursive)
    if not path.exists() and has_magic(argument):
        matches = (Path(name) for name in iglob(argument, recursive=True))  # noqa: PTH207 (patterns may be absolute)
        return _filled((Input(str(file)) for file in sorted(file for file in matches if _fits(file))), argument, True)
    return [Input(str(path))]


def _on_server(address: ServerPath, argument: str, recursive: bool) -> Iterable[Input]:
    """What an address stands for; of a film that is named only the bucket is asked for before its turn comes."""
    require_bucket(address)
    if has_magic(argument):
        return _filled((Input(str(one)) for one in address.matches() if _is_wanted(one)), argument, True)
    if not _is_known(argument) and address.is_dir():
        files = (one for one in address.files(recursive) if _is_wanted(one))
        return _filled((Input(str(one), _below(one, address)) for one in files), argument, recursive)
    return [Input(argument)]


def _is_known(given: str) -> bool:
    """Whether a name is that of a recording or picture, and stands for nothing else."""
    return "%" not in given and os.path.splitext(given)[1].lower() in KNOWN  # noqa: PTH122


def _below(file: Path, folder: Path) -> str:
    place = file.parent.relative_to(folder)
    return "" if place == Path() else place.as_posix()


def _walk(folder: Path, recursive: bool) -> Iterator[Path]:
    """The recordings and pictures of a folder in the order of their paths, holding one folder's names at a time."""
    with os.scandir(folder) as entries:
        names = sorted((entry.name, recursive and entry.is_dir(follow_symlinks=False)) for entry in entries)
    for name, is_folder in names:
        path = folder / name
        if is_folder:
            with suppress(PermissionError):  # `left_out` says it
                yield from _walk(path, recursive)
        elif _fits(path):
            yield path


def _fits(path: Path) -> bool:
    return _is_wanted(path) and path.is_file()


def _is_wanted(path: Path) -> bool:
    """Whether a name is that of a recording or picture, and none of our results'."""
    return path.suffix.lower() in KNOWN and not (is_left_behind(path) or is_ours(path))


def _filled(found: Iterator[Input], argument: str, recursive: bool) -> Iterator[Input]:
    first = next(found, None)
    if first is None:
        cure = "name another folder or pattern" if recursive else "name another, or --recursive for those below it"
        raise SourceError(f"{argument}: holds no recording and no picture: {cure}")
    return chain((first,), found)
