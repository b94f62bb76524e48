"""The kinds of files that are read, by their names: one table for the window, for processing and for figures."""

from __future__ import annotations

from pathlib import Path

PICTURE_KINDS = "avif bmp jp2 jpeg jpg pbm pgm png ppm tif tiff webp"
FILM_KINDS = (
    "3g2 3gp asf avi dv f4v flv gif h264 h265 hevc ivf m2ts m4v mjpeg mjpg mkv mov mp4 mpeg mpg"
    " mts mxf nut ogm ogv qt rm rmvb ts vob webm wmv y4m"
)
PICTURES = frozenset(f".{kind}" for kind in PICTURE_KINDS.split())
FILMS = frozenset(f".{kind}" for kind in FILM_KINDS.split())
"""What is taken from a folder; a file that is named is tried whatever its suffix."""

PNG, HEAD_BYTES = b"\x89PNG", 4096


def is_picture(path: Path) -> bool:
    """Whether a file's name says that it is a single picture, and nothing in it that it moves."""
    return path.suffix.lower() in PICTURES and not _moves(path)


def _moves(path: Path) -> bool:
    """Whether a PNG is an animation: then the chunk that says so stands before its pixels."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head, found, _ = file.read(HEAD_BYTES).partition(b"acTL")
    except OSError:  # whoever reads it will say why it cannot be read
        return False
    return head.startswith(PNG) and bool(found) and b"IDAT" not in head
