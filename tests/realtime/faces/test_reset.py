"""A reset forgets everything: what is found after it, a new finder finds too, number for number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.benchmark.finding import frames
from emoscope.faces import FaceFinder, open_finder
from emoscope.types import Face

Shown = Iterable[tuple[np.ndarray, float]]


@pytest.fixture(scope="module")
def used() -> Iterator[FaceFinder]:
    with open_finder() as finder:
        yield finder


def tilting(photo: Path, start_s: float = 0.0) -> Iterator[tuple[np.ndarray, float]]:
    """Two seconds of people who tilt their heads to 60° and back."""
    image = cv2.imread(str(photo))
    middle = (image.shape[1] / 2, image.shape[0] / 2)
    for index in range(60):
        matrix = cv2.getRotationMatrix2D(middle, 60 - 2 * abs(30 - index), 0.7)
        yield cv2.warpAffine(image, matrix, image.shape[1::-1]), start_s + index / 30


def found(finder: FaceFinder, shown: Shown) -> list[list[Face]]:
    return [finder.find(image, time_s) for image, time_s in shown]


def alone(shown: Shown) -> list[list[Face]]:
    with open_finder() as finder:
        return found(finder, shown)


def test_after_a_tilted_head(used: FaceFinder, shared: Path):
    photo = shared / "photos" / "pyfeat_multi_face.jpg"
    found(used, tilting(photo, start_s=100.03))
    used.reset(anew=True)
    faces = found(used, tilting(photo))
    assert faces == alone(tilting(photo))
    assert len(faces[30]) >= 4


def test_after_another_film_with_cuts_in_it(used: FaceFinder, shared: Path):
    first, second = shared / "videos" / "liveportrait_d3.mp4", shared / "videos" / "short_hamilton_clip.mp4"
    found(used, islice(frames(first), 40))
    used.reset(anew=True)
    faces = found(used, islice(frames(second), 100))
    assert faces == alone(islice(frames(second), 100))
    assert len({face.track for row in faces for face in row}) > 2, "there are cuts"


def test_after_a_seek_back_all_but_the_numbers_is_as_at_first(shared: Path):
    film = shared / "videos" / "short_hamilton_clip.mp4"
    with open_finder(reidentify=False) as used:
        found(used, frames(film))
        again = found(used, islice(frames(film), 60))

    def places(rows: list[list[Face]]) -> list[list[tuple[object, ...]]]:
        return [[(face.box_xyxy, face.eyes, face.score) for face in row] for row in rows]

    assert places(again) == places(alone(islice(frames(film), 60)))
    assert all(face.track > 1 for row in again for face in row)


def test_numbers_begin_again_only_where_that_is_asked_for(used: FaceFinder, shared: Path):
    picture = cv2.imread(str(shared / "photos" / "pyfeat_single_face.jpg"))
    used.reset(anew=True)
    assert [face.track for face in used.find(picture, 0.0)] == [1]
    used.reset()
    assert [face.track for face in used.find(picture, 0.0)] == [2]
