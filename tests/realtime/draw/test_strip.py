"""The strip for the mouse: every button is a key of the table, and every place on it means what is drawn there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emoscope.draw.arrange import Arranger
from emoscope.draw.layout import Rect
from emoscope.draw.patch import rect_of
from emoscope.draw.stage import Stage
from emoscope.draw.strip import buttons, strip_board, strip_of
from emoscope.draw.style import Sizes
from emoscope.view.keys import BY_KEY
from emoscope.view.scene import Scene
from emoscope.view.state import ViewState, first_state
from tests.realtime.tiny import CONTRACT, explained, face, shown


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


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (960, 540)])
@pytest.mark.parametrize("view", ["gradcam", "off"])
def test_it_lies_at_the_foot_unless_there_are_words_and_stays_while_it_is_shown(size: tuple[int, int], view: str):
    state, stage, arranger = first_state(CONTRACT, view), Stage.whole(*size), Arranger()
    scene = Scene((shown(why=explained()),), 0, strip=0.5)
    places = arranger.arrange(scene, state, stage)
    strip, gap = places.strip, places.sizes.gap
    assert strip is not None and places.bars is not None
    if view == "off":
        assert strip.bottom == size[1] - gap
    else:
        lines = Rect(places.inset.x, places.inset.y + gap + places.edge, places.inset.width, gap)
        lines = Rect(lines.x, lines.y, lines.width, places.inset.bottom - lines.y)
        assert not strip.overlap(lines)
    assert not strip.overlap(places.bars)
    other = arranger.arrange(scene, first_state(CONTRACT, "off" if view != "off" else "gradcam"), stage)
    assert other.strip == strip, "somebody aims at it"
    arranger.arrange(Scene(scene.faces, 0), state, stage)
    assert arranger.arrange(scene, first_state(CONTRACT, "off"), stage).strip.bottom == size[1] - gap


@pytest.mark.parametrize("y", range(20, 640, 60))
def test_labels_and_the_notice_make_room_for_it_and_are_afterwards_where_they_were(y: int):
    state, stage, arranger = first_state(CONTRACT, "off"), Stage.whole(1280, 720), Arranger()
    faces = (shown(replace(face(), box_xyxy=(500, y, 640, y + 150))),)
    before = arranger.arrange(Scene(faces, 0, notice="paused"), state, stage)
    for time_s in (1.0, 2.5, 4.0):
        meanwhile = arranger.arrange(Scene(faces, 0, notice="paused", strip=0.5, time_s=time_s), state, stage)
    assert meanwhile.strip is not None
    for patch in (meanwhile.notice, *meanwhile.labels):
        assert patch is not None and not rect_of(patch).overlap(meanwhile.strip)
    after = arranger.arrange(Scene(faces, 0, notice="paused", time_s=5.0), state, stage)
    places = [[(one.x, one.y) for one in (them.notice, *them.labels)] for them in (before, after)]
    assert places[0] == places[1]
