"""From pictures to faces: photos are cut as the live program cuts a camera's frames, bare crops are left alone.

    picture ──≤ 128 pixels, or of a size that bare crops have──────▶ as it is
        └─finder─▶ face ──its square is nearly all of the picture──▶ as it is
                     └────────────────────────────────────────────▶ cut out as the contract says
        └─finder─▶ no face ──▶ told, and left out

Whoever trains on cut faces is shown the very same cut by a camera: finder, square and shrinking are the runtime's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

import cv2
import numpy as np

from emoscope.faces import FaceFinder, open_finder
from emoscope.media.raster import raster_of
from emoscope.network.contract import Contract, InputSpec
from emoscope.reading.crops import crop_square, cut_crops
from emoscope.reading.session import Subject
from emoscope.types import Face, Image

AUTO, FACES, AS_IS = "auto", "faces", "as-is"
CUTS = (AUTO, FACES, AS_IS)
SMALL = 128
"""Edge in pixels up to which a picture is taken for a face already: nobody's photo is that small."""
BARE = 0.8
"""Share of a picture's shorter edge from which on the face's square is all there is to cut: 105 of 120 pictures of
FER2013, enlarged to 160 pixels, have it."""
SQUARE = 1.4
"""Longer edge by shorter, up to which a picture may be a bare crop."""
LOOKED_AT, MOSTLY = 8, 0.75
"""Pictures of one size that are looked at, and the share of bare crops among them from which on all of it are taken as
they are: pictures of one size are one data set's, and in profile or behind a hand a face's square is hard to tell."""
CLOSE = 192
"""Edge to which a picture is shrunk before the face in it is looked for with a margin about it."""


@dataclass(slots=True)
class Cuts:
    """What was done to the pictures of a data set.

    Attributes:
        cut: how many had a face cut out.
        bare: how many were taken as they are.
        several: names of those with several faces, of which the largest was taken.
        faceless: names of those in which no face was found.
    """

    cut: int = 0
    bare: int = 0
    several: list[str] = field(default_factory=list)
    faceless: list[str] = field(default_factory=list)


class Cutter:
    """Makes what a network is shown of a picture; a context manager that closes its face finder.

    Args:
        how: "auto", "faces" (every picture is a photo) or "as-is" (none is).
        contract: says size, channels and the square to cut.

    Attributes:
        done: what was done so far.
    """

    def __init__(self, how: str, contract: Contract) -> None:
        self.done = Cuts()
        self._how, self._contract = how, contract
        self._finder: FaceFinder | None = None
        self._looks: defaultdict[tuple[int, ...], list[bool]] = defaultdict(list)

    def cut(self, picture: Image, name: str) -> Image | None:
        """The face of a (h, w) gray or (h, w, 3) BGR picture as (h, w, c) in the network's size and channels.

        Args:
            picture: upright.
            name: of the picture, for `done`.

        Returns:
            The face, the whole picture where it is nothing but a face, or None where there is none.
        """
        if self._how == AS_IS or (self._how == AUTO and self._is_known(picture)):
            return self._whole(picture)
        faces = self._faces(picture)
        if self._how == AUTO:
            bare = self._is_bare(picture, faces)
            self._looks[picture.shape[:2]].append(bare)
            if bare:
                return self._whole(picture)
        if not faces:
            self.done.faceless.append(name)
            return None
        if len(faces) > 1:
            self.done.several.append(name)
        self.done.cut += 1
        face = faces[Subject().pick(faces) or 0]
        return self._shaped(cut_crops(raster_of(picture), [face], self._contract)[0])

    def _is_known(self, picture: Image) -> bool:
        """Whether a picture's size alone says that it is a face."""
        looks = self._looks.get(picture.shape[:2], [])
        mostly = len(looks) >= LOOKED_AT and sum(looks[:LOOKED_AT]) >= MOSTLY * LOOKED_AT
        return mostly or max(picture.shape[:2]) <= SMALL

    def _is_bare(self, picture: Image, faces: Sequence[Face]) -> bool:
        """Whether there is nothing but a face in a picture."""
        short, long = sorted(picture.shape[:2])
        if long > SQUARE * short:
            return False
        return len(faces) == 1 and self._edge(faces[0]) >= BARE * short if faces else self._is_close(picture)

    def _is_close(self, picture: Image) -> bool:
        """Whether a face that a detector misses, because it fills the picture, is found with a margin about it."""
        factor = CLOSE / min(picture.shape[:2])
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        margin = CLOSE // 2
        wide = cv2.copyMakeBorder(small, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
        faces = self._faces(np.asarray(wide, np.uint8))
        return len(faces) == 1 and self._edge(faces[0]) >= BARE * CLOSE

    def _edge(self, face: Face) -> float:
        (x0, _, x1, _), _ = crop_square(face, self._contract.crop)
        return x1 - x0

    def _faces(self, picture: Image) -> list[Face]:
        if self._finder is None:
            self._finder = open_finder()
        self._finder.reset(anew=True)
        return self._finder.find(picture, 0.0)

    def _whole(self, picture: Image) -> Image:
        self.done.bare += 1
        return fit(picture, self._contract.input)

    def _shaped(self, crop: Image) -> Image:
        spec = self._contract.input
        return _coloured(crop, spec.channels).reshape(spec.height, spec.width, spec.depth)

    def __enter__(self) -> Cutter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._finder is not None:
            self._finder.close()


def fit(picture: Image, spec: InputSpec) -> Image:
    """The whole picture as (h, w, c) in the size and channels of `spec`, its proportions kept: where they differ, the
    border is repeated. Shrinking averages, growing interpolates.
    """
    picture = _filled(picture, spec.width / spec.height)
    shrinks = picture.shape[0] > spec.height
    size = (spec.width, spec.height)
    image = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return _coloured(np.asarray(image, np.uint8), spec.channels).reshape(spec.height, spec.width, spec.depth)


def _filled(picture: Image, proportion: float) -> Image:
    """The picture as wide, compared with its height, as asked, its border repeated on two sides."""
    height, width = picture.shape[:2]
    across, down = max(0, round(height * proportion) - width), max(0, round(width / proportion) - height)
    if not across and not down:
        return picture
    borders = down // 2, down - down // 2, across // 2, across - across // 2
    return np.asarray(cv2.copyMakeBorder(picture, *borders, cv2.BORDER_REPLICATE), np.uint8)


def _coloured(image: Image, channels: str) -> Image:
    gray = image.ndim == 2
    codes = {
        "gray": None if gray else cv2.COLOR_BGR2GRAY,
        "rgb": cv2.COLOR_GRAY2RGB if gray else cv2.COLOR_BGR2RGB,
        "bgr": cv2.COLOR_GRAY2BGR if gray else None,
    }
    code = codes[channels]
    return image if code is None else np.asarray(cv2.cvtColor(image, code), np.uint8)
