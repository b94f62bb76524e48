"""Notes, rate, past, stage: the small parts of the viewer."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.draw.layout import Rect
from emoscope.draw.stage import Stage, on_board
from emoscope.live.notes import PER_SIGN_S, STAY_S, Notes
from emoscope.live.past import MOMENTS, SPAN_S, Past
from emoscope.live.rate import Rate
from emoscope.live.window import LARGEST, SMALLEST, first_size
from tests.realtime.tiny import face, shown


def test_a_note_goes_by_itself_and_a_new_one_starts_anew():
    now = [100.0]
    notes = Notes(lambda: now[0])
    assert notes.text == ""
    notes.say("saved")
    now[0] += STAY_S + 5 * PER_SIGN_S - 0.01
    assert notes.text == "saved"
    notes.say("again")
    now[0] += STAY_S + 5 * PER_SIGN_S - 0.01
    assert notes.text == "again"
    now[0] += 0.02
    assert notes.text == ""


def test_rate_and_typical_latency_of_the_last_two_seconds():
    rate = Rate()
    assert (rate.per_second, rate.latency_s) == (0.0, None)
    rate.tick(0.0, 5.0)
    assert (rate.per_second, rate.latency_s) == (0.0, 5.0)
    for number in range(1, 101):
        rate.tick(number * 0.05, 0.04 if number % 10 else 0.5)
    assert rate.per_second == pytest.approx(20)
    assert rate.latency_s == pytest.approx(0.04)


def test_figures_of_a_source_that_stands_still_are_forgotten():
    rate = Rate()
    for number in range(5):
        rate.tick(number * 0.1, 0.04)
    rate.look(1.0)
    assert not rate.idle
    rate.look(9.0)
    assert rate.idle
    assert (rate.per_second, rate.latency_s) == (0.0, None)


def test_the_past_of_a_face_is_placed_by_its_time():
    past = Past()
    for second in range(int(SPAN_S) + 1):
        past.add(100.0 + second, (shown(best=second % 2),))
    values = past.of(1, 3)
    assert values.shape == (MOMENTS, 3)
    np.testing.assert_allclose(values[-1], [0.7, 0.15, 0.15])
    np.testing.assert_allclose(values[0], [0.7, 0.15, 0.15])
    seen = np.flatnonzero(~np.isnan(values[:, 0]))
    assert np.diff(seen) == pytest.approx((MOMENTS - 1) / SPAN_S, abs=1)


def test_the_past_is_short_and_forgets_when_time_goes_back():
    past = Past()
    past.add(0.0, (shown(),))
    past.add(SPAN_S + 1, (shown(face(track=2)),))
    assert np.isnan(past.of(1, 3)).all()
    past.add(3.0, ())
    assert np.isnan(past.of(2, 3)).all()


def test_a_single_missing_moment_is_filled_and_a_longer_gap_stays():
    past, step = Past(), SPAN_S / (MOMENTS - 1)
    for moment in (0, 1, 3, 4, 8, 9):
        past.add(moment * step + 1e-6, (shown(),))
    seen = ~np.isnan(past.of(1, 3)[-10:, 0])
    assert seen.tolist() == [True] * 5 + [False] * 3 + [True] * 2


def test_an_unknown_face_has_no_past():
    assert np.isnan(Past().of(7, 3)).all()


@pytest.mark.parametrize(
    ("frame", "window", "film"),
    [
        ((640, 480), (640, 480), Rect(0, 0, 640, 480)),
        ((320, 240), (640, 600), Rect(0, 60, 640, 480)),
        ((1920, 1080), (960, 960), Rect(0, 210, 960, 540)),
        ((100, 400), (200, 200), Rect(75, 0, 50, 200)),
        ((4000, 1), (40, 40), Rect(0, 19, 40, 1)),
    ],
)
def test_a_frame_fits_its_window_as_a_whole_and_in_the_middle(frame, window, film: Rect):
    assert Stage.of(frame, window).film == film


def test_a_board_is_a_picture_of_its_own():
    image = np.zeros((48, 64, 3), np.uint8)
    on_board(image, Stage.of((64, 48), (64, 48)))[:] = 255
    assert not image.any()
    assert on_board(image, Stage.of((64, 48), (32, 24))).shape == (24, 32, 3)


def test_the_dark_fills_the_window_about_the_frame():
    stage = Stage.of((64, 48), (100, 100))
    board = on_board(np.full((48, 64, 3), 200, np.uint8), stage)
    assert board.shape == (100, 100, 3)
    rows = np.flatnonzero((board == 200).all(axis=(1, 2)))
    assert (rows[0], rows[-1] + 1) == (stage.film.y, stage.film.bottom)
    assert (np.delete(board, rows, axis=0) < 30).all()


@pytest.mark.parametrize("picture", [(64, 48), (320, 240), (1280, 720), (1920, 1080), (480, 908), (4000, 500), (1, 1)])
def test_the_first_window_keeps_the_shape_and_is_neither_tiny_nor_huge(picture: tuple[int, int]):
    width, height = first_size(*picture)
    assert width <= LARGEST[0]
    assert height <= LARGEST[1]
    assert width >= SMALLEST[0] or height >= SMALLEST[1] or picture[0] > LARGEST[0] or picture[1] > LARGEST[1]
    film = Stage.of(picture, (width, height)).film
    assert film.width / film.height == pytest.approx(picture[0] / picture[1], rel=0.02)
    assert film.height == height and film.width <= width, "what is left is beside the picture, for panels"
