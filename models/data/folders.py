"""Reads a folder tree of pictures, on the disk or in a .zip archive as it was downloaded.

    DATA/train/EMOTION/*.jpg  DATA/test/EMOTION/*.jpg       or       DATA/EMOTION/*.jpg       or       DATA/*.jpg

Class folders may be in any case and order, singular or adjective (`Happy`, `happiness`); they may stand in a single
folder below DATA, as in Kaggle's `archive/`. FER2013's official splits stand in its file names (`PublicTest_…`,
`PrivateTest_…`) and win over the folder's name. Without class folders, the file names of JAFFE and KDEF tell the class,
and CK+'s files of labels.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError, ResultError, SourceError
from emoscope.media.further import holds_further
from emoscope.media.kinds import PICTURES
from emoscope.media.memory_file import MemoryFile
from emoscope.media.photo import decode_photo
from emoscope.system.atomic import atomic_write
from emoscope.system.overheard import Overheard

from ..labels import EIGHT, canonical
from .ck import ck_pictures
from .fer_csv import is_fer_csv
from .numbers import Meanings
from .records import OFFICIAL_SPLITS, Record
from .tree import Node, files, folders, opened

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "eval": "validation",
    "test": "test",
    "testing": "test",
    **OFFICIAL_SPLITS,
}
AROUND = re.compile(r"^(fer|ferplus|images|data)|(set|images|data)$")
"""What else the letters of such names have: `FER2013Train`, `test_set`."""
LEARNT = ("", "train")
"""Splits that need every class."""
OURS = frozenset({"contract.json", "survey.json", "compare.png", "summary.csv", "best.json"})
"""Files that our commands write: a folder with one of them is nobody's class, should it lie among those."""
NOTHING: Meanings = {}
WITHOUT = "leave the class out by --classes"
WRITTEN = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"})
"""Suffixes of the formats that pictures are written in."""
READ = PICTURES | {".gif"}
"""Suffixes of files that are read; an animation's first picture."""
NAMED: Mapping[re.Pattern[str], Mapping[str, str]] = {
    re.compile(r"^[A-Z]{2}\.(AN|DI|FE|HA|NE|SA|SU)\d"): {
        "AN": "angry", "DI": "disgust", "FE": "fear", "HA": "happy", "NE": "neutral", "SA": "sad", "SU": "surprise",
    },
    re.compile(r"^[AB][FM]\d{2}(AF|AN|DI|HA|NE|SA|SU)(?:FL|HL|S|HR|FR)\b"): {
        "AF": "fear", "AN": "angry", "DI": "disgust", "HA": "happy", "NE": "neutral", "SA": "sad", "SU": "surprise",
    },
}  # fmt: skip
"""Where the file names of JAFFE and KDEF tell the class, and what their letters mean."""
ENOUGH = 0.9
"""Share of the pictures whose names must follow such a pattern."""
DECODERS = re.compile(
    rb"Corrupt JPEG|Premature end of JPEG|Invalid SOS|Inconsistent progression|Unsupported marker|Unknown Adobe color"
    rb"|Warning: unknown JFIF|libpng (warning|error):|TIFF\w+: "
)
"""How the lines begin that libjpeg, libpng and libtiff write to standard error."""
FLAWED = ("Corrupt JPEG", "Premature end of JPEG", "Invalid SOS", "Inconsistent progression")
"""Those after which some of the pixels are others than they were; the rest is about profiles and comments."""


class Branch(NamedTuple):
    """The pictures of one class in one split.

    Attributes:
        label: the class.
        split: what the folder says of it, or "".
        place: what errors call it.
        pictures: each with its path below the data set's folder.
    """

    label: str
    split: str
    place: str
    pictures: list[tuple[tuple[str, ...], Node]]


def read_folder(root: Path, labels: Sequence[str], complete: bool = True, others: bool = False) -> Iterator[Record]:
    """Yields every picture below `root`, in a stable order.

    Args:
        root: the folder, or a .zip archive.
        labels: of the classes that are known.
        complete: whether every class must have a folder.
        others: whether pictures of other classes are yielded too, under their folder's name.

    Raises:
        DataError: a folder is no known class, a class has no readable pictures, or there are no class folders.
    """
    with opened(root) as node:
        yield from read_tree(descended(node), labels, complete, others)


def read_tree(
    root: Node, labels: Sequence[str], complete: bool, others: bool, meant: Meanings = NOTHING
) -> Iterator[Record]:
    """The pictures of an opened folder that holds the classes; see `read_folder`.

    Args:
        root: the folder.
        labels: of the classes that are known.
        complete: likewise.
        others: likewise.
        meant: what folders that are called by numbers mean.
    """
    branches = list(_branches(root, labels, others, meant))
    for _, part, split in _parts(root):
        there = {branch.label for branch in branches if branch.split == split}
        if not there or (complete and split in LEARNT):
            _require_complete(part, there, labels)
    with Overheard(DECODERS) as decoders:
        for branch in branches:
            needed = complete and branch.split in LEARNT and branch.label in labels
            yield from read_branch(branch, decoders, needed)


def class_names(root: Node, meant: Meanings = NOTHING) -> set[str]:
    """The classes of a folder that holds them: emotions by their usual names, others by their own, in either case."""
    return set({branch.label.lower(): branch.label for branch in _branches(root, EIGHT, True, meant)}.values())


def count_pictures(root: Node) -> int:
    """How many files of pictures there are in the classes."""
    branches = _branches(root, EIGHT, True)
    return sum(suffix(node) in READ for branch in branches for _, node in branch.pictures)


def descended(node: Node) -> Node:
    """The folder below this one that holds the classes: itself, or a single one in which everything is."""
    while True:
        inside = folders(node)
        if len(inside) != 1 or _is_class(inside[0]) or _is_split(inside[0]):
            return node
        if any(suffix(one) in READ or is_fer_csv(one) for one in node.inside() if not one.is_folder()):
            return node  # what else lies beside the folder are notes and lists
        if not any(one.is_folder() or suffix(one) in (".csv", *READ) for one in inside[0].inside()):
            return node
        node = inside[0]


def _branches(root: Node, labels: Sequence[str], others: bool, meant: Meanings = NOTHING) -> Iterator[Branch]:
    if named := ck_pictures(root) or _named(root):
        yield from (Branch(label, "", str(root), pictures) for label, pictures in named.items())
        return
    for above, part, split in _parts(root):
        for folder in folders(part):
            pictures = list(files(folder, (*above, folder.name)))
            ours = any(one.name in OURS for one in folder.inside())
            if ours or not (_is_class(folder, labels) or any(suffix(node) in READ for _, node in pictures)):
                continue  # what a command wrote, or notes
            yield Branch(_label(folder, labels, others, meant), split, str(folder), pictures)


def _parts(root: Node) -> list[tuple[tuple[str, ...], Node, str]]:
    """The folders that hold class folders, each with the path to it and its split: those of splits, or the root."""
    parts: list[tuple[tuple[str, ...], Node, str]] = []
    parts += [((one.name,), one, SPLIT_FOLDERS[plain(one.name)]) for one in folders(root) if _is_split(one)]
    return parts or [((), root, "")]


def _named(root: Node) -> dict[str, list[tuple[tuple[str, ...], Node]]]:
    """All pictures by the class that their file names tell; nothing where they do not follow a known pattern."""
    if any(_is_class(folder) or _is_split(folder) for folder in folders(root)):
        return {}
    pictures = [(place, node) for place, node in files(root) if suffix(node) in READ]
    for pattern, codes in NAMED.items():
        found = [(pattern.match(node.name), place, node) for place, node in pictures]
        told = [(codes[match.group(1)], (place, node)) for match, place, node in found if match]
        if told and len(told) >= ENOUGH * len(pictures):
            return {label: [one for other, one in told if other == label] for label in sorted({one for one, _ in told})}
    return {}


def read_branch(branch: Branch, decoders: Overheard, needed: bool) -> Iterator[Record]:
    """The pictures of one class; DataError where it is `needed` and none of them can be read."""
    readable = 0
    for place, node in branch.pictures:
        with decoders.listening() as said:
            data = _bytes_of(node) if suffix(node) in READ else b""
            picture = picture_of(data, str(node))
        readable += picture is not None
        flawed = any(line.startswith(FLAWED) for line in said)
        further = picture is not None and holds_further(MemoryFile(node.name, data))
        yield Record("/".join(place), official(node.name) or branch.split, branch.label, picture, flawed, further)
    if not readable and needed:
        raise DataError(f"{branch.place}: no pictures in this class that can be read: add some, or {WITHOUT}")


def _bytes_of(node: Node) -> bytes:
    """A file's content; nothing where it cannot be read."""
    try:
        with node.open() as file:
            return file.read()
    except (OSError, zipfile.BadZipFile, zlib.error):
        return b""


def picture_of(data: bytes, name: str) -> NDArray[np.uint8] | None:
    """The picture, (h, w) gray or (h, w, 3) BGR uint8, upright, or None where the file is no picture."""
    encoded = np.frombuffer(data, np.uint8)
    image = cv2.imdecode(encoded, cv2.IMREAD_ANYCOLOR) if encoded.size else None
    if image is not None:
        return np.asarray(image, np.uint8)
    try:
        return decode_photo(data, name)  # what OpenCV does not know: HEIC, AVIF
    except SourceError:
        return None


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Writes a (h, w) gray or (h, w, 3) BGR picture in the format of its suffix; ResultError where it cannot."""
    if path.suffix.lower() not in WRITTEN:
        raise ResultError(f"{path}: no picture format; end its name in .png")
    _, encoded = cv2.imencode(path.suffix, picture)
    atomic_write(path, encoded.tobytes())


def suffix(node: Node) -> str:
    """What a file's name ends in, in small letters."""
    return PurePosixPath(node.name).suffix.lower()


def plain(name: str) -> str:
    """A folder's name as it is in SPLIT_FOLDERS, if it names a split."""
    lower = name.lower()
    return lower if lower in SPLIT_FOLDERS else AROUND.sub("", re.sub(r"[^a-z]", "", lower))


def _is_split(folder: Node) -> bool:
    return plain(folder.name) in SPLIT_FOLDERS


def _is_class(folder: Node, labels: Sequence[str] = ()) -> bool:
    return canonical(folder.name, (*labels, *EIGHT)) is not None


def official(name: str) -> str:
    """The split that the name of one of FER2013's files tells, or ""."""
    return OFFICIAL_SPLITS.get(name.partition("_")[0].lower(), "")


def _label(folder: Node, labels: Sequence[str], others: bool, meant: Meanings) -> str:
    name = _meant(folder, meant)
    label = canonical(name, labels)
    if label is None and not others:
        known = ", ".join(labels)
        raise DataError(f"{folder}: unknown class; known are {known} (others can be named by --classes)")
    return label or canonical(name, EIGHT) or name


def _meant(folder: Node, meant: Meanings) -> str:
    """A folder's name, or what its number means where that is said."""
    if not meant or not folder.name.isdecimal():
        return folder.name
    if int(folder.name) not in meant:
        known = ", ".join(f"{number} {name}" for number, name in meant.items())
        raise DataError(f"{folder}: --numbers says {known}, and nothing of {folder.name}")
    return meant[int(folder.name)]


def _require_complete(place: Node, found: set[str], labels: Sequence[str]) -> None:
    missing = [label for label in labels if label not in found]
    if not found:
        some = ", ".join(f"{label}/" for label in labels[:2])
        raise DataError(f"{place}: no folders of classes in it: pictures belong into one for each, {some}, …")
    if missing:
        raise DataError(f"{place}: no folder for {', '.join(missing)}: add it, or {WITHOUT}")
