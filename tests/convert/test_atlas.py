"""An atlas of a network whose filters are known: each made-up input must be what its filter was built to look for."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.cli import run
from emoscope.convert.atlas.ascent import Climb, drawn, excite
from emoscope.convert.atlas.inside import open_layer
from emoscope.convert.atlas.receptive import field_edge, square_about
from emoscope.convert.bundle import build, save_bundle
from emoscope.errors import ModelError
from emoscope.models.commands.atlas import telling
from emoscope.network.atlas import SUFFIX, Atlas, atlas_of, read_atlas
from emoscope.network.bundle import open_bundle
from emoscope.network.contract import Contract, InputSpec
from emoscope.report.explain.choice import choose
from emoscope.system.bundled import bundled, pretrained
from tests.convert.graphs import forward_of

TEXT = """
    plain = Conv<pads=[1,1,1,1]>(faces, w)
    maps = Relu(plain)
    means = GlobalAveragePool(maps)
    flat = Flatten(means)
    scores = MatMul(flat, v)
"""
LEFT, RIGHT, BRIGHT = range(3)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three filters: bright to the left of dark, bright to the right of dark, and bright. Class a is the first."""
    left = np.array([[1, 0, -1]] * 3, np.float32)
    kernels = np.stack([left, -left, np.full((3, 3), 0.2, np.float32)])[:, None]
    v = np.array([[4, 0], [0, 4], [0, 0.5]], np.float32)
    forward = forward_of(TEXT, {"w": kernels, "v": v}, (1, 16, 16), ["maps"])
    contract = Contract(("a", "b"), InputSpec(16, 16, layout="NCHW"), source_sha256="5eed")
    folder = tmp_path_factory.mktemp("edges")
    return save_bundle(build(forward, contract, ("gradcam",), "edges"), folder)[0]


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Steps up and steps down, of growing height, so that the strongest are known."""
    folder = tmp_path_factory.mktemp("faces")
    for number in range(12):
        picture = np.full((16, 16), 20, np.uint8)
        picture[:, : 8 if number % 2 else 16] = 20 + 15 * number * (number % 2)
        picture[:, 8:] += np.uint8(15 * number * (1 - number % 2))
        cv2.imwrite(str(folder / f"{number:02}.png"), picture)
    return folder


@pytest.fixture(scope="module")
def made(model: Path, faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("atlas")
    assert run(["atlas", str(model), str(faces), "-o", str(out), "--keep-pictures"]) == 0
    return out / "edges.atlas"


def read(path: Path) -> Atlas:
    found = read_atlas(path)
    assert found is not None
    return found


def test_the_field_of_a_3x3_filter_is_3(model: Path):
    bundle = open_bundle(str(model))
    assert field_edge(open_layer(bundle, "maps"), bundle.contract.input) == 3


def test_each_filter_is_excited_by_what_it_was_made_for(made: Path):
    layer = read(made).layers["maps"]
    assert (layer.channels, layer.field, layer.tile) == (3, 3, 3)
    left, right, bright = (layer.sprite(channel).astype(int) for channel in range(3))
    assert (left[:, 0] - left[:, 2] > 100).all()
    assert (right[:, 2] - right[:, 0] > 100).all()
    assert (bright > 140).all()
    most = np.array([3, 3, 1.8])  # no picture of full contrast can excite them more
    assert (layer.excited > 0.9 * most).all() and (layer.excited <= most + 1e-4).all()


def test_a_small_pattern_stands_sharp_at_the_end_however_much_a_cell_is_said_to_see(model: Path):
    bundle = open_bundle(str(model))
    _, answers = excite(open_layer(bundle, "maps"), bundle.contract.input, Climb(), 37, lambda _: None)
    assert (answers > 0.9 * np.array([3, 3, 1.8])).all()


def test_a_pooled_filter_that_is_silent_is_woken_from_before_its_relu():
    text = """
        plain = Conv<pads=[1,1,1,1]>(faces, w, low)
        maps = Relu(plain)
        pooled = MaxPool<kernel_shape=[2,2], strides=[2,2]>(maps)
        means = GlobalAveragePool(pooled)
        flat = Flatten(means)
        scores = MatMul(flat, v)
    """
    weights = {
        "w": np.ones((2, 1, 3, 3), np.float32),
        "low": np.full(2, -7, np.float32),
        "v": np.eye(2, dtype=np.float32),
    }
    forward = forward_of(text, weights, (1, 16, 16), ["maps", "pooled"])
    bundle = build(forward, Contract(("a", "b"), InputSpec(16, 16, layout="NCHW")), ("gradcam",), "shy")
    opened = open_layer(bundle, "pooled")
    _, pull = opened(np.zeros((1, 1, 16, 16), np.float32), np.zeros(1, int), np.array([[4, 4]]))
    assert pull.sum() == 9  # grey wakes nothing, yet the way up is known
    assert excite(opened, bundle.contract.input, Climb(), 5, lambda _: None)[1].min() > 1


def test_noise_is_not_called_what_a_dead_filter_likes():
    text = TEXT.replace("faces, w)", "faces, w, low)").replace("GlobalAveragePool(maps)", "GlobalAveragePool(twice)")
    text = text.replace("means =", "twice = Add(maps, maps)\n    means =")
    weights = {
        "w": np.ones((2, 1, 3, 3), np.float32),
        "low": np.array([0, -99], np.float32),
        "v": np.eye(2, dtype=np.float32),
    }
    forward = forward_of(text, weights, (1, 16, 16), ["maps", "twice"])
    bundle = build(forward, Contract(("a", "b"), InputSpec(16, 16, layout="NCHW")), ("gradcam",), "dead")
    faces, answers = excite(open_layer(bundle, "twice"), bundle.contract.input, Climb(), 3, lambda _: None)
    assert (answers > 0).tolist() == [True, False]
    assert faces[0].std() > 0.1 and faces[1].std() == 0


def test_what_it_says_about_classes(made: Path):
    layer = read(made).layers["maps"]
    assert layer.shares is not None and layer.means is not None
    np.testing.assert_allclose(np.abs(layer.shares).sum(0), [1, 1], atol=1e-3)
    assert layer.shares[LEFT, 0] == pytest.approx(1, abs=1e-3)  # class a is made of that filter alone
    assert layer.shares[RIGHT, 1] > 0.5 and layer.shares[LEFT, 1] == 0
    assert layer.means[LEFT, 0] > layer.means[LEFT, 1]


def test_the_nine_places_are_the_strongest_of_different_files(made: Path):
    layer = read(made).layers["maps"]
    best = layer.best[LEFT]
    assert len({one.picture for one in best}) == 9
    # The first is bright up to its right border, where the padding is darker still.
    assert [one.picture for one in best[:4]] == ["10.png", "11.png", "08.png", "09.png"]
    assert (best[0].column, best[2].column) == (15, 15)
    assert [one.value for one in best] == sorted((one.value for one in best), reverse=True)
    assert best[1].column in (7, 8)
    tile, back = layer.example(LEFT, 1), layer.back(LEFT, 1)
    assert tile is not None and back is not None
    assert int(tile[1, 0]) - int(tile[1, 2]) > 100
    assert back[1, 0] == 255 and back[1, 2] == 1  # the kernel itself: + to the left, − to the right


def test_the_same_seed_gives_the_same_file(made: Path, model: Path, faces: Path, tmp_path: Path):
    assert run(["atlas", str(model), str(faces), "-o", str(tmp_path), "--keep-pictures"]) == 0
    assert (tmp_path / made.name).read_bytes() == made.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"edges.atlas", "edges.atlas.html"}


def test_pictures_and_names_stay_out_unless_wanted(model: Path, faces: Path, tmp_path: Path):
    assert run(["atlas", str(model), str(faces), "-o", str(tmp_path), "--no-names"]) == 0
    layer = read(tmp_path / "edges.atlas").layers["maps"]
    assert layer.examples is None and layer.best == () and layer.shares is not None
    assert b".png" not in (tmp_path / "edges.atlas.html").read_bytes()


def test_without_data_there_is_no_table(model: Path, tmp_path: Path):
    assert run(["atlas", str(model), "-o", str(tmp_path)]) == 0
    atlas = read(tmp_path / "edges.atlas")
    assert atlas.pictures == 0 and atlas.layers["maps"].shares is None
    assert "faces that it was shown" not in (tmp_path / "edges.atlas.html").read_text("utf-8")


def test_a_stopped_run_goes_on(model: Path, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from emoscope.convert.atlas import making

    calls = []
    with monkeypatch.context() as patch:
        patch.setattr(making, "write_atlas", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        assert run(["atlas", str(model), str(faces), "-o", str(tmp_path)]) == 130
    monkeypatch.setattr(making, "excite", lambda *_: calls.append("climbed"))
    monkeypatch.setattr(making, "class_answers", lambda *_: calls.append("listened"))
    assert run(["atlas", str(model), str(faces), "-o", str(tmp_path), "--resume"]) == 0
    assert calls == []


def test_an_atlas_of_another_network_is_not_shown(made: Path, model: Path):
    contract = open_bundle(str(model)).contract
    assert atlas_of(str(model), contract) is None
    copy = model.with_suffix(".atlas")
    copy.write_bytes(made.read_bytes())
    try:
        assert atlas_of(str(model), contract) is not None
        assert atlas_of(str(model), contract.with_(source_sha256="other")) is None
        copy.write_bytes(made.read_bytes()[:-200])
        with pytest.raises(ModelError, match="not a whole atlas"):
            atlas_of(str(model), contract)
    finally:
        copy.unlink()


def test_the_page_loads_nothing_and_shows_every_filter(made: Path):
    html = made.with_name("edges.atlas.html").read_text("utf-8")
    assert html.count("<figure>") == 3
    assert 'src="http' not in html and "default-src 'none'" in html


def test_unknown_layer_is_named(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["atlas", str(model), "-o", str(tmp_path), "--layers", "nose"]) == 1
    assert "no layer 'nose'" in capsys.readouterr().err


def test_a_tile_at_the_border_repeats_it():
    picture = np.arange(36, dtype=np.uint8).reshape(6, 6, 1)
    assert square_about(picture, 0, 0, 3)[..., 0].tolist() == [[0, 0, 1], [0, 0, 1], [6, 6, 7]]
    assert square_about(picture, 5, 5, 3)[2, 2, 0] == 35
    assert square_about(picture, 3, 3, 6) is picture


def test_starts_differ_and_their_mean_goes_on(model: Path):
    bundle = open_bundle(str(model))
    opened, spec = open_layer(bundle, "maps"), bundle.contract.input
    one, other = (excite(opened, spec, Climb(seed=seed), 3, lambda _: None)[0] for seed in (0, 1))
    assert not np.array_equal(one, other)
    assert np.abs(drawn(one, spec)[:, 7:10, 7:10].astype(int) - drawn(other, spec)[:, 7:10, 7:10]).mean() < 60


SHIPPED = sorted(path.stem for path in pretrained().glob(f"*{SUFFIX}"))


def test_every_network_ships_with_its_atlas():
    assert {"ferplus", "fer2013", "gmp"} <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_this_networks_and_shows_nobody(name: str):
    path, contract = bundled(pretrained(), f"{name}{SUFFIX}"), open_bundle(name).contract
    found = read_atlas(path, contract)
    assert found is not None  # and not an earlier network's
    assert path.stat().st_size < 3e6
    assert tuple(found.layers) == telling(contract)
    assert {contract.default_layer, *choose(contract).layers} <= set(found.layers)  # what is shown at first
    with zipfile.ZipFile(path) as archive:
        assert {one.partition("/")[0] for one in archive.namelist()} == {"atlas.json", "sprites"}
        assert b"Test_" not in archive.read("atlas.json")  # as FER2013's files are called
    for layer in found.layers.values():
        assert layer.shares is not None and layer.shares.shape == (layer.channels, len(contract.labels))
        assert layer.sprite(layer.channels - 1).std() > 0
