"""Who is who, with drawn people: known again, never two at once, replaced, mirrored, bounded; and in made films."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.faces import open_finder
from emoscope.faces import people as people_module
from emoscope.faces.appearance import appearance, differences
from emoscope.faces.people import LOOKS, OTHER, PEOPLE, SAME, People
from emoscope.media.raster import raster_of
from emoscope.types import Face, Image
from tests.realtime.faces import made

EDGE = 80


def face(x: float, y: float = 110.0, track: int = 1, score: float = 0.9, apart: float = 0.42) -> Face:
    """A frontal face about (x, y), unless its eyes are less `apart`."""
    half, eyes = EDGE / 2, apart * EDGE / 2
    return Face(
        (x - half, y - half, x + half, y + half), ((x - eyes, y - 0.1 * EDGE), (x + eyes, y - 0.1 * EDGE)), score, track
    )


def picture(*people: tuple[float, int], noise: int = 0) -> Image:
    """People, each a pattern and colours of their own about (x, 110)."""
    board = np.full((300, 640, 3), 90, np.uint8)
    for x, seed in people:
        rng = np.random.default_rng(seed)
        coarse = rng.integers(0, 255, (28, 16, 3)).astype(np.uint8)
        part = cv2.resize(coarse, (EDGE * 2, EDGE * 28 // 8), interpolation=cv2.INTER_LINEAR)[:, :]
        left, top = round(x) - EDGE, 20
        board[top : top + part.shape[0], left : left + part.shape[1]] = part[: 300 - top]
    if noise:
        board = np.clip(board.astype(int) + np.random.default_rng(noise).normal(0, 4, board.shape), 0, 255)
    return board.astype(np.uint8)


def show(people: People, image: Image, faces: Sequence[Face], time_s: float, replaced: Sequence[int] = ()) -> list[int]:
    """The numbers, in the order of the faces from left to right."""
    named = people.named(raster_of(image), faces, faces, time_s, replaced)
    return [one.track for one in sorted(named, key=lambda one: one.box_xyxy[0])]


def watched(people: People, image: Image, faces: Sequence[Face], start_s: float, seconds: float = 2.0) -> list[int]:
    """The numbers at the end of some time."""
    numbers: list[int] = []
    for index in range(round(10 * seconds)):
        numbers = show(people, image, faces, start_s + index / 10)
    return numbers


def test_the_same_person_differs_little_and_another_much():
    one = appearance(raster_of(picture((200, 1))), face(200))
    same = appearance(raster_of(picture((203, 1), noise=7)), face(202))
    other = appearance(raster_of(picture((200, 2))), face(200))
    assert one is not None and same is not None and other is not None
    near, far = differences(one, [same, other])
    assert near < SAME < OTHER < far


@pytest.mark.parametrize(
    "unclear", [face(200, score=0.6), face(200, apart=0.2), replace(face(200), box_xyxy=(190, 100, 214, 124))]
)
def test_a_face_that_is_not_clear_is_not_looked_at(unclear: Face):
    assert appearance(raster_of(picture((200, 1))), unclear) is None


def test_an_even_face_has_no_looks():
    assert appearance(raster_of(np.full((300, 640, 3), 90, np.uint8)), face(200)) is None


def test_who_comes_back_gets_their_number_back():
    people = People()
    assert watched(people, picture((200, 1)), [face(200, track=1)], 0.0) == [1]
    assert watched(people, picture((200, 2)), [face(200, track=2)], 5.0) == [2]
    assert show(people, picture((450, 1), noise=3), [face(450, track=3)], 60.0) == [1]


def test_nobody_is_somebody_who_is_in_the_picture():
    people, twins = People(), picture((200, 1), (450, 1))
    assert watched(people, picture((200, 1)), [face(200, track=1)], 0.0) == [1]
    assert watched(people, twins, [face(200, track=1), face(450, track=2)], 2.0) == [1, 2]


def test_who_is_like_two_people_who_met_is_neither():
    people, twins = People(), picture((200, 1), (450, 1))
    assert watched(people, twins, [face(200, track=1), face(450, track=2)], 0.0) == [1, 2]
    people.leave()
    assert show(people, picture((200, 1)), [face(200, track=3)], 10.0) == [3]


def test_two_who_change_places_keep_their_numbers():
    people = People()
    faces = [face(200, track=1), face(450, track=2)]
    assert watched(people, picture((200, 1), (450, 2)), faces, 0.0) == [1, 2]
    assert show(people, picture((200, 2), (450, 1)), faces, 2.0, replaced=[1, 2]) == [2, 1]


def test_two_who_changed_places_unnoticed_are_put_right_at_the_next_look():
    people = People()
    faces = [face(200, track=1), face(450, track=2)]
    assert watched(people, picture((200, 1), (450, 2)), faces, 0.0) == [1, 2]
    assert watched(people, picture((200, 2), (450, 1)), faces, 2.0, seconds=1.5) == [2, 1]


def test_a_stranger_in_a_place_is_a_new_one():
    people = People()
    assert watched(people, picture((200, 1)), [face(200, track=1)], 0.0) == [1]
    assert show(people, picture((200, 2)), [face(200, track=1)], 2.0, replaced=[1]) == [2]


def test_who_only_turned_away_stays_who_they_are():
    people = People()
    assert watched(people, picture((200, 1)), [face(200, track=1)], 0.0) == [1]
    assert show(people, picture((200, 1)), [face(200, track=1, apart=0.1)], 2.0, replaced=[1]) == [1]


def test_mirrored_people_are_the_same():
    people = People()
    scene = picture((200, 1))
    assert watched(people, scene, [face(200, track=1)], 0.0) == [1]
    people.mirror()
    people.leave()
    assert show(people, np.ascontiguousarray(scene[:, ::-1]), [face(440, track=2)], 5.0) == [1]


def test_after_a_reset_nobody_is_known_and_no_number_is_given_twice():
    people = People()
    watched(people, picture((200, 1)), [face(200, track=1)], 0.0)
    people.reset()
    assert show(people, picture((200, 1)), [face(200, track=2)], 5.0) == [2]
    people.reset(anew=True)
    assert show(people, picture((200, 1)), [face(200, track=3)], 0.0) == [1]


def test_what_is_remembered_is_bounded():
    people = People()
    for number in range(PEOPLE + 10):
        show(people, picture((200, 1)), [face(200, track=number + 1, score=0.6)], 2.0 * number)
    assert len(people.galleries) <= PEOPLE + 1
    for number in range(3 * LOOKS):
        watched(people, picture((200, 1), noise=1 + number), [face(200, track=1000)], 1000.0 + number, seconds=1)
    assert all(len(gallery.looks) <= LOOKS for gallery in people.galleries.values())


def test_people_are_the_same_after_pickling():
    people = People()
    watched(people, picture((200, 1)), [face(200, track=1)], 0.0)
    again = pickle.loads(pickle.dumps(people))
    assert show(again, picture((450, 1)), [face(450, track=2)], 9.0) == [1]


MADE = ["tiles swap", "off for 3 s, in a call", "another comes after 3 s", "out of the picture for 3 s", "two cross",
        "cuts to and fro"]  # fmt: skip


@pytest.mark.parametrize("kind", MADE)
def test_in_made_films_people_keep_their_numbers(kind: str, shared: Path):
    film = made.films(shared / "videos")[kind][1]
    with open_finder(reidentify=False) as plain, open_finder() as finder:
        before, after = made.tally(film(), plain), made.tally(film(), finder)
    assert after.faces > 50
    assert after.merges == 0
    assert after.switches <= before.switches


def test_after_a_jump_people_have_their_numbers(shared: Path):
    film = made.cuts(shared / "videos", "d6", "franck", seconds=6)
    pictures = [picture for picture, _, _ in film]
    with open_finder() as finder:
        first = [
            [one.track for one in finder.find(image, index / made.RATE_HZ)] for index, image in enumerate(pictures)
        ]
        again = [
            [one.track for one in finder.find(image, index / made.RATE_HZ)] for index, image in enumerate(pictures)
        ]
    assert first == again
    assert {number for row in first for number in row} == {1, 2}


def test_looks_that_are_taken_ahead_hold_no_frame_up_and_give_the_same_numbers(monkeypatch: pytest.MonkeyPatch):
    taken: list[str] = []
    monkeypatch.setattr(people_module, "appearance", lambda *given: (taken.append(doing), appearance(*given))[1])
    both, one = picture((150, 1), (450, 2)), picture((150, 1))
    scenes = [(both, [face(150), face(450, track=2)])] * 15 + [(one, [face(150)])] * 20
    scenes += [(both, [face(150), face(450, track=3)])] * 10
    usual, later = People(), People()
    doing = ""
    for index, (image, faces) in enumerate(scenes):
        raster, time_s = raster_of(image), index / 10
        expected = usual.named(raster, faces, faces, time_s)
        doing = f"frame {index}"
        assert later.named(raster, faces, faces, time_s, ahead=True) == expected, doing
        doing = f"after {index}"
        later.look(raster, faces, time_s)
        doing = ""
    in_frames = {place for place in taken if place.startswith("frame")}
    assert in_frames == {"frame 35"}, "only of who comes back, to say at once who it is"
    assert len([place for place in taken if place.startswith("after")]) > 10


def test_what_was_taken_ahead_is_forgotten_with_the_scene():
    people, image = People(), raster_of(picture((200, 1)))
    for index in range(8):
        people.named(image, [face(200)], [face(200)], index / 10, ahead=True)
        people.look(image, [face(200)], index / 10)
    people.leave()
    other = raster_of(picture((200, 2)))
    (named,) = people.named(other, [face(200)], [face(200)], 0.9, ahead=True)
    assert named.track == 2
