"""The measures of faithfulness on cases whose answer is known."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from emoscope.cli import run
from emoscope.convert.bundle import build, save_bundle
from emoscope.convert.faithfulness import study as studying
from emoscope.convert.faithfulness.curves import area, measure_curves, ranks
from emoscope.convert.faithfulness.imputation import _around, imputed
from emoscope.convert.faithfulness.interval import interval
from emoscope.convert.faithfulness.regions import pointing, regions
from emoscope.convert.faithfulness.report import write_chart
from emoscope.convert.faithfulness.sanity import forgetful, rank_correlation
from emoscope.convert.faithfulness.study import BASELINES, explained, study
from emoscope.network.bundle import ModelBundle, open_bundle
from emoscope.network.contract import Contract, InputSpec
from emoscope.network.measured import Measured, measured
from emoscope.network.network import Network, Request
from emoscope.system.bundled import bundled, pretrained
from tests.convert.graphs import forward_of

CORNER = """
    maps = Conv<pads=[1,1,1,1]>(faces, w)
    heat = Mul(maps, corner)
    flat = ReduceSum<keepdims=0>(heat, space)
    scores = MatMul(flat, v)
"""


@pytest.fixture(scope="module")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that looks at nothing but the upper left corner: bright there is class 0."""
    mask = np.zeros((1, 16, 16), np.float32)
    mask[:, :5, :5] = 0.05
    kernel = np.zeros((1, 1, 3, 3), np.float32)
    kernel[..., 1, 1] = 1
    weights = {"w": kernel, "corner": mask, "space": np.array([2, 3]), "v": np.array([[1, -1]], np.float32)}
    forward = forward_of(CORNER, weights, (1, 16, 16), ["maps"])
    contract = Contract(("bright", "dark"), InputSpec(16, 16, layout="NCHW"))
    folder = tmp_path_factory.mktemp("corner")
    return save_bundle(build(forward, contract, ("hirescam", "gradcam"), "corner"), folder)[0]


@pytest.fixture(scope="module")
def bundle(corner: Path) -> ModelBundle:
    return open_bundle(str(corner))


def face() -> np.ndarray:
    """Grey, with a bright upper left corner."""
    picture = np.full((1, 1, 16, 16), 0.1, np.float32)
    picture[..., :5, :5] = 1
    return picture


def test_area_of_a_straight_line_is_half():
    assert area(np.linspace(0, 1, 9, dtype=np.float32)) == pytest.approx(0.5)


def test_hottest_pixels_come_first():
    heat = np.zeros((4, 4), np.float32)
    heat[0, 0] = 1
    assert ranks(heat, InputSpec(4, 4), seed=0)[0, 0] == 0
    assert sorted(ranks(heat, InputSpec(4, 4), seed=0).ravel()) == list(range(16))


def test_heat_in_the_right_place_beats_heat_in_the_wrong_one(bundle: ModelBundle):
    right, wrong = np.zeros((16, 16), np.float32), np.zeros((16, 16), np.float32)
    right[:5, :5], wrong[-5:, -5:] = 1, 1
    network = Network(bundle)
    good, bad = (measure_curves(network, face(), heat, 0, seed=0) for heat in (right, wrong))
    assert good.score > bad.score + 0.05
    assert good.deletion[0] == pytest.approx(good.insertion[-1])
    assert good.insertion[0] == pytest.approx(good.deletion[-1])


def test_shuffled_weights_change_heat_and_keep_shapes(bundle: ModelBundle):
    other = forgetful(bundle)
    trained, shuffled = (
        {weight.name: onnx.numpy_helper.to_array(weight) for weight in one.activations.graph.initializer}
        for one in (bundle, other)
    )
    assert all(trained[name].shape == shuffled[name].shape for name in trained)
    np.testing.assert_array_equal(np.sort(trained["corner"].ravel()), np.sort(shuffled["corner"].ravel()))
    behind = forgetful(bundle, "maps")
    kept = {weight.name: onnx.numpy_helper.to_array(weight) for weight in behind.activations.graph.initializer}
    np.testing.assert_array_equal(kept["w"], trained["w"])
    assert not np.array_equal(kept["corner"], trained["corner"])
    request = Request(layer="maps", method="hirescam")
    heats = [Network(one).answer(face(), request, np.array([0])).heat[0] for one in (bundle, other)]
    assert rank_correlation(heats[0], heats[0]) == pytest.approx(1)
    assert rank_correlation(heats[0], heats[1]) < 0.5


def test_rank_correlation_by_hand():
    one = np.array([[1, 2], [3, 4]], np.float32)
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert rank_correlation(one, np.ones((2, 2), np.float32)) == 0


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures with a bright corner, two of them held out."""
    folder = tmp_path / "faces"
    folder.mkdir()
    for name in ("PublicTest_1.png", "PublicTest_2.png", "Training_1.png"):
        cv2.imwrite(str(folder / name), (face()[0, 0] * 255).astype(np.uint8))
    return folder


def test_command_writes_table_and_chart(
    corner: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    cv2.imwrite(str(pictures / "PublicTest_chart.png"), np.full((300, 400), 255, np.uint8))
    assert run(["faithfulness", str(corner), str(pictures), "-o", str(out), "--methods", "hirescam,scorecam"]) == 0
    printed = capsys.readouterr()
    assert "Most faithful: " in printed.out
    assert "no face in 1 picture, left out: PublicTest_chart.png" in printed.err
    with (out / "corner.faithfulness.csv").open(encoding="utf-8") as file:
        rows = {row["method"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {"hirescam", "scorecam", "random", "centre"}
    assert float(rows["hirescam"]["score"]) > float(rows["random"]["score"]) + 0.05
    assert float(rows["hirescam"]["low"]) <= float(rows["hirescam"]["score"]) <= float(rows["hirescam"]["high"])
    assert measured(str(corner)) == Measured()  # the table stands in another folder
    shutil.copy(out / "corner.faithfulness.csv", corner.parent)
    known = measured(str(corner)).of("hirescam", "maps")
    assert known is not None and known.mean == float(rows["hirescam"]["score"])
    assert measured(str(corner)).chance == max(float(rows[name]["score"]) for name in ("random", "centre"))
    with (out / "corner.faithfulness.classes.csv").open(encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == []  # two pictures are too few to speak of a class
    assert cv2.imread(str(out / "corner.faithfulness.png")).shape[1] > 1000


def test_what_stays_of_shuffled_weights_is_measured_on_faces_of_all_the_list(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
):
    """Faces come in order of their classes: the first ones are of one."""
    asked, heat_of = Counter[float](), studying.heat_of

    def counted(network: Network, one: np.ndarray, *rest: Any) -> np.ndarray:
        asked[round(float(one.max()), 3)] += 1
        return heat_of(network, one, *rest)

    monkeypatch.setattr(studying, "REMEMBERED", 3)
    monkeypatch.setattr(studying, "heat_of", counted)
    faces = [face() * np.float32(1 - 0.1 * number) for number in range(5)]
    study(bundle, faces, explained(bundle, ("gradcam",), ("maps",)), lambda: None)
    assert asked[0.9] == asked[0.7] < asked[1.0] == asked[0.8] == asked[0.6]


def test_the_legend_stands_clear_of_what_is_drawn(bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    figures: list[Figure] = []
    monkeypatch.setattr(pyplot, "close", figures.append)
    findings = study(bundle, [face(), face()], explained(bundle, ("hirescam", "gradcam"), ("maps",)), lambda: None)
    write_chart(findings, ("maps",), "two faces", tmp_path / "chart.png")
    (legend,) = figures[0].legends
    assert {text.get_text() for text in legend.get_texts()} == {"hirescam", "gradcam", *BASELINES}
    drawn = [axes.get_tightbbox() for axes in figures[0].axes]
    assert not any(box.overlaps(legend.get_window_extent()) for box in drawn)
    assert not any(axes.get_legend() for axes in figures[0].axes)


@pytest.mark.parametrize(
    ("options", "word"), [(["--methods", "tea"], "tea"), (["--layers", "nose"], "nose")], ids=["method", "layer"]
)
def test_unknown_names_are_refused(
    corner: Path, pictures: Path, options: list[str], word: str, capsys: pytest.CaptureFixture[str]
):
    assert run(["faithfulness", str(corner), str(pictures), *options]) == 1
    assert word in capsys.readouterr().err


def test_folder_without_pictures(corner: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["faithfulness", str(corner), str(tmp_path)]) == 1
    assert "no pictures" in capsys.readouterr().err


def test_saliency_is_measured_once_at_the_input():
    places = explained(open_bundle("gmp"), ("gradcam", "saliency"), ("conv1", "pool3"))
    assert places == [("gradcam", "conv1"), ("gradcam", "pool3"), ("saliency", "input")]


def test_what_is_imputed_is_the_weighted_mean_of_its_neighbours():
    rng = np.random.default_rng(0)
    picture, taken = rng.random((12, 10, 2), dtype=np.float32), rng.random((3, 12, 10)) < 0.6
    found = imputed(picture, taken)
    assert found.shape == (3, 12, 10, 2)
    np.testing.assert_array_equal(found[1][~taken[1]], picture[~taken[1]])
    mean = _around(found[1]) / _around(np.ones_like(picture))
    assert np.abs(mean - found[1])[taken[1]].max() < 0.06  # the noise: 4 σ of pixel and mean
    assert np.abs(picture - found[1])[taken[1]].mean() > 0.2


def test_a_hole_in_a_slope_is_closed():
    slope = np.tile(np.linspace(0, 1, 16, dtype=np.float32)[:, None, None], (1, 16, 1))
    taken = np.zeros((1, 16, 16), bool)
    taken[:, 4:12, 3:13] = True
    assert np.abs(imputed(slope, taken) - slope).max() < 0.05


def test_intervals_hold_the_mean_and_shrink_with_more_pictures():
    few, many = (interval(np.random.default_rng(1).normal(1, 1, count).tolist()) for count in (20, 2000))
    assert few.low < few.mean < few.high
    assert many.high - many.low < (few.high - few.low) / 5
    assert interval([0.5] * 9).low == interval([0.5] * 9).high == 0.5


def test_heat_on_the_mouth_points_at_the_mouth():
    masks = regions(open_bundle("gmp").contract)
    assert all(0.02 < mask.mean() < 0.2 for mask in masks.values())
    assert not any((masks[a] & masks[b]).any() for a, b in (("brows", "eyes"), ("eyes", "nose"), ("nose", "mouth")))
    found = dict(zip(masks, pointing(masks["mouth"].astype(np.float32), masks), strict=True))
    assert found["mouth"] == pytest.approx(1) and max(found["eyes"], found["nose"], found["brows"]) < 0
    assert pointing(np.ones((48, 48), np.float32), masks) == [0, 0, 0, 0]


def test_what_ships_was_measured_at_the_default_and_beats_the_baselines_in_every_class():
    contract = open_bundle("ferplus").contract
    default = measured("ferplus").of(contract.default_method, contract.default_layer)
    assert default is not None and default.low > measured("ferplus").chance
    with bundled(pretrained(), "ferplus.faithfulness.classes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    score = {(row["class"], row["method"], row["layer"]): float(row["score"]) for row in rows}
    classes = {row["class"] for row in rows}
    assert len(classes) >= 5
    for one in classes:
        ours = score[one, contract.default_method, contract.default_layer]
        assert ours > max(score[one, "centre", ""], score[one, "random", ""])
