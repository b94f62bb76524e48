"""CK+ as it is handed out (Lucey et al. 2010, CVPR Workshops): films of posed faces, and a file with the label of some.

    cohn-kanade-images/S005/001/S005_001_00000001.png …        from neutral to the peak
    Emotion/S005/001/S005_001_00000011_emotion.txt             3.0000000e+00

Of a film with a label the last three pictures are of its emotion, and the first one is neutral; films without a label
are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from emoscope.errors import DataError
from emoscope.media.kinds import PICTURES

from .tree import Node, files, folders

Placed = tuple[tuple[str, ...], Node]
"""A picture with its path below the data set's folder."""

EMOTIONS_OF_CK = ("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise")
"""What the numbers 0–7 mean."""
NEUTRAL = EMOTIONS_OF_CK[0]
LABELS_FOLDER = "emotion"
"""How the name of the folder with the labels begins."""
LABEL_FILE = re.compile(r"^(S\d{3}_\d{3})_\d{8}_emotion\.txt$", re.IGNORECASE)
PICTURE = re.compile(r"^(S\d{3}_\d{3})_(\d{8})\.", re.IGNORECASE)
PEAK = 3
"""Pictures at the end of a film that show its emotion."""


def ck_pictures(root: Node) -> dict[str, list[Placed]]:
    """The pictures of a folder by class; nothing where it is not such a data set.

    Raises:
        DataError: a label's file does not hold a number from 0 to 7, or there are no pictures for any label.
    """
    aside = [folder for folder in folders(root) if folder.name.lower().startswith(LABELS_FOLDER)]
    labels = {film: label for folder in aside for film, label in _labels(folder)}
    if not labels:
        return {}
    found: defaultdict[str, list[Placed]] = defaultdict(list)
    for film, pictures in _films(root).items():
        if film in labels:
            found[NEUTRAL] += pictures[:1]
            found[labels[film]] += pictures[1:][-PEAK:]
    if not found:
        raise DataError(f"{root}: has CK+'s labels, but none of its films (S005_001_00000001.png, …) beside them")
    return dict(sorted(found.items()))


def _labels(folder: Node) -> Iterator[tuple[str, str]]:
    """Every film that has a label, by the beginning of its pictures' names."""
    for _, node in files(folder):
        match = LABEL_FILE.match(node.name)
        if match:
            yield match.group(1).upper(), _label(node)


def _label(node: Node) -> str:
    with node.open() as file:
        text = file.read(100).decode("utf-8", "replace").strip()
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if number not in range(len(EMOTIONS_OF_CK)):
        raise DataError(f"{node}: {text[:40]!r} is no label of CK+, a number from 0 to {len(EMOTIONS_OF_CK) - 1}")
    return EMOTIONS_OF_CK[int(number)]


def _films(root: Node) -> dict[str, Sequence[Placed]]:
    """The pictures of every film, in their order."""
    films: defaultdict[str, list[tuple[int, Placed]]] = defaultdict(list)
    for place, node in files(root):
        match = PICTURE.match(node.name)
        if match and PurePosixPath(node.name).suffix.lower() in PICTURES:
            films[match.group(1).upper()].append((int(match.group(2)), (place, node)))
    return {film: [one for _, one in sorted(pictures, key=lambda pair: pair[0])] for film, pictures in films.items()}
