"""The layout over the bundled clip and the shared films, a short form of `python -m emoscope.benchmark.layout`."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoscope.benchmark.layout import watch
from emoscope.reading.session import open_session
from emoscope.system.bundled import assets
from emoscope.view.state import first_state

SHARED = Path(__file__).parents[4] / "shared" / "data"
FILMS = [
    assets() / "demo.mp4",
    *(
        SHARED / "videos" / f"{name}.mp4"
        for name in ("liveportrait_d3", "facenet_pytorch_video", "short_hamilton_clip")
    ),
    SHARED / "cases" / "live" / "tiny_100x80.mp4",
]
FRAMES = 45


@pytest.mark.parametrize("size", [None, (480, 360)], ids=["usual", "small"])
@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.stem)
def test_no_label_is_covered_every_chosen_face_is_named_and_panels_are_calm(film: Path, size: tuple[int, int] | None):
    if not film.exists():
        pytest.skip(f"{film} is not there")
    with open_session() as session:
        tally = watch(film, session, first_state(session.network.contract), size, FRAMES)
    assert tally.frames == FRAMES
    assert tally.faces
    assert (tally.covered, tally.nameless) == (0, 0)
    assert tally.busiest()[1] < 2, dict(tally.jumps)
