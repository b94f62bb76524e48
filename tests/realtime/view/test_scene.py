"""What is gathered for drawing: shown faces, the chosen one, and the picture it was cut from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from emoscope.reading.chip import LARGEST, portrait
from emoscope.reading.smoothing import Mood
from emoscope.reading.subject import Subject, left_to_right
from emoscope.view.scene import Scene, at_scale, raw, smoothed
from tests.realtime.tiny import face, reading, shown


def test_raw_says_what_the_network_said():
    of = reading(best=2)
    one = raw(of)
    assert (one.label, one.confidence) == ("neutral", pytest.approx(0.7))
    assert one.probabilities is of.prediction.probabilities


def test_smoothed_says_what_is_said_over_time():
    mood = Mood(np.array([0.3, 0.3, 0.4], np.float32), 2, "unsure", 0.4)
    one = smoothed(reading(best=0), mood)
    assert (one.label, one.confidence) == ("unsure", 0.4)
    assert one.probabilities is mood.probabilities
    assert one.reading.prediction.emotion == "happy"


def test_at_scale_moves_box_square_and_eyes_and_nothing_else():
    before = shown(face(40, 30, 20))
    after = at_scale(before, 2.5)
    assert after.reading.face.box_xyxy == (100, 75, 150, 125)
    assert after.reading.square == (100, 75, 150, 125)
    assert after.reading.face.eyes == ((112.5, 100), (137.5, 100))
    assert after.reading.crop is before.reading.crop
    assert after.label == before.label


def test_subject_of_a_scene():
    first, second = shown(), shown(best=1)
    assert Scene((first, second), chosen=1).subject is second
    assert Scene((first, second)).subject is None


SMALL, LARGE, OTHER = (face(x, 0, edge, track) for track, (x, edge) in enumerate([(0, 10), (50, 30), (90, 31)], 1))


def test_the_largest_is_chosen_and_kept_while_it_stays():
    subject = Subject()
    assert subject.pick([SMALL, LARGE]) == 1
    assert subject.pick([OTHER, SMALL, LARGE]) == 2
    assert subject.pick([OTHER, SMALL]) == 0


def test_a_wish_goes_before_and_is_kept_after():
    subject = Subject()
    assert subject.pick([LARGE, SMALL]) == 0
    assert subject.pick([LARGE, SMALL], wanted=1) == 1
    assert subject.pick([LARGE, SMALL]) == 1
    assert subject.pick([LARGE], wanted=1) == 0


def test_nobody_there():
    assert Subject().pick([]) is None
    assert Subject().pick([], wanted=3) is None


def test_tracks_from_left_to_right():
    assert left_to_right([shown(one) for one in (OTHER, SMALL, LARGE)]) == (1, 2, 3)
    assert left_to_right([]) == ()


PICTURE = np.arange(100, dtype=np.uint8).reshape(10, 10)


def test_portrait_is_the_square_of_the_picture():
    np.testing.assert_array_equal(portrait(PICTURE, (2.4, 3.4, 5.6, 6.6)), PICTURE[3:7, 2:6])


def test_portrait_repeats_the_border():
    seen = portrait(PICTURE, (-2, -1, 3, 4))
    assert seen.shape == (5, 5)
    np.testing.assert_array_equal(seen[1:, 2:], PICTURE[:4, :3])
    assert (seen[0, :3] == PICTURE[0, 0]).all()
    beyond = portrait(PICTURE, (7, 8, 14, 15))
    assert beyond.shape == (7, 7)
    assert (beyond[2:, 3:] == PICTURE[9, 9]).all()


@pytest.mark.parametrize("square", [(20, 20, 24, 24), (-9, -9, -5, -5), (4, 4, 4, 4), (-50, 2, 60, 6)])
@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 3), (1, 1, 3)])
def test_a_square_outside_or_empty_still_gives_a_picture(square: tuple[float, ...], shape: tuple[int, ...]):
    seen = portrait(np.zeros(shape, np.uint8), square)
    assert min(seen.shape) >= 1
    assert seen.shape[2:] == shape[2:]


def test_a_square_far_larger_than_the_picture_is_sampled():
    seen = portrait(PICTURE, (-1_000_000, -1_000_000, 1_000_010, 1_000_010))
    assert seen.shape == (LARGEST, LARGEST)
    assert [seen[0, 0], seen[0, -1], seen[-1, 0], seen[-1, -1]] == [PICTURE[y, x] for y in (0, 9) for x in (0, 9)]


def test_a_turned_portrait_is_upright():
    picture = np.zeros((200, 200), np.uint8)
    for step in range(-60, 61):  # a line that falls to the right by 30°
        x, y = 100 + step * math.cos(math.radians(30)), 100 + step * math.sin(math.radians(30))
        picture[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = 255
    seen = portrait(picture, (50, 50, 150, 150), math.radians(30))
    assert seen.shape == (100, 100)
    assert seen[50].mean() > 240
    assert seen[:40].max() == seen[60:].max() == 0
