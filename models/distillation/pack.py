"""What training needs of the data sets, in one small file: pictures, votes, labels, and where the eyes are.

    python -m emoscope.models.distillation.pack FER2013 --votes VOTES [--beside SET...] -o faces.npz

The pictures of FER2013's training and PublicTest splits (never PrivateTest), and of other sets to look at on the way
(folders by class; nothing is learnt from them), and the eyes found by our own detector.
FER2013's pictures are JPEG files that differ in their last part alone, and stay so: 40 MB instead of 74.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoscope.faces.yunet import YuNet
from emoscope.network.contract import InputSpec
from emoscope.types import Image

from ..data.folders import read_folder
from ..data.load import fit, load
from ..data.recrop import ENLARGED, framed
from ..data.votes import read_votes, shares
from ..labels import EMOTIONS, canonical
from . import EDGE
from .faces import save

START_OF_SCAN = b"\xff\xda"


def find_eyes(pictures: Image) -> NDArray[np.float32]:
    """(N, 4) eyes of the likeliest face in each (48, 48) picture."""
    found = np.full((len(pictures), 4), np.nan, np.float32)
    with closing(YuNet()) as detector:
        for row, picture in zip(found, pictures, strict=True):
            frame = framed(picture[..., None])
            (faces,) = detector.detect([frame])
            if faces:
                best = max(faces, key=lambda face: face.score)
                margin = (frame.shape[0] - ENLARGED * EDGE) / 2
                row[:] = (np.ravel(best.eyes) - margin) / ENLARGED
    return found


def pack(data: Path, votes: Path, beside: dict[str, Path]) -> dict[str, NDArray[np.generic]]:
    """The arrays of the file."""
    known = read_votes(votes, EMOTIONS)
    arrays: dict[str, NDArray[np.generic]] = {}
    spec = InputSpec(EDGE, EDGE)
    dataset = load(data, spec)
    for split in ("train", "validation"):
        part = dataset.split(split)
        files = [(data / name).read_bytes() for name in part.names]
        headers = {file[: file.index(START_OF_SCAN)] for file in files}
        if len(headers) > 1:
            raise SystemExit(f"{data}: the pictures of {split} are not of one kind")
        scans = [file[file.index(START_OF_SCAN) :] for file in files]
        arrays |= {
            f"{split}.header": np.frombuffer(headers.pop(), np.uint8),
            f"{split}.scans": np.frombuffer(b"".join(scans), np.uint8),
            f"{split}.sizes": np.array([len(scan) for scan in scans], np.int32),
            f"{split}.labels": part.classes().astype(np.int8),
            f"{split}.votes": shares(list(part.names), known, len(EMOTIONS)).astype(np.float16),
            f"{split}.eyes": find_eyes(part.images[..., 0]).astype(np.float16),
        }
    for name, place in beside.items():
        known_folders = [one for one in sorted(place.iterdir()) if canonical(one.name) is not None]
        labels = tuple(sorted({canonical(one.name) or "" for one in known_folders}))
        found = [record for record in read_folder(place, labels) if record.picture is not None]
        arrays |= {
            f"{name}.pictures": np.stack(
                [fit(record.picture, spec)[..., 0] for record in found if record.picture is not None]
            ),
            f"{name}.labels": np.array([EMOTIONS.index(record.label) for record in found], np.int8),
        }
    return arrays


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="FER2013 as folders of JPEG files")
    parser.add_argument("--votes", type=Path, required=True, help="FER+ votes by file")
    parser.add_argument("--beside", type=Path, nargs="*", default=[], help="other sets, to be looked at alone")
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    save(given.output, pack(given.data, given.votes, {path.name: path for path in given.beside}))


if __name__ == "__main__":
    main()
