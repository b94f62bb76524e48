"""High dynamic range comes into ordinary light for those who look, and stays as it is in the film."""

from __future__ import annotations

import av
import numpy as np
import pytest

from emoscope.draw.overlay import draw_on
from emoscope.draw.patch import Patch
from emoscope.media.develop import Developer
from emoscope.media.fields import Sight
from emoscope.media.light import HLG, PQ, ordinary, tone_of
from emoscope.media.planes import planes


def signal(light: float, transfer: int) -> float:
    """The signal 0–1 for light in cd/m²: the inverse of what is tested, after ITU-R BT.2100, tables 4 and 5."""
    if transfer == PQ:
        power = (light / 10_000) ** 0.1593017578125
        return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)
    scene = (light / 1000) ** (1 / 1.2)
    return float(np.sqrt(3 * scene) if scene <= 1 / 12 else 0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


def frame(luma: int, transfer: int, chroma: tuple[int, int] = (128, 128)) -> av.VideoFrame:
    made = av.VideoFrame(16, 16, "yuv420p")
    for plane, value in zip(planes(made), (luma, *chroma), strict=True):
        plane[...] = value
    made.color_trc, made.color_range, made.colorspace = transfer, 1, 9
    return made


@pytest.mark.parametrize("transfer", [PQ, HLG])
@pytest.mark.parametrize("light", [0.1, 1.0, 10.0, 50.0])
def test_dark_light_is_that_of_an_ordinary_screen(light: float, transfer: int) -> None:
    screen = (light / 100) ** (1 / 2.4)
    assert ordinary(np.array([signal(light, transfer)]), transfer)[0] == pytest.approx(screen, abs=1e-3)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_bright_light_is_still_told_apart_and_none_is_brighter_than_white(transfer: int) -> None:
    seen = ordinary(np.array([signal(light, transfer) for light in (50, 100, 203, 400, 1000)]), transfer)
    assert (np.diff(seen) > 0.02).all()
    assert seen[-1] == pytest.approx(1, abs=1e-3)
    assert seen[2] > 0.85
    assert ordinary(np.array([1.0]), transfer)[0] <= 1 + 1e-9


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_who_looks_sees_ordinary_light_and_the_film_keeps_its_own(transfer: int) -> None:
    luma = round(16 + 219 * signal(10, transfer))
    develop = Developer()
    stored = frame(luma, transfer)
    picture = develop(Sight(stored, 0, stored), None)
    assert planes(picture.frame)[0][0, 0] == luma
    assert planes(picture.seen)[0][0, 0] == pytest.approx(16 + 219 * 0.1 ** (1 / 2.4), abs=4)
    assert picture.seen.color_trc != transfer
    assert develop.handling.as_json()["tone_mapped"] == {{PQ: "PQ", HLG: "HLG"}[transfer]: 1}
    assert "tone-mapped to be looked at, kept in the film" in develop.handling.describe()[0]


def test_gray_stays_gray_and_colours_get_their_strength_back() -> None:
    tone = tone_of(frame(100, HLG))
    assert tone is not None
    _, u, v = planes(tone.mapped(frame(100, HLG)))
    assert (u[0, 0], v[0, 0]) == (128, 128)
    _, u, v = planes(tone.mapped(frame(100, HLG, (120, 140))))
    assert u[0, 0] < 120
    assert v[0, 0] > 146  # a red of BT.2020 is a stronger red in BT.709's numbers


def test_ordinary_films_are_not_touched() -> None:
    for transfer in (1, 2, 6, 13, 14):
        assert tone_of(frame(100, transfer)) is None


@pytest.mark.parametrize(("transfer", "white"), [(PQ, 0.58), (HLG, 0.75), (1, 1.0)])
def test_what_is_drawn_is_no_brighter_than_white_paper(transfer: int, white: float) -> None:
    film = frame(16, transfer)
    sheet = np.zeros((8, 8, 4), np.uint8)
    sheet[..., :3] = 255
    draw_on(film, [Patch(4, 4, sheet)])
    assert planes(film)[0][8, 8] == pytest.approx(16 + 219 * white, abs=2)
