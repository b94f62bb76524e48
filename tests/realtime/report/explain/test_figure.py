"""The figure: every format, any number of layers and methods, labels that stay clear of one another."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from emoscope.network.network import Network
from emoscope.reading.session import Session
from emoscope.report.explain.choice import Choice, choose
from emoscope.report.explain.colours import activation_colours, heat_colours
from emoscope.report.explain.figure import draw_figure, figure
from emoscope.report.explain.sheet import DPI, Sheet, Slot, fitting
from emoscope.report.explain.study import Study, study_photo
from tests.realtime.tiny import CONTRACT, FixedFinder, face, gray


@pytest.fixture
def study(network: Network) -> Study:
    return study_photo(Session(FixedFinder(face()), network), choose(CONTRACT), gray(204), "a.png")[0]


def test_every_format_is_what_it_says(study: Study, tmp_path: Path) -> None:
    heads = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    for kind, head in heads.items():
        draw_figure(tmp_path / f"a.{kind}", study, "tiny")
        assert (tmp_path / f"a.{kind}").read_bytes().startswith(head)
    assert len(list(tmp_path.iterdir())) == len(heads)


def test_the_same_study_gives_the_same_file(study: Study, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        draw_figure(tmp_path / name, study, "tiny")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_model_that_explains_nothing_still_has_its_first_row(network: Network, tmp_path: Path) -> None:
    session = Session(FixedFinder(face()), network)
    (bare,) = study_photo(session, Choice((), (), ""), gray(), "a.png")
    draw_figure(tmp_path / "a.png", bare, "tiny")
    with PIL.Image.open(tmp_path / "a.png") as picture:
        assert picture.width == 12 * DPI
        assert picture.height < 6 * DPI


@pytest.mark.parametrize("name", ["conv1", "block_13_separable_convolution_depthwise_$1$"])
def test_no_text_touches_another(study: Study, name: str) -> None:
    layers = tuple(replace(layer, spec=replace(layer.spec, name=name)) for layer in study.layers)
    drawn = figure(replace(study, layers=layers * 2, name="long " * 60), "tiny")._figure
    renderer = drawn.canvas.get_renderer()  # type: ignore[attr-defined]
    texts = [text for text in drawn.findobj(lambda artist: hasattr(artist, "get_text")) if text.get_visible()]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text().strip()]
    assert len(boxes) > 20
    assert [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)] == []
    assert [text for text, box in boxes if box.x0 < 0 or box.x1 > 12 * DPI] == []


@pytest.mark.parametrize("most", [16, 64, 256])
def test_numbers_stay_clear_of_maps_and_of_one_another(study: Study, most: int) -> None:
    maps = np.random.default_rng(0).random((4, 4, 1280)).astype(np.float32)
    layer = replace(study.layers[0], maps=maps, spec=replace(study.layers[0].spec, channels=1280))
    drawn = figure(replace(study, layers=(layer,)), "tiny", most)._figure
    renderer = drawn.canvas.get_renderer()  # type: ignore[attr-defined]
    (grid,) = (axes for axes in drawn.axes if len(axes.images) == most)
    numbers = [text.get_window_extent(renderer) for text in grid.texts]
    assert len(numbers) == most
    assert not any(one.overlaps(other) for one, other in combinations(numbers, 2))
    cells = [picture.get_window_extent(renderer).shrunk(0.9, 0.9) for picture in grid.images]
    assert not any(number.overlaps(cell) for number in numbers for cell in cells)


def test_a_long_name_loses_its_middle() -> None:
    assert fitting("short", 10, 5) == "short"
    short = fitting("beginning" * 9 + "end", 10, 2)
    assert short.startswith("beginning")
    assert short.endswith("end")
    assert "…" in short


def test_a_slot_is_where_it_says() -> None:
    place = Sheet(10, 5).axes(Slot(1, 0.5, 2, 1)).get_position()
    assert (place.x0, place.y0, place.width, place.height) == pytest.approx((0.1, 0.7, 0.2, 0.2))


def test_activations_have_one_scale_with_zero_at_its_end_or_middle() -> None:
    _, positive = activation_colours(np.array([0.5, 4], np.float32))
    _, signed = activation_colours(np.array([-3, 1], np.float32))
    assert (positive.vmin, positive.vmax) == (0, 4)
    assert (signed.vmin, signed.vmax) == (-3, 3)


def test_no_heat_leaves_the_face_as_it_is() -> None:
    assert heat_colours()(0.0)[3] == 0
    assert heat_colours()(1.0)[3] > 0.8
