"""The figure: every format, any number of layers and methods, labels that stay clear of one another."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from emoscope.draw.maps import order
from emoscope.network.atlas import Atlas, AtlasLayer
from emoscope.network.measured import Measured, Score
from emoscope.network.network import Network
from emoscope.reading.session import Session
from emoscope.report.explain.beside import (
    AGREE,
    APART,
    FAINT,
    Beside,
    agreement,
    at_the_border,
    strength,
    whom_to_believe,
)
from emoscope.report.explain.choice import Choice, choose
from emoscope.report.explain.colours import activation_colours, heat_colours
from emoscope.report.explain.figure import draw_figure, figure
from emoscope.report.explain.sheet import DPI, Sheet, Slot, fitting
from emoscope.report.explain.study import Heat, Study, study_photo
from emoscope.types import Prediction
from tests.realtime.tiny import CONTRACT, LABELS, FixedFinder, face, gray


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


@pytest.mark.parametrize("layer", ["elsewhere", "conv1"])
def test_what_filters_like_is_spoken_of_where_it_is_shown(study: Study, layer: str) -> None:
    followed = replace(study.units[0], pixels={"gradient": np.ones(study.chip.shape[:2], np.float32)})
    unit = followed.spec
    name = unit.name if layer == "conv1" else layer
    sheet = np.zeros((4, 4 * unit.channels), np.uint8)
    known = AtlasLayer(
        name, unit.channels, 3, unit.width, unit.channels, sheet, np.ones(unit.channels), None, None, ((),)
    )
    atlas = Atlas("tiny", LABELS, 0, {}, {name: known})
    drawn = figure(replace(study, units=(followed,)), "tiny", known=Beside("tiny", atlas=atlas))[0]._figure
    words = " ".join(text.get_text() for text in drawn.findobj(lambda artist: hasattr(artist, "get_text")))
    assert ("likes best" in words, "Likes best" in words) == (layer == "conv1",) * 2


@pytest.mark.parametrize("name", ["conv1", "block_13_separable_convolution_depthwise_$1$"])
def test_no_text_touches_another(study: Study, name: str) -> None:
    layers = tuple(replace(layer, spec=replace(layer.spec, name=name)) for layer in study.layers)
    drawn = figure(replace(study, layers=layers * 2, name="long " * 60), "tiny")[0]._figure
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
    drawn = figure(replace(study, layers=(layer,)), "tiny", most)[0]._figure
    renderer = drawn.canvas.get_renderer()  # type: ignore[attr-defined]
    (grid,) = (axes for axes in drawn.axes if len(axes.images) == most)
    numbers = [text.get_window_extent(renderer) for text in grid.texts]
    assert len(numbers) == most
    assert not any(one.overlaps(other) for one, other in combinations(numbers, 2))
    cells = [picture.get_window_extent(renderer).shrunk(0.9, 0.9) for picture in grid.images]
    assert not any(number.overlaps(cell) for number in numbers for cell in cells)


@pytest.mark.parametrize(("width", "mm"), [("one", 84), ("two", 174)])
def test_a_figure_for_a_journal_keeps_its_letters_and_its_width(study: Study, width: str, mm: int) -> None:
    layers = tuple(
        replace(layer, spec=replace(layer.spec, name=f"conv{turn}")) for turn, layer in enumerate(study.layers * 3)
    )
    sheets = figure(replace(study, layers=layers, name="long " * 60), "tiny", width=width)
    assert len(sheets) > 1 or width == "two"
    for sheet in sheets:
        renderer = sheet._figure.canvas.get_renderer()  # type: ignore[attr-defined]
        texts = sheet._figure.findobj(lambda artist: hasattr(artist, "get_text"))
        shown = [text for text in texts if text.get_visible() and text.get_text().strip()]
        assert sheet.width * 25.4 == pytest.approx(mm)
        assert sheet.height * 25.4 <= 234
        assert min(text.get_fontsize() for text in shown) >= 5
        boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in shown]
        assert [text for text, box in boxes if box.x0 < 0 or box.x1 > sheet.width * DPI] == []
        assert [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)] == []


def test_sheets_are_files_of_their_own_or_pages_and_none_is_left_of_an_earlier_figure(
    study: Study, tmp_path: Path
) -> None:
    longer = replace(study, layers=study.layers * 6)
    made = draw_figure(tmp_path / "a.explain-1.png", longer, "tiny", width="one")
    assert [path.name for path in made[:2]] == ["a.explain-1.png", "a.explain-1-2.png"]
    again = draw_figure(tmp_path / "a.explain-1.png", study, "tiny", width="one")
    assert len(again) < len(made)
    assert sorted(tmp_path.iterdir()) == sorted(again)
    (pdf,) = draw_figure(tmp_path / "a.pdf", longer, "tiny", width="one")
    assert pdf.read_bytes().count(b"/Type /Page ") == len(made)


def test_a_figure_tells_how_it_was_made(study: Study, tmp_path: Path) -> None:
    known = Beside("tiny", "5eed", settings="detector fixed")
    for kind in ("png", "svg", "pdf"):
        draw_figure(tmp_path / f"a.{kind}", study, "tiny", known=known)
    with PIL.Image.open(tmp_path / "a.png") as picture:
        told = json.loads(picture.info["Description"])
    assert told["model's source, SHA-256"] == "5eed" and told["settings"] == "detector fixed"
    assert b"5eed" in (tmp_path / "a.svg").read_bytes() and b"5eed" in (tmp_path / "a.pdf").read_bytes()


def test_heat_for_a_class_of_next_to_no_probability_is_faint(study: Study) -> None:
    assert (strength(0.97), strength(0.001)) == (1, FAINT)
    assert heat_colours(FAINT)(1.0)[3] == pytest.approx(FAINT * heat_colours()(1.0)[3])
    (drawn,) = figure(replace(study, prediction=Prediction(LABELS, np.array([0.999, 0.001, 0], np.float32))), "tiny")
    assert any("hardly a reason" in text.get_text() for text in drawn._figure.texts)


def heat(method: str, *values: float) -> Heat:
    return Heat(method, "pool1", 0, np.array(values, np.float32).reshape(2, 2))


def test_methods_that_agree_and_methods_that_do_not() -> None:
    up, down = heat("gradcam", 1, 0.5, 0, 0), heat("layercam", 0, 0, 0.5, 1)
    assert agreement([up, heat("layercam", 0.9, 0.6, 0, 0.1)]) > AGREE
    assert agreement([up, down]) < APART
    assert agreement([up, heat("eigencam", 0, 0, 0, 1), heat("hirescam", 0, 0, 0, 0)]) == 1  # no two that speak


def test_the_best_measured_method_is_to_be_believed(study: Study) -> None:
    told = replace(study, heats=(heat("gradcam", 1, 0.5, 0, 0), heat("layercam", 0, 0, 0.5, 1)))
    assert "was not measured" in whom_to_believe(told, Beside())
    scores = {
        ("gradcam", "pool1"): Score(0.1, 0.05, 0.15, 0.0, 40),
        ("layercam", "pool1"): Score(0.5, 0.45, 0.55, 0.0, 40),
        ("centre", ""): Score(0.2, 0.15, 0.25, np.nan, 40),
    }
    text = whom_to_believe(told, Beside(scores=Measured(scores)))
    assert "contradict one another" in text and "Believe LayerCAM first: measured 0.50" in text
    assert "Grad-CAM did no better than a map that knows nothing" in text
    scores["layercam", "pool1"] = Score(0.5, 0.45, 0.55, 0.9, 40)  # the same heat from a network that forgot everything
    assert "Believe Grad-CAM first" in whom_to_believe(told, Beside(scores=Measured(scores)))


def test_maps_that_answer_to_padding_are_counted() -> None:
    maps = np.zeros((5, 5, 3), np.float32)
    maps[0, 2, 0] = maps[2, 2, 1] = 1  # one at the border, one inside, one silent
    assert at_the_border(maps, [0, 1, 2]) == 1


def test_most_active_is_what_answers_not_what_is_far_below_zero() -> None:
    maps = np.stack([np.full((2, 2), -9.0), np.full((2, 2), 0.5), np.full((2, 2), 0.1)], -1).astype(np.float32)
    assert order(maps, most_active_first=True).tolist() == [1, 2, 0]


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
