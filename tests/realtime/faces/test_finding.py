"""The shipped finders on real recordings: found, not invented, still, and the same from every kind of picture."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import pytest

from emoscope.benchmark.close import SEEN, crops, enlarged, tally
from emoscope.benchmark.finding import Yardstick, first_frame, frames, jitter, measure_finder
from emoscope.errors import UnknownDetectorError
from emoscope.faces import FINDERS, open_finder
from emoscope.faces.yunet import YuNet
from emoscope.system.bundled import bundled, checksums, pretrained


@pytest.fixture(scope="module")
def yardstick() -> Yardstick:
    return Yardstick()


@pytest.mark.parametrize(
    "name, least",
    [
        ("facenet_pytorch_video.mp4", 0.85),
        ("short_hamilton_clip.mp4", 0.85),
        ("pyfeat_face_noface.mov", 1.0),
    ],
)
def test_it_finds_what_a_thorough_detector_finds(shared, yardstick, name, least):
    with open_finder() as finder:
        tally = measure_finder(finder, shared / "videos" / name, 10, yardstick)
    assert tally.expected >= 7
    assert tally.recall >= least


@pytest.mark.parametrize("name", ["videos/imageio_cockatoo.mp4", "damaged/alihassan_meeting_black.mp4"])
def test_it_invents_no_face(shared, name):
    with open_finder() as finder:
        assert [face for image, time_s in frames(shared / name) for face in finder.find(image, time_s)] == []


@pytest.mark.parametrize("detector", FINDERS)
def test_every_finder_numbers_four_faces_side_by_side(shared, detector):
    if detector == "mediapipe":
        pytest.importorskip("mediapipe", reason="the extra `mediapipe` is not installed")
    with open_finder(detector) as finder:
        seen = [
            [face.track for face in finder.find(image, time_s)]
            for image, time_s in islice(frames(shared / "videos" / "grid4_1280x720.mp4"), 20)
        ]
    assert [sorted(numbers) for numbers in seen] == [[1, 2, 3, 4]] * 20


@pytest.mark.parametrize("name", ["liveportrait_d20.mp4", "short_hamilton_clip.mp4"])
def test_the_box_of_a_still_face_does_not_shake(shared, name):
    with open_finder() as finder:
        shake = jitter(finder, first_frame(shared / "videos" / name))
    assert shake is not None and shake <= 0.005


def test_close_faces_are_not_refused(shared):
    """Before ROIs could end with the picture every eighth of them was."""
    yardstick, photos = YuNet(SEEN), sorted((shared / "photos").iterdir())
    with open_finder() as finder:
        seen, refused = tally(finder, crops(photos, 60, 0, yardstick), yardstick)
        if (shared / "fer2013.zip").is_file():
            more, others = tally(finder, enlarged(shared / "fer2013.zip", 60, 0), yardstick)
            seen, refused = seen + more, refused + others
    assert seen > 50
    assert refused <= 0.01 * seen


def test_all_faces_of_a_picture_are_found_at_first_sight(shared):
    image = cv2.imread(str(shared / "photos" / "deepface_selfie-many-people.jpg"))
    with open_finder() as finder:
        assert len(finder.find(image, 0.0)) == 6


def test_an_unknown_detector_names_the_known_ones():
    with pytest.raises(UnknownDetectorError, match="auto, blazeface, mediapipe, yunet"):
        open_finder("haar")


@pytest.mark.parametrize("name", checksums(pretrained() / "detectors"))
def test_each_shipped_detector_is_whole_and_its_origin_and_licence_stand_beside_it(name):
    folder = pretrained() / "detectors"
    assert bundled(folder, name).is_file()
    (row,) = [line for line in (folder / "ORIGIN.md").read_text("utf-8").splitlines() if f"`{name}`" in line]
    licence = row.split("LICENSE.")[1].split("`")[0] if "LICENSE." in row else "blazeface.txt"
    assert len(Path(folder / f"LICENSE.{licence}").read_text("utf-8")) > 500
