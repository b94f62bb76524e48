"""Measures whether close faces are found:  python -m emoscope.benchmark.close PICTURE-OR-ZIP... [--count N]

A close face fills its picture, as in a portrait or at a laptop. Such pictures are made here: tight crops of the faces
in photos, and pictures of a zip file with small cut-out faces (FER2013), enlarged 4 to 8 times. Those in which YuNet
alone, shown the whole picture, sees a face at 0.6 and more are shown to the finder as a first frame.

\b
seen     pictures in which YuNet alone sees the face
refused  of these, those in which the finder reports none that covers it
"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import cv2
import numpy as np

from ..errors import EmoscopeError
from ..faces import FINDERS, FaceFinder, open_finder
from ..faces.geometry import boxes, centre, covers, edge, placed
from ..faces.yunet import YuNet
from ..types import Face, Image

SEEN, LARGE, COVERED = 0.6, 0.35, 0.6
"""Score of the yardstick; its face's edge in longer edges of the picture; how much of it a reported face covers."""
SMALLEST_PX, LONGEST_PX = 60, 1280
"""Edge of a photo's face that is cut out, and of the photo in which it is looked for."""
ENLARGED, SPREAD, SHIFT, SHOWN_PX = (4, 5, 6, 7, 8), (1.0, 1.7), 0.15, (240, 480)


@click.command(help=__doc__)
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--count", default=100, show_default=True, help="Pictures of each kind.")
@click.option("--seed", default=0, show_default=True)
@click.option("--detector", type=click.Choice(list(FINDERS)), default="auto", show_default=True)
def benchmark(sources: Sequence[Path], count: int, seed: int, detector: str) -> None:
    """Prints how many of the close faces are refused."""
    photos = [path for path in sources if path.suffix != ".zip"]
    archives = [path for path in sources if path.suffix == ".zip"]
    yardstick = YuNet(SEEN)
    try:
        with open_finder(detector) as finder:
            for name, pictures in (
                ("crops of photos", crops(photos, count, seed, yardstick)),
                ("enlarged", (one for path in archives for one in enlarged(path, count, seed))),
            ):
                seen, refused = tally(finder, pictures, yardstick)
                share = f"{refused / seen:.1%}" if seen else "none"
                click.echo(f"{name:<16} seen {seen:5d}   refused {refused:4d}   {share}")
    except EmoscopeError as error:
        raise click.ClickException(str(error)) from None


def tally(finder: FaceFinder, pictures: Iterator[Image], yardstick: YuNet) -> tuple[int, int]:
    """(pictures in which the yardstick sees a close face, those of them in which the finder does not)."""
    seen = refused = 0
    for picture in pictures:
        (found,) = yardstick.detect([picture])
        close = [face for face in found if edge(face.box_xyxy) >= LARGE * max(picture.shape[:2])]
        if close:
            finder.reset()
            seen += 1
            refused += not _covered(close[0], finder.find(picture, 0.0))
    return seen, refused


def enlarged(archive: Path, count: int, seed: int) -> Iterator[Image]:
    """Small pictures of a zip file, drawn by lot, 4 to 8 times as large."""
    lot = random.Random(seed)
    with zipfile.ZipFile(archive) as pictures:
        names = sorted(name for name in pictures.namelist() if "PublicTest" in name)
        for name in lot.sample(names, min(count, len(names))):
            small = np.asarray(cv2.imdecode(np.frombuffer(pictures.read(name), np.uint8), cv2.IMREAD_COLOR), np.uint8)
            factor = lot.choice(ENLARGED)
            yield np.asarray(cv2.resize(small, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)


def crops(photos: Sequence[Path], count: int, seed: int, yardstick: YuNet) -> Iterator[Image]:
    """Tight crops of the photos' faces, somewhat off their middle, ending where the photo ends.

    Args:
        photos: files of pictures with faces.
        count: how many crops; faces come again where there are fewer.
        seed: of place and size.
        yardstick: the detector that says where faces are.
    """
    lot = random.Random(seed)
    faces = [(photo, face) for photo in map(_read, photos) for face in _large(photo, yardstick)]
    for number in range(count if faces else 0):
        photo, face = faces[number % len(faces)]
        half = edge(face.box_xyxy) * lot.uniform(*SPREAD) / 2
        x, y = (place + half * lot.uniform(-SHIFT, SHIFT) for place in centre(face.box_xyxy))
        part = photo[max(0, int(y - half)) : int(y + half), max(0, int(x - half)) : int(x + half)]
        factor = lot.uniform(*SHOWN_PX) / max(part.shape[:2])
        how = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        yield np.asarray(cv2.resize(part, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def _large(photo: Image, yardstick: YuNet) -> list[Face]:
    """A photo's faces that are large enough to be cut out, in its pixels."""
    step = max(1.0, max(photo.shape[:2]) / LONGEST_PX)
    (found,) = yardstick.detect([np.asarray(cv2.resize(photo, None, fx=1 / step, fy=1 / step), np.uint8)])
    there = [placed(face, (step, step), (0, 0)) for face in found]
    return [face for face in there if edge(face.box_xyxy) >= SMALLEST_PX]


def _covered(face: Face, found: Sequence[Face]) -> bool:
    return bool(found) and float(covers(boxes([face]), boxes(found)).max()) >= COVERED


def _read(path: Path) -> Image:
    picture = cv2.imread(str(path))
    if picture is None:
        raise EmoscopeError(f"{path}: cannot be read as a picture")
    return np.asarray(picture, np.uint8)


if __name__ == "__main__":
    benchmark()
