"""Hidden faces: nothing of them is left, and everything else is."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from emoscope.cli import run
from emoscope.draw.hiding import CELLS, MARGIN, hide
from emoscope.system.bundled import assets

BOX = (40.0, 30.0, 80.0, 90.0)
NOISE = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)


def test_only_the_face_and_what_is_about_it_changes():
    picture = NOISE.copy()
    hide(picture, BOX)
    rows, columns = (
        np.flatnonzero((picture != NOISE).any(axis=(1, 2))),
        np.flatnonzero((picture != NOISE).any(axis=(0, 2))),
    )
    assert (columns[0], rows[0]) == pytest.approx((40 - 40 * MARGIN, 30 - 60 * MARGIN), abs=1)
    assert (columns[-1] + 1, rows[-1] + 1) == pytest.approx((80 + 40 * MARGIN, 90 + 60 * MARGIN), abs=1)


def test_a_few_numbers_are_all_that_is_left():
    """Two pictures with equal means of the cells look the same when they are hidden."""
    size = 10 * CELLS
    first = np.random.default_rng(1).integers(0, 256, (size, size), dtype=np.uint8)
    cells = first.reshape(CELLS, 10, CELLS, 10)
    second = cells[:, ::-1, :, ::-1].reshape(size, size).copy()
    assert (first != second).mean() > 0.9
    margin = MARGIN / (1 + 2 * MARGIN) * size
    for picture in (first, second):
        hide(picture, (margin, margin, size - margin, size - margin))
    assert np.abs(first.astype(int) - second).max() <= 1


@pytest.mark.parametrize(
    "box", [(-50, -50, -20, -20), (500, 500, 600, 600), (-30, -30, 20, 20), (5, 5, 5, 5), (150, 110, 400, 400)]
)
@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_faces_at_and_beyond_the_border(box: tuple[float, ...], factor: float):
    picture = NOISE.copy()
    hide(picture, box, factor)
    assert picture.shape == NOISE.shape


def _frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]


def _sharpness(picture: np.ndarray) -> float:
    return float(np.abs(np.diff(picture.astype(int), axis=1)).mean())


def test_a_blurred_film_shows_readings_but_no_face(tmp_path: Path):
    clip = str(assets() / "demo.mp4")
    options = ["--end", "0.4", "--no-chart", "--view", "off"]
    assert run(["process", clip, "-o", str(tmp_path / "plain"), *options]) == 0
    assert run(["process", clip, "-o", str(tmp_path / "blurred"), "--blur", *options]) == 0
    rows = [(tmp_path / name / "demo.faces.csv").read_bytes() for name in ("plain", "blurred")]
    assert rows[0] == rows[1]
    x, y, wide, high = (round(float(value)) for value in rows[0].decode().splitlines()[1].split(",")[3:7])
    plain, blurred = (_frames(tmp_path / name / "demo.emoscope.mp4") for name in ("plain", "blurred"))
    assert len(plain) == len(blurred) > 5
    inner = (slice(y + high // 4, y + high * 3 // 4), slice(x + wide // 4, x + wide * 3 // 4))
    for one, other in zip(plain, blurred, strict=True):
        assert _sharpness(other[inner]) < 0.5 * _sharpness(one[inner])


@pytest.mark.parametrize("view", ["crop", "maps", "map"])
def test_views_that_show_the_face_are_refused(view: str, capsys: pytest.CaptureFixture[str]):
    assert run(["process", "clip.mp4", "--blur", "--view", view]) == 2
    assert f"--blur hides faces, and --view {view} shows them: gradcam or off" in capsys.readouterr().err
