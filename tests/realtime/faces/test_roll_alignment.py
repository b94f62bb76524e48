"""Tilted heads: the ROI turns with them, and the eyes say how far."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from emoscope.faces import open_finder
from emoscope.faces.geometry import centre, roll
from emoscope.faces.looks import roi
from emoscope.faces.roll_alignment import PER_S, RollAligner
from emoscope.media.raster import Bgr
from emoscope.types import Face

PICTURE = Bgr(np.zeros((200, 200, 3), np.uint8))


def face(tilt: float = 0.0, score: float = 0.9) -> Face:
    """A face about (100, 100) with its eyes turned by some degrees."""
    x, y = 12 * math.cos(math.radians(tilt)), 12 * math.sin(math.radians(tilt))
    return Face((70, 70, 130, 130), ((100 - x, 100 - y), (100 + x, 100 + y)), score)


class Says:
    """A detector that sees a head tilted against the picture it is shown."""

    def __init__(self, tilt: float, score: float = 0.9) -> None:
        self.tilt, self.score, self.asked = tilt, score, 0

    def detect(self, pictures):
        self.asked += len(pictures)
        x, y = 10 * math.cos(math.radians(self.tilt)), 10 * math.sin(math.radians(self.tilt))
        return [[Face((40, 40, 88, 88), ((64 - x, 64 - y), (64 + x, 64 + y)), self.score)] for _ in pictures]

    def close(self):
        pass


def aligned(detector: Says, known: Face) -> float:
    """The tilt in degrees that the ROI has after one look."""
    aligner, look = RollAligner(detector, 0.6), roi(known, 128)
    (after,) = aligner.aligned(PICTURE, [known], [look], 0.0)
    return math.degrees(roi(after, 128, [look]).turn)


@pytest.mark.parametrize("tilt", [-80, -35, 35, 80])
def test_a_patch_turns_with_a_tilted_head(tilt):
    assert aligned(Says(tilt), face()) == pytest.approx(tilt, abs=1)


def test_a_turned_patch_turns_back_with_the_head():
    assert aligned(Says(-50), face(tilt=50)) == pytest.approx(0, abs=1)


def test_a_little_tilt_an_unsure_answer_and_profile_turn_nothing():
    assert aligned(Says(12), face()) == 0
    assert aligned(Says(60, score=0.4), face()) == 0
    assert roll(Face((0, 0, 60, 60), ((30, 20), (33, 26)), 0.9)) == 0


def asked(*frames: list[Face]) -> int:
    """Looks that are taken at the faces of so many frames, of which there are 60 a second."""
    detector = Says(0)
    aligner = RollAligner(detector, 0.6)
    for frame, faces in enumerate(frames):
        aligner.aligned(PICTURE, faces, [roi(one, 128) for one in faces], frame / 60)
    return detector.asked


def moved(by: float, track: int = 0, tilt: float = 0.0) -> Face:
    """The same face some pixels to the right."""
    (x0, y0, x1, y1), eyes = face().box_xyxy, face(tilt).eyes
    return Face((x0 + by, y0, x1 + by, y1), tuple((x + by, y) for x, y in eyes), 0.9, track)


def test_faces_take_turns_at_a_pace_in_seconds():
    frames = [[moved(frame, track) for track in range(8)] for frame in range(61)]
    assert asked(*frames) == pytest.approx(PER_S, abs=1)
    seen = RollAligner(Says(0), 0.6)
    for frame, faces in enumerate(frames):
        seen.aligned(PICTURE, faces, [roi(one, 128) for one in faces], frame / 60)
    assert len(seen._looked) >= PER_S


def test_a_face_that_stays_is_looked_at_once_a_second_and_one_that_moves_or_tilts_at_the_pace():
    assert asked(*[[moved(0)]] * 180) == 3
    assert asked(*([moved(0.2 * frame)] for frame in range(180))) == pytest.approx(3 * 60 * 0.2 / 3, abs=2)
    assert asked(*([moved(frame)] for frame in range(180))) == pytest.approx(3 * PER_S, abs=1)
    assert asked(*([moved(0, tilt=0.5 * frame)] for frame in range(180))) == pytest.approx(3 * PER_S, abs=1)
    # As soon as it moves, whenever that is.
    assert asked(*[[moved(0)]] * 40, [moved(10)]) == 2


@pytest.mark.parametrize("tilt", [-70, -25, 40, 90])
def test_what_a_turned_patch_shows_comes_back_to_its_place(spots, tilt):
    image = np.zeros((400, 400, 3), np.uint8)
    corners = cv2.boxPoints(((210, 190), (60, 40), tilt))
    cv2.fillConvexPoly(image, corners.astype(np.int32), (220, 220, 220))
    x, y = 15 * math.cos(math.radians(tilt)), 15 * math.sin(math.radians(tilt))
    known = Face((180, 160, 240, 220), ((210 - x, 190 - y), (210 + x, 190 + y)), 0.9)
    look = roi(known, 128)
    ((seen,),) = spots.detect([look.picture(Bgr(image))])
    assert (seen.box_xyxy[2] - seen.box_xyxy[0]) / (seen.box_xyxy[3] - seen.box_xyxy[1]) == pytest.approx(1.5, abs=0.1)
    found = look.place(seen)
    assert centre(found.box_xyxy) == pytest.approx((210, 190), abs=1.5)
    assert math.degrees(roll(found)) == pytest.approx(tilt, abs=2)


@pytest.mark.parametrize("turn", [75, 90, 105, 180, -75, -90, -105])
def test_heads_that_lie_or_are_upside_down_are_found_at_first_sight_and_turned_upright(shared, turn):
    image = cv2.imread(str(shared / "photos" / "pyfeat_multi_face.jpg"))
    middle = (image.shape[1] / 2, image.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(middle, -turn, 0.8)
    matrix[:, 2] += (500 - middle[0], 500 - middle[1])
    with open_finder() as finder:
        faces = finder.find(cv2.warpAffine(image, matrix, (1000, 1000), borderValue=(90, 90, 90)), 0.0)
    off = [(math.degrees(roll(one)) - turn + 180) % 360 - 180 for one in faces]
    assert len(faces) == 5
    assert off == pytest.approx([0] * 5, abs=20)


def test_a_film_upside_down_is_read_as_when_it_is_upright(shared):
    reader = cv2.VideoCapture(str(shared / "videos" / "liveportrait_d0.mp4"))
    with open_finder() as finder, open_finder() as other:
        for index in range(20):
            picture = reader.read()[1]
            (face,) = finder.find(picture, index / 25)
            (over,) = other.find(cv2.rotate(picture, cv2.ROTATE_180), index / 25)
    eyes = [(picture.shape[1] - x, picture.shape[0] - y) for x, y in over.eyes]
    assert np.array(eyes) == pytest.approx(np.array(face.eyes), abs=6)
    assert over.track == 1


def test_people_who_tilt_their_heads_keep_their_numbers_and_their_eyes_tilt_with_them(shared):
    image = cv2.imread(str(shared / "photos" / "pyfeat_multi_face.jpg"))
    middle = (image.shape[1] / 2, image.shape[0] / 2)
    with open_finder() as finder:
        for frame in range(100):
            tilt = min(70.0, 1.4 * frame)
            matrix = cv2.getRotationMatrix2D(middle, tilt, 0.7)
            matrix[:, 2] += (500 - middle[0], 500 - middle[1])
            faces = finder.find(cv2.warpAffine(image, matrix, (1000, 1000)), frame / 30)
    assert [one.track for one in faces] == [1, 2, 3, 4, 5]
    assert [math.degrees(roll(one)) for one in faces] == pytest.approx([-70] * 5, abs=25)
