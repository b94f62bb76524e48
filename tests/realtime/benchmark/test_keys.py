"""What the benchmark of the keys counts, without a window."""

from __future__ import annotations

import pytest

from emoscope.benchmark.keys import ENDS, KeyFigures, Press, SizedFilm, all_presses, longest_ms
from emoscope.view.keys import BINDINGS
from tests.realtime.clips import make_clip


@pytest.mark.parametrize(
    ("moments", "longest"),
    [([], 800), ([10.1, 10.2, 10.5, 10.7], 300), ([10.3, 10.4], 400), ([9.9, 10.1, 10.8, 11], 700)],
    ids=["nothing", "between two", "until the next press", "others' are not counted"],
)
def test_a_film_that_stands_still_counts_as_a_gap(moments: list[float], longest: float):
    assert longest_ms(moments, 10.0) == pytest.approx(longest)


def test_every_key_is_pressed_and_the_film_runs_on_after_those_that_stop_it():
    presses = list(all_presses())
    assert {press.key for press in presses if press.counts} == {
        "",
        *(binding.keys[0] for binding in BINDINGS if binding.keys[0] not in ENDS),
    }
    stopped = False
    for press in presses:
        if press.key in (".", ","):
            stopped = True
        elif press.key == "space":
            stopped = not stopped
        else:
            assert not stopped, press
    assert len({press for press in presses if press.counts}) == len([press for press in presses if press.counts])
    assert Press("h", again=True) in presses


@pytest.mark.parametrize(
    ("held", "gap", "bound", "within"),
    [(10, 60, 60, True), (10, 61, 60, False), (61, None, 60, False), (10, None, 60, True), (900, 900, None, True)],
)
def test_a_row_is_within_its_bound(held: float, gap: float | None, bound: float | None, within: bool):
    assert KeyFigures("h", "this help", 1.0, held, gap, bound).within is within


def test_the_film_that_is_pressed_on_never_ends(tmp_path):
    with SizedFilm(make_clip(tmp_path / "clip.mp4"), (64, 48)) as film:
        film.loop(False)
        frames = [film.read() for _ in range(40)]
    assert all(frame is not None and frame.picture.bgr.shape == (48, 64, 3) for frame in frames)
