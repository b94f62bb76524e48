"""The strip for the mouse: every button is a key of the table, and every place on it means what is drawn there."""

from __future__ import annotations

import pytest

from emoscope.draw.strip import buttons, strip_board, strip_of
from emoscope.draw.style import Sizes
from emoscope.view.keys import BY_KEY
from emoscope.view.state import ViewState


@pytest.mark.parametrize("size", [(480, 360), (960, 540), (1920, 1080), (200, 150)])
@pytest.mark.parametrize("seekable", [True, False])
def test_buttons_stand_apart_in_the_strip_and_give_their_keys(size: tuple[int, int], seekable: bool):
    sizes, row = Sizes.of(*size), buttons(ViewState(), seekable)
    strip = strip_of(row, size[0] - 2 * sizes.gap, seekable, sizes)
    assert strip.width <= size[0]
    places = [place for _, place in strip.buttons]
    for number, ((_, key), place) in enumerate(strip.buttons):
        assert key in BY_KEY
        assert strip.key_at(place.x + place.width / 2, place.y + place.height / 2) == key
        assert not any(place.overlap(other) for other in places[:number])
        assert place.bottom <= strip.height
    board = strip_board(strip, 0.5, (places[0].x + 2.0, places[0].y + 2.0), sizes)
    assert (board.width, board.height) == (strip.width, strip.height)
    assert strip.key_at(-5, -5) is None


def test_the_seek_bar_goes_from_start_to_end():
    sizes = Sizes.of(960, 540)
    strip = strip_of(buttons(ViewState(), True), 900, True, sizes)
    assert strip.bar is not None
    y = strip.bar.y + 1
    assert strip.progress_at(strip.bar.x, y) == 0
    assert strip.progress_at(strip.bar.right, y) == 1
    assert strip.progress_at(strip.bar.x + strip.bar.width / 2, y) == pytest.approx(0.5, abs=0.01)
    assert strip.progress_at(strip.bar.x + 50, strip.height - 3) is None
    still = strip_of(buttons(ViewState(), False), 900, False, sizes)
    assert still.progress_at(20, 5) is None


def test_a_paused_film_offers_to_play():
    assert buttons(ViewState(paused=True), True)[0] == ("play", "space")
    assert buttons(ViewState(), True)[0] == ("pause", "space")
