"""Which files are pictures and which are films: one table of suffixes, and what a file's first bytes say besides.

A file that is named is tried whatever it is called. From a folder what the tables know is taken, and the rest is told;
what a system leaves behind in folders is nobody's recording.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path, PurePath

from .apng import is_animation
from .jxl import is_jxl
from .memory_file import MemoryFile
from .numbered import is_numbered

PICTURE_KINDS = (
    "avif bmp heic heif hif j2c j2k jfif jp2 jpc jpe jpeg jpf jpg jpx jxl mpo pbm pgm png pnm ppm tif tiff webp"
)
FILM_KINDS = (
    "3g2 3gp 3gpp amv apng asf avi av1 divx dv dvr-ms evo f4v flv gif h264 h265 hevc insv ivf lrv m1v m2p m2t m2ts m2v"
    " m4v mjpeg mjpg mk3d mkv mod mov mp4 mpe mpeg mpg mpv mts mxf nut obu ogm ogv ogx qt rm rmvb tod trp ts vob webm"
    " wmv wtv y4m"
)
PICTURES = frozenset(f".{kind}" for kind in PICTURE_KINDS.split())
FILMS = frozenset(f".{kind}" for kind in FILM_KINDS.split())
KNOWN = PICTURES | FILMS
"""Suffixes of what is read from folders."""
LEFT_BEHIND = frozenset({"desktop.ini", "ehthumbs.db", "icon\r", "thumbs.db"})
"""What Windows and macOS write into folders."""

HEAD_BYTES = 4096
RIFF, WEBP = b"RIFF", b"WEBP"
ANIMATION = 0x02
"""The bit of an extended WebP's flags that says that it moves."""
HEIF_STILLS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"avif", b"jpeg", b"j2ki"))
HEIF_FILMS = frozenset((b"hevc", b"hevx", b"hevm", b"hevs", b"msf1", b"avis"))
"""Major brands of ISO/IEC 23008-12: a picture, or a sequence of them."""
TABLES = r"csv|jsonl|parquet"
OURS = re.compile(
    rf"\.((emoscope|explain-\d+(-\d+)?)(\.partial)?\.\w+|faces(\.partial)?\.({TABLES})|timeline(\.partial)?\.png"
    r"|summary(\.partial)?\.json|lesson-\d+\.html)(\.part)?$|^emoscope-report\.html$"
)
"""Names of what EmoScope itself writes: films, pictures, tables, figures, drafts of them. Somebody's talk.summary.mp4
is none."""
SHOWN = 3


def is_picture(path: Path) -> bool:
    """Whether a file is a single picture: by its name, unless its first bytes say that it moves, or by these alone."""
    if is_numbered(path):
        return False
    if path.suffix.lower() in PICTURES:
        return not moves(path)
    head = first_bytes(path)
    return is_heif(head) or is_jxl(head)


def moves(path: Path | MemoryFile) -> bool:
    """Whether a picture is an animation: PNG, WebP, AVIF or HEIF."""
    head = first_bytes(path)
    return is_animation(path) or is_moving_webp(head) or (head[4:8] == b"ftyp" and head[8:12] in HEIF_FILMS)


def is_moving_webp(head: bytes) -> bool:
    """Whether the first bytes are those of an animated WebP."""
    extended = head.startswith(RIFF) and head[8:16] == WEBP + b"VP8X"
    return extended and len(head) > 20 and bool(head[20] & ANIMATION)


def is_heif(head: bytes) -> bool:
    """Whether the first bytes are those of a single HEIC, HEIF or AVIF picture."""
    return head[4:8] == b"ftyp" and head[8:12] in HEIF_STILLS


def first_bytes(path: Path | MemoryFile) -> bytes:
    """The beginning of a file; nothing where it is none or cannot be read, which whoever reads it will say."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def bare_name(name: str) -> str:
    """A file's name without the suffix of a recording or picture; whatever else stands behind a dot belongs to it."""
    suffix = PurePath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in KNOWN else name


def is_left_behind(path: Path) -> bool:
    """Whether a file in a folder is the system's, or hidden, and so nobody's recording."""
    return path.name.startswith(".") or path.name.lower() in LEFT_BEHIND


def is_ours(path: Path) -> bool:
    """Whether a file's name says that EmoScope made it."""
    return bool(OURS.search(path.name))


def told_unread(unread: Collection[Path], kind: str) -> str:
    """One line about what of a folder is not read, "" for nothing.

    Args:
        unread: files and folders in it.
        kind: what was looked for.
    """
    folders = sum(path.is_dir() for path in unread)
    files = sorted(path.name for path in unread if not path.is_dir())
    parts = []
    if files:
        more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
        parts.append(f"{len(files)} file{'s' * (len(files) > 1)} ({', '.join(files[:SHOWN])}{more})")
    if folders:
        parts.append(f"{folders} folder{'s' * (folders > 1)}")
    return f"not read, no {kind} by their names: {' and '.join(parts)}" if parts else ""
