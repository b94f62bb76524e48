"""`emoscope compare` on hand-made bundles whose every answer is known, and its way to those that are not there yet."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from emoscope.cli import run as emoscope
from emoscope.errors import DataError, EmoscopeError, ModelError
from emoscope.models.asking import plan
from emoscope.models.commands.compare import is_done
from emoscope.models.comparison.contestants import Makers, called, contestants
from emoscope.models.comparison.faces import in_common, pick
from emoscope.models.data.load import load
from emoscope.models.data.splitting import Splitting
from emoscope.models.training.run_folder import RunFolder
from emoscope.network.contract import HeldOut
from tests.realtime.tiny import CONTRACT, write_bundle

SHADES = {"happy": 230, "sad": 30, "neutral": 60}
"""The tiny network calls bright faces happy and all others sad."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four gray pictures a class, all for testing."""
    for label, shade in SHADES.items():
        folder = tmp_path / "faces" / "test" / label
        folder.mkdir(parents=True)
        for number in range(4):
            cv2.imwrite(str(folder / f"PrivateTest_{number}.png"), np.full((4, 4), shade + number, np.uint8))
    return tmp_path / "faces"


@pytest.fixture
def bundles(tmp_path: Path) -> list[str]:
    """Two bundles: the tiny network, and one whose second and third class have changed names."""
    other = CONTRACT.with_(labels=("happy", "neutral", "sad"))
    return [str(write_bundle(tmp_path, "one")), str(write_bundle(tmp_path, "other", other))]


def test_networks_side_by_side(
    data: Path, bundles: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert emoscope(["compare", *bundles, str(data), "-o", str(tmp_path / "out")]) == 0
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in table[1:3]] == [["one", "0.6667"], ["other", "0.6667"]]
    with PIL.Image.open(tmp_path / "out" / "compare.png") as picture:
        assert picture.width == 1920
        assert len(np.unique(np.asarray(picture.convert("L")))) > 100
    assert {"one.json", "other.confusion.csv"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_networks_are_judged_on_what_their_own_runs_held_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it is said where they are judged on different pictures, of which the faces are those that all have."""
    for number in range(40):
        folder = tmp_path / "faces" / ("happy", "sad")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{number}.png"), np.full((4, 4), 5 * number, np.uint8))
    splits = [
        load(tmp_path / "faces", CONTRACT.input, CONTRACT.labels, Splitting(seed, groups="none"), complete=False)
        for seed in (1, 2)
    ]
    made = [
        CONTRACT.with_(held_out=HeldOut(data.pictures_sha256, seed=seed, test=0.2, validation=0.1, groups="none"))
        for seed, data in enumerate(splits, 1)
    ]
    bundles = [str(write_bundle(tmp_path, f"of-{seed}", contract)) for seed, contract in enumerate(made, 1)]
    assert emoscope(["compare", *bundles, str(tmp_path / "faces"), "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "are judged on different pictures, each on those that its own run held out" in said.err
    assert "may have learnt" not in said.err
    shared = set(splits[0].split("test").digests) & set(splits[1].split("test").digests)
    first, second = in_common([data.split("test") for data in splits])
    assert len(first) == len(shared) > 0
    np.testing.assert_array_equal(splits[0].split("test").digests[first], splits[1].split("test").digests[second])


def test_an_unknown_network_is_named_with_those_there_are(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert emoscope(["compare", "nothing", str(data), "-o", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert "nothing: no such file; shipped are" in error
    assert "networks to train emodetect" in error or "networks to train" in error
    assert not (tmp_path / "out").exists()


def test_what_is_no_pair_yet_is_made(tmp_path: Path) -> None:
    made: list[tuple[str, ...]] = []
    (tmp_path / "RUN").mkdir()
    (tmp_path / "RUN" / "model.keras").write_bytes(b"")

    def train(architecture: str, folder: Path) -> Path:
        made.append(("train", architecture, folder.name))
        return tmp_path / "trained.keras"

    def convert(model: Path, folder: Path, name: str) -> Path:
        made.append(("convert", model.name, name))
        folder.mkdir(exist_ok=True)
        return write_bundle(folder, name)

    models = ["emoscope", str(tmp_path / "RUN" / "model.keras"), str(write_bundle(tmp_path, "ready"))]
    found = contestants(models, tmp_path, Makers(train, convert))
    assert [one.name for one in found] == ["emoscope", "RUN", "ready"]
    assert made == [("train", "emoscope", "emoscope"), ("convert", "trained.keras", "emoscope"),
                    ("convert", "model.keras", "RUN")]  # fmt: skip


def test_what_a_network_has_learnt_from_is_known_of_its_copy_too(tmp_path: Path) -> None:
    """A run's network is converted into another folder, where no list of its pictures lies."""
    run = tmp_path / "RUN"
    run.mkdir()
    (run / "model.keras").write_bytes(b"")
    (run / "config.json").write_text('{"pictures_sha256": "of all"}')
    (run / "split.csv").write_text("digest,split\naaa,train\nbbb,test\n")

    def convert(model: Path, folder: Path, name: str) -> Path:
        folder.mkdir(exist_ok=True)
        return write_bundle(folder, name, CONTRACT.with_(held_out=HeldOut("of all", seed=1, test=0.2, validation=0.1)))

    (found,) = contestants([str(run / "model.keras")], tmp_path, Makers(lambda *_: run, convert))
    assert found.classifier.learnt is not None
    assert found.classifier.learnt.splits == {"aaa": "train", "bbb": "test"}


def test_a_run_is_taken_again_only_where_it_is_of_the_same_settings(tree: Path, tmp_path: Path) -> None:
    run, asked = RunFolder(tmp_path / "gmp"), plan("gmp", tree, {"epochs": 2})
    run.create()
    run.write_config(asked.config(asked.dataset()[0]))
    assert not is_done(run.path, asked)
    (run.path / "curves.png").touch()
    assert is_done(run.path, asked)
    with pytest.raises(DataError, match=r"gmp: was trained otherwise \(epochs 2\): choose another -o"):
        is_done(run.path, plan("gmp", tree, {"epochs": 3}))
    next(tree.glob("train/sad/*.png")).unlink()
    with pytest.raises(DataError, match=r"gmp: was trained otherwise \(other pictures\)"):
        is_done(run.path, asked)


def test_two_networks_of_one_name_are_refused_before_any_work(tmp_path: Path) -> None:
    def never(*_: object) -> Path:
        raise AssertionError

    (tmp_path / "a").mkdir()
    models = [str(write_bundle(tmp_path, "same")), str(write_bundle(tmp_path / "a", "same"))]
    with pytest.raises(EmoscopeError, match="another network is called 'same' too"):
        contestants(models, tmp_path, Makers(never, never))
    with pytest.raises(ModelError, match="no such file"):
        contestants(["emoscope", "absent"], tmp_path, Makers(never, never))


def test_names_in_tables() -> None:
    assert called("runs/first/model.keras") == "first"
    assert called("runs/mini.107-0.66.hdf5") == "mini.107-0.66"


def test_faces_are_picked_from_all_classes_in_turn() -> None:
    classes = np.array([0] * 10 + [1] * 3 + [2] * 1)
    chosen = pick(classes, 7, seed=1)
    assert len(set(chosen.tolist())) == 7
    assert [int(one) for one in classes[chosen]] == [0, 1, 2, 0, 1, 0, 1]
    assert pick(classes, 7, seed=1).tolist() == chosen.tolist()
    assert len(pick(classes, 99, seed=1)) == 14
