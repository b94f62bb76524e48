"""Where things stand: named, uncovered, off the faces, and without fidgeting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.arrange import Arrangement, Arranger
from emoscope.draw.layout import Rect
from emoscope.draw.patch import rect_of
from emoscope.draw.picture import patches
from emoscope.draw.stage import HALF, SMALL, WHOLE, Stage
from emoscope.draw.standing import PATIENCE_S, STAY_S
from emoscope.reading.smoothing import Shown
from emoscope.view.scene import Scene, Status
from emoscope.view.state import first_state
from tests.realtime.tiny import CONTRACT, explained, face, shown

STATE = first_state(CONTRACT)
BUSY = replace(STATE, heat=True, history=True)
STATUS = Status("film.mp4", 25, 0.03, 2, "gmp", "CPU", {"draw": 0.001}, False, "0:01")
BOARDS = [(480, 360), (960, 540), (1280, 720), (1920, 1080), (540, 960)]


def scene(*faces: Shown, time_s: float = 0.0, chosen: int = 0, **more: object) -> Scene:
    history = np.random.default_rng(0).random((20, 3), dtype=np.float32)
    one = Scene(faces, chosen if faces else None, None, STATUS, history, 20, "paused")
    return replace(one, smoothed_s=0.3, time_s=time_s, **more)


def arranged(*faces: Shown, board: tuple[int, int] = (1280, 720), **more: object) -> Arrangement:
    return Arranger().arrange(scene(*faces, **more), BUSY, Stage.whole(*board))


def crowd(count: int, board: tuple[int, int], seed: int = 0) -> list[Shown]:
    """Faces all over a board and beyond its borders."""
    random = np.random.default_rng(seed)
    edges = random.uniform(0.05, 0.4, count) * board[1]
    places = random.uniform(-0.1, 0.9, (count, 2)) * board
    return [
        shown(face(x, y, edge, track), best=track % 3, why=explained(track))
        for track, ((x, y), edge) in enumerate(zip(places.tolist(), edges.tolist(), strict=True), 1)
    ]


@pytest.mark.parametrize("board", BOARDS, ids=str)
@pytest.mark.parametrize("count", [1, 2, 4, 12])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_chosen_face_is_named_and_no_label_is_covered(board: tuple[int, int], count: int, seed: int):
    one = scene(*crowd(count, board, seed), chosen=count // 2)
    places = Arranger().arrange(one, BUSY, Stage.whole(*board))
    assert places.form is not None
    assert places.form.rows == len(CONTRACT.labels)
    assert places.bars is not None
    assert places.bars.within(*board)
    chosen = one.subject
    assert chosen is not None
    if Rect.around(chosen.reading.face.box_xyxy).overlap(Rect(0, 0, *board)):
        assert places.labels[count // 2] is not None
    drawn = patches(one, BUSY, places)
    for label in places.labels:
        place = rect_of(label)
        if place is None:
            continue
        after = drawn[next(number for number, patch in enumerate(drawn) if patch is label) + 1 :]
        assert place.within(*board)
        assert not any(place.overlap(panel) for panel in places.panels.values())
        assert not any(place.overlap(Rect(other.x, other.y, other.width, other.height)) for other in after)


@pytest.mark.parametrize("board", BOARDS, ids=str)
def test_panels_do_not_lie_on_one_another(board: tuple[int, int]):
    places = arranged(shown(face(board[0] * 0.4, board[1] * 0.3, board[1] * 0.3)), board=board)
    panels = list(places.panels.values())
    assert {"inset", "chart", "bars", "status", "notice"} == set(places.panels)
    for number, panel in enumerate(panels):
        assert panel.within(*board)
        assert not any(panel.overlap(other) for other in panels[:number])


def test_panels_keep_off_faces_where_there_is_room():
    faces = [shown(face(x, 200, 160, track)) for track, x in enumerate((420, 900), 1)]
    places = arranged(*faces)
    for one in faces:
        box = Rect.around(one.reading.face.box_xyxy)
        assert not any(panel.overlap(box) for panel in places.panels.values())


@pytest.mark.parametrize("board", BOARDS[:4], ids=str)
@pytest.mark.parametrize("row", [False, True], ids=["two by two", "side by side"])
def test_an_inset_hides_no_face_of_four_but_moves_or_shrinks(board: tuple[int, int], row: bool):
    width, height = board
    spots = [(0.06 + 0.23 * n, 0.3) for n in range(4)] if row else [(x, y) for x in (0.16, 0.66) for y in (0.1, 0.6)]
    faces = [
        shown(face(x * width, y * height, 0.27 * height, n), why=explained(n)) for n, (x, y) in enumerate(spots, 1)
    ]
    places = Arranger().arrange(scene(*faces, notice=""), STATE, Stage.whole(width, height))
    assert places.inset is not None
    assert places.inset.width - places.edge == places.sizes.gap * 2
    for one in faces:
        box = Rect.around(one.reading.face.box_xyxy)
        assert places.inset.overlap(box) < 0.2 * box.area, "hair or chin at most"


def test_panels_stand_in_the_dark_beside_a_narrow_film_first():
    stage = Stage.of((480, 900), (960, 540))
    places = Arranger().arrange(scene(shown(face(400, 150, 160))), STATE, stage)
    assert places.inset is not None
    assert places.bars is not None
    assert places.bars.overlap(stage.film) == places.inset.overlap(stage.film) == 0


def test_a_panel_that_is_well_where_it_is_does_not_move_with_its_face():
    arranger, seen = Arranger(), set()
    for number in range(60):
        one = scene(shown(face(500 + number, 200 + 10 * np.sin(number), 150)), time_s=number / 30)
        seen.add(arranger.arrange(one, STATE, Stage.whole(1280, 720)).bars)
    assert len(seen) == 1


def test_panels_that_a_face_comes_under_give_way_after_a_while_and_not_again_at_once():
    arranger, stage = Arranger(), Stage.whole(1280, 720)

    def inset(x: float, y: float, time_s: float) -> Rect | None:
        return arranger.arrange(scene(shown(face(x, y, 200)), time_s=time_s), STATE, stage).inset

    usual = inset(700, 100, 0.0)
    assert usual is not None
    inset(700, 100, 1.9)
    assert inset(usual.x, usual.y, 2.0) == usual, "one that passes by moves nothing"
    moved = inset(usual.x, usual.y, 2.1 + PATIENCE_S)
    assert moved != usual
    assert moved is not None
    assert inset(moved.x, moved.y, 2.2 + PATIENCE_S) == moved
    assert inset(700, 100, 2.1 + PATIENCE_S + STAY_S) == moved


def test_a_label_keeps_its_side_of_the_face():
    arranger, sides = Arranger(), set()
    for number in range(40):
        y = 60 - number if number < 20 else 20 + number
        one = scene(shown(face(600, y, 200)), time_s=number / 30, notice="")
        places = arranger.arrange(one, STATE, Stage.whole(1280, 720))
        label = places.labels[0]
        assert label is not None
        sides.add(label.y < y + 100)
    assert sides == {True}


def test_a_label_that_had_to_stand_on_its_face_leaves_it_when_there_is_room():
    arranger, stage, lone = Arranger(), Stage.whole(1280, 720), replace(STATE, view="off", bars=False)
    tall = [scene(shown(face(500, 0, 720)), time_s=number / 10, notice="") for number in range(30)]
    small = [scene(shown(face(500, 260, 200)), time_s=3 + number / 10, notice="") for number in range(30)]
    tops = []
    for one in [*tall, *small]:
        label = arranger.arrange(one, lone, stage).labels[0]
        assert label is not None
        tops.append(label.y)
    assert 0 <= tops[29] < 720 - 40
    assert tops[-1] + label.height <= 260
    assert len({top - 260 for top in tops[30:]}) <= 2, "once"


def test_time_that_runs_back_forgets_places():
    arranger, stage = Arranger(), Stage.whole(1280, 720)
    arranger.arrange(scene(shown(face(20, 400, 250)), time_s=50), STATE, stage)
    again = arranger.arrange(scene(shown(face(700, 100, 250)), time_s=1), STATE, stage)
    assert again.panels == Arranger().arrange(scene(shown(face(700, 100, 250)), time_s=1), STATE, stage).panels


def test_a_face_that_is_chosen_among_several_is_marked():
    faces = [shown(face(200 + 400 * number, 200, 150, number + 1)) for number in range(2)]
    drawn = [
        len(patches(one, STATE, Arranger().arrange(one, STATE, Stage.whole(1280, 720))))
        for one in (scene(*faces), scene(*faces, chosen=1))
    ]
    assert min(drawn) >= 8 + 4 + 2, "corners of both, the sides of one, two labels"
    plates = Arranger().arrange(scene(*faces), STATE, Stage.whole(1280, 720)).labels
    others = Arranger().arrange(scene(*faces, chosen=1), STATE, Stage.whole(1280, 720)).labels
    assert all(plates)
    assert all(others)
    assert not np.array_equal(plates[0].sheet, others[0].sheet)


def test_heat_on_a_face_says_its_class_and_method():
    face_with = shown(face(500, 200, 200), why=explained())
    with_heat, without = (
        Arranger().arrange(scene(face_with), state, Stage.whole(1280, 720)).labels[0]
        for state in (replace(STATE, heat=True), STATE)
    )
    assert with_heat is not None
    assert without is not None
    assert with_heat.height > without.height


@pytest.mark.parametrize("board", BOARDS, ids=str)
@pytest.mark.parametrize("frame", [(640, 360), (480, 900), (300, 300)])
def test_a_large_inset_leaves_the_film_whole_beside_it(board: tuple[int, int], frame: tuple[int, int]):
    edges = []
    for inset in (SMALL, HALF, WHOLE):
        stage = Stage.of(frame, board, inset)
        places = Arranger().arrange(scene(shown(face(stage.film.x + 20, stage.film.y + 20, 60))), STATE, stage)
        assert places.inset is not None
        assert places.inset.within(*board)
        assert stage.film.within(*board)
        assert abs(stage.film.width * frame[1] - stage.film.height * frame[0]) <= max(frame) * 1.01
        if inset != SMALL:
            assert places.inset.overlap(stage.film) == 0
        edges.append(places.edge)
    assert edges[0] < edges[1] <= edges[2]


def test_on_a_board_that_it_would_fill_there_is_no_inset():
    assert arranged(shown(face(20, 20, 40)), board=(100, 80)).inset is None
