"""The panels: inset, strip chart, status, notice, help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw import inset, text
from emoscope.draw.arrange import Arranger
from emoscope.draw.canvas import Canvas
from emoscope.draw.help import help_panel
from emoscope.draw.history import NOTHING, history
from emoscope.draw.hud import notice, recording_dot, status_line, status_panel, status_parts, status_table, wrapped
from emoscope.draw.patch import lay
from emoscope.draw.picture import overlays
from emoscope.draw.stage import Stage
from emoscope.draw.style import EMOTIONS, Sizes
from emoscope.view.keys import KEYS
from emoscope.view.scene import Scene, Status
from emoscope.view.state import first_state
from tests.realtime.tiny import CONTRACT, LABELS

SIZES = Sizes.of(1280, 720)
STATE = first_state(CONTRACT)
TITLE = "face 1 • last 20 s"
SMALL = [(400, 300), (480, 270), (480, 360)]
TINY = [(320, 200), (320, 240), (240, 320)]
FRAMES = [(32, 24), (160, 120), (640, 480), (720, 1280), (1920, 1080), (3840, 2160)]


@pytest.mark.parametrize("edge", [64, 80, 100, 140, 300])
def test_the_words_for_the_ends_of_a_scale_never_lie_on_each_other(edge: int):
    scale, picture = np.zeros((256, 3), np.uint8), np.zeros((edge, edge, 3), np.uint8)

    def inked(least: str, most: str) -> np.ndarray:
        board = np.zeros((*inset.inset_size(edge, SIZES)[::-1], 3), np.uint8)
        lay(board, inset.inset(inset.InsetPicture(picture, "", "", scale, least, most), (0, 0), edge, SIZES))
        return (board.max(axis=2) > 60).any(axis=0)

    left, right = inked("brighter lowers it", ""), inked("", "raises it")
    assert left.any() and right.any()
    assert np.flatnonzero(left).max() < np.flatnonzero(right).min()


def test_the_inset_shows_its_picture_unchanged_and_its_lines_below():
    edge = inset.inset_edge(1280, 720, SIZES)
    picture = np.random.default_rng(0).integers(0, 256, (edge, edge, 3), dtype=np.uint8)
    board = np.zeros((*inset.inset_size(edge, SIZES)[::-1], 3), np.uint8)
    lay(board, inset.inset(inset.InsetPicture(picture, "title", "subtitle"), (0, 0), edge, SIZES))
    inside = board[SIZES.gap : SIZES.gap + edge, SIZES.gap : SIZES.gap + edge]
    np.testing.assert_array_equal(inside, picture)
    below = board[SIZES.gap + edge :]
    assert (below.min(axis=2) > 180).any()
    assert not (below[:, -SIZES.gap :].max(axis=2) > 60).any()


def test_history_draws_each_class_at_the_height_of_its_probability():
    values = np.tile(np.array([1.0, 0.5, 0.0], np.float32), (50, 1))
    board = history(LABELS, values, TITLE, 400, SIZES)
    high = round(SIZES.text * 5)
    for name, level in zip(LABELS, (1.0, 0.5, 0.0), strict=True):
        rows = np.flatnonzero(
            (np.abs(board.sheet[..., :3].astype(int) - EMOTIONS[name]).max(axis=2) < 30).sum(axis=1) > 100
        )
        assert rows.mean() == pytest.approx(SIZES.gap + (1 - level) * (high - 1), abs=2)


def test_history_has_a_gap_where_the_face_was_not_seen():
    values = np.full((40, 3), 0.5, np.float32)
    values[10:30] = np.nan
    board = history(LABELS, values, TITLE, 420, SIZES)
    chart = board.sheet[: SIZES.gap + round(SIZES.text * 5), :, :3]
    seen = (np.abs(chart.astype(int) - EMOTIONS["neutral"]).max(axis=2) < 30).any(axis=0)
    assert seen[40:100].all()
    assert not seen[130:290].any()
    assert seen[320:400].all()


@pytest.mark.parametrize("moments", [0, 1, 2])
def test_history_of_almost_nothing(moments: int):
    assert history(LABELS, np.full((moments, 3), 0.3, np.float32), TITLE, 200, SIZES).width == 200


def written(board_of: Callable[[], Canvas], monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, int, int, int]]:
    """All texts of a board and the boxes x0, y0, x1, y1 about them."""
    lines: dict[str, tuple[int, int, int, int]] = {}
    write = Canvas.text

    def watched(board, x, y, words, size, colour, weight=text.REGULAR):
        lines[words] = (x, y, x + text.advance(words, size, weight), y + text.line_height(size))
        return write(board, x, y, words, size, colour, weight)

    monkeypatch.setattr(Canvas, "text", watched)
    board_of()
    monkeypatch.undo()
    return lines


def test_history_says_whose_it_is_and_names_its_highest_lines(monkeypatch: pytest.MonkeyPatch):
    values = np.tile(np.array([0.3, 0.65, 0.05], np.float32), (40, 1))
    lines = written(lambda: history(LABELS, values, TITLE, 400, SIZES), monkeypatch)
    assert set(lines) == {TITLE, "sad", "happy"}
    assert lines[TITLE][2] < lines["happy"][0] < lines["happy"][2] < lines["sad"][0] < lines["sad"][2] <= 400
    narrow = written(lambda: history(LABELS, values, TITLE, 150, SIZES), monkeypatch)
    assert max(right for _, _, right, _ in narrow.values()) <= 150


@pytest.mark.parametrize("moments", [0, 1])
def test_history_of_a_picture_says_that_there_is_none(moments: int, monkeypatch: pytest.MonkeyPatch):
    values = np.full((40, 3), np.nan, np.float32)
    values[40 - moments :] = 1 / 3
    assert set(written(lambda: history(LABELS, values, TITLE, 400, SIZES), monkeypatch)) == {TITLE, NOTHING}


STATUS = Status("camera 0", 29.97, 0.0412, 3, "gmp", "CPU", {"faces": 0.004, "network": 0.0012}, False, "0:03 / 0:10")


def test_the_status_line_speaks_to_people():
    assert status_parts(STATUS, 2) == ["camera 0 0:03 / 0:10", "2 faces", "30 frames/s", "41 ms delay", "gmp"]
    assert status_parts(Status(source="film.mp4", model="gmp"), 1) == ["film.mp4", "1 face", "gmp"]
    assert "no face" in status_parts(STATUS, 0)


def test_the_status_table_speaks_to_engineers_with_units():
    table = dict(status_table(STATUS, 2))
    assert table["delay"] == "41 ms"
    assert table["dropped"] == "3 frames"
    assert table["runs on"] == "CPU"
    assert (table["faces"], table["network"]) == ("4.0 ms", "1.2 ms")
    assert "dropped" not in dict(status_table(replace(STATUS, dropped=0), 2))


@pytest.mark.parametrize("room", [60, 120, 300, 2000])
def test_the_status_keeps_to_its_room(room: int):
    long = replace(STATUS, source="a name that is far too long for any panel" * 3)
    assert status_line(long, 4, SIZES, room).width <= max(room, 2 * SIZES.gap + 20)
    panel = status_panel(long, 4, SIZES, (max(room, 160), 100))
    assert panel.width <= max(room, 160)
    assert panel.height <= 110


@pytest.mark.parametrize("text_scale", [1.0, 2.0])
@pytest.mark.parametrize("board", [(1500, 900), (640, 360)])
def test_figures_of_the_status_beside_a_whole_inset_keep_their_ends(
    board: tuple[int, int], text_scale: float, monkeypatch: pytest.MonkeyPatch
):
    status = replace(STATUS, source="a_film_with_a_long_name.mp4", latency_s=1.465, stages_s={"network": 0.1158})
    whole, written = Stage.of((1920, 1080), board, "whole"), list[str]()
    monkeypatch.setattr(Canvas, "text", lambda board, x, y, text, *how: written.append(text))
    state = replace(STATE, hud="table", text_scale=text_scale)
    drawn = Arranger().arrange(Scene(status=status), state, whole).status
    assert drawn is not None and drawn.x >= whole.rest.x
    assert {"1465 ms", "115.8 ms", "3 frames"} <= set(written)


def test_a_recording_shows_a_red_dot():
    assert recording_dot(SIZES).sheet[10, 10, 2] > 200
    scene, stage = Scene(status=replace(STATUS, recording=True)), Stage.whole(640, 480)
    places = Arranger().arrange(scene, STATE, stage)
    dot = recording_dot(places.sizes)
    (drawn,) = overlays(scene, STATE, places)
    np.testing.assert_array_equal(drawn.sheet, dot.sheet)
    assert places.status is not None
    assert drawn.x + drawn.width <= places.status.x
    assert overlays(replace(scene, status=STATUS), STATE, places) == []


@pytest.mark.parametrize("room", [80, 300])
def test_a_notice_keeps_to_its_room_and_loses_no_word(room: int):
    words = "camera 0 lost • trying again"
    assert notice(words, SIZES, room).width <= room
    lines = wrapped(words, 120, 20)
    assert " ".join(lines) == words
    path = "/home/somebody/a/very/long/way/to/emoscope-0001.png"
    assert "".join(wrapped(path, 200, 20)) == path


@pytest.mark.parametrize("frame", [*FRAMES, *SMALL, *TINY])
def test_help_fits_the_picture(frame: tuple[int, int]):
    board = help_panel(KEYS, *frame)
    assert board.width <= frame[0]
    assert board.height <= frame[1]


@pytest.mark.parametrize("frame", [*SMALL, *(frame for frame in FRAMES if min(frame) >= 480)])
def test_help_shows_every_line_whole(frame: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    lines = written(lambda: help_panel(KEYS, *frame), monkeypatch)
    board = help_panel(KEYS, *frame)
    said = {title for title, _ in KEYS} | {words for _, rows in KEYS for row in rows for words in row}
    assert said <= set(lines)
    assert max(right for _, _, right, _ in lines.values()) <= board.width
    assert max(low for _, _, _, low in lines.values()) <= board.height


def test_a_caption_keeps_all_its_parts_in_a_narrow_inset():
    title, subtitle = "Grad-CAM++ • surprise (pinned) • face 12", "block3_shortcut  6×6×256"
    assert inset.caption(title, subtitle, 1000, 17) == (title, subtitle)
    assert inset.caption(title, subtitle, 160, 14) == (
        "Grad-CAM++ • surprise (pinned)",
        "face 12 • block3_shortcut  6×6×256",
    )
    assert inset.caption("network input", "", 20, 17) == ("network input", "")
    heat = "heat: neutral (chosen), LayerCAM", "face 1 • pool2  12×12"
    assert inset.caption(*heat, 100, 13) == ("heat: neutral (chosen)", "LayerCAM • face 1 • pool2  12×12")


def test_of_a_caption_in_a_narrow_inset_no_part_is_cut_in_two(monkeypatch: pytest.MonkeyPatch):
    content = inset.InsetPicture(np.zeros((64, 64), np.uint8), "heat: neutral", "LayerCAM • face 3 • pool2  12×12")
    for edge in (64, 96, 128, 200, 400):
        inset._worded.cache_clear()
        lines = list(written(lambda edge=edge: inset.inset(content, (0, 0), edge, SIZES), monkeypatch))
        assert content.subtitle.startswith(lines[-1].removesuffix("…"))
        whole = lines[-1] in ("LayerCAM", "LayerCAM • face 3", content.subtitle)
        assert whole or "•" not in lines[-1], lines[-1]
    assert lines[-1] == content.subtitle
