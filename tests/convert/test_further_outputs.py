"""Networks that say more than classes: valence and arousal beside them, from conversion to table, panel and figure."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from emoscope.api import Reader, read_table
from emoscope.cli import run
from emoscope.network.bundle import open_bundle
from emoscope.system.bundled import assets
from emoscope.types import Prediction, number_text
from tests.convert.test_onnx_models import TOLD, converts, torch_like, weights, written

NAMES = ("valence", "arousal", "age")


def two_headed(batch: int | str = "N") -> onnx.ModelProto:
    """The small network with further outputs: two numbers, one, and a map of so many that nobody could look at them."""
    model = torch_like(opset=17, batch=batch)
    flat = next(tensor for tensor in model.graph.initializer if tensor.name == "flat")
    flat.CopyFrom(numpy_helper.from_array(np.array([1 if batch == 1 else 0, -1]), "flat"))
    model.graph.initializer.extend(weights(va__w=(2, 6), age__w=(6,)))
    model.graph.node.extend(
        [
            helper.make_node("Gemm", ["k", "va.w"], ["numbers"], transB=1),
            helper.make_node("MatMul", ["k", "age.w"], ["age"]),
        ]
    )
    for name, shape in (("numbers", [batch, 2]), ("age", [batch]), ("i", [batch, 6, 6, 5])):
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return model


KEEP = ("--output", "output", "--keep", "numbers=valence,arousal", "--keep", "age")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("further")
    assert converts(written(two_headed(), folder), *KEEP)
    return folder / "ours.onnx"


@pytest.mark.parametrize("batch", ["N", 1])
def test_both_graphs_say_the_numbers(batch: int | str, tmp_path: Path):
    path = written(two_headed(batch), tmp_path)
    assert converts(path, *KEEP)
    contract = open_bundle(str(tmp_path / "ours.onnx")).contract
    assert contract.numbers == NAMES
    faces = np.random.default_rng(1).random((3, 3, 24, 20), dtype=np.float32)
    theirs = ort.InferenceSession(path)
    wanted = [
        np.concatenate([np.ravel(one) for one in theirs.run(["numbers", "age"], {"input.1": face[None]})])
        for face in faces
    ]
    for name in ("ours.onnx", "ours.activations.onnx"):
        feed = {"faces": faces} | ({"target": np.full(3, -1)} if "activations" in name else {})
        (numbers,) = ort.InferenceSession(tmp_path / name).run(["numbers"], feed)
        np.testing.assert_allclose(numbers, wanted, rtol=1e-4, atol=1e-6)


def test_what_is_kept_need_not_be_named_and_what_is_left_is_about_classes(tmp_path: Path):
    model = two_headed()
    del model.graph.output[-1]
    assert converts(written(model, tmp_path), "--keep", "numbers", "--keep", "age")
    assert open_bundle(str(tmp_path / "ours.onnx")).contract.numbers == ("numbers 1", "numbers 2", "age")


def test_a_bundle_keeps_its_numbers_when_it_is_converted_again(bundle: Path, tmp_path: Path):
    assert run(["convert", str(bundle), "-o", str(tmp_path), "-n", "again"]) == 0
    assert open_bundle(str(tmp_path / "again.onnx")).contract.numbers == NAMES


REFUSED = {
    "nothing is said": ((), "with --keep NAME which others to keep"),
    "no such output": (("--keep", "va"), "there is no output 'va'"),
    "its classes": ((*KEEP[:2], "--keep", "output"), "'output' is about classes"),
    "nothing is left": (tuple(f"--keep={name}" for name in ("output", "numbers", "age", "i")), "no output is left"),
    "too few names": ((*KEEP[:2], "--keep", "numbers=valence"), "has 2 numbers a face, but --keep names 1"),
    "a class's name": ((*KEEP[:2], "--keep", "numbers=happy,arousal"), "would be called 'happy'"),
    "one name twice": ((*KEEP[:2], "--keep", "numbers=a,a"), "would be called 'a'"),
    "one output twice": ((*KEEP[:2], "--keep", "age", "--keep", "age"), "would be called 'age'"),
    "too many": ((*KEEP[:2], "--keep", "i"), "180 numbers of each face; 32 are the most"),
}


@pytest.mark.parametrize(("options", "told"), REFUSED.values(), ids=REFUSED)
def test_refusals_say_what_to_do(
    options: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(["convert", str(written(two_headed(), tmp_path)), *TOLD, "-n", "ours", *options]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


@pytest.mark.parametrize("value", ["=a", "va=", "va=a,,b"])
def test_a_keep_that_is_no_name_is_wrong_usage(value: str, tmp_path: Path):
    assert run(["convert", str(written(two_headed(), tmp_path)), *TOLD, "--keep", value]) == 2


def test_a_keras_network_of_two_outputs_is_converted(tmp_path: Path):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    faces = keras.Input((24, 24, 1))
    maps = keras.layers.Conv2D(4, 3, activation="relu")(faces)
    flat = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(6, 3, activation="relu")(maps))
    emotion = keras.layers.Dense(3, activation="softmax", name="emotion")(flat)
    further = [keras.layers.Dense(size, name=name)(flat) for name, size in (("va", 2), ("age", 1))]
    model = keras.Model(faces, [emotion, *further])
    path = tmp_path / "two.keras"
    model.save(path)
    options = ["--labels", "angry,happy,sad", "--scale", "0.0039", "-n", "ours"]
    assert run(["convert", str(path), *options, "--keep", "va=valence,arousal", "--keep", "age"]) == 0
    given = np.random.default_rng(1).random((2, 24, 24, 1), dtype=np.float32)
    _, *wanted = model.predict(given, verbose=0)
    (numbers,) = ort.InferenceSession(tmp_path / "ours.onnx").run(["numbers"], {"faces": given})
    np.testing.assert_allclose(numbers, np.concatenate(wanted, 1), rtol=1e-4, atol=1e-6)
    assert open_bundle(str(tmp_path / "ours.onnx")).contract.numbers == NAMES


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_film_s_table_has_a_column_for_each(form: str, bundle: Path, tmp_path: Path):
    film = str(assets() / "demo.mp4")
    options = ["--rows", form, "--every", "60", "--no-video", "--no-chart"]
    assert run(["process", film, "--model", str(bundle), "-o", str(tmp_path), *options]) == 0
    if form == "csv":
        with (tmp_path / "demo.faces.csv").open(encoding="utf-8", newline="") as file:
            header, first, *_ = csv.reader(file)
        assert tuple(header[-3:]) == NAMES
        assert all(float(value) for value in first[-3:])
    else:
        assert '"arousal": ' in (tmp_path / "demo.faces.jsonl").read_text("utf-8")


def test_the_reader_tells_them(bundle: Path):
    film = assets() / "demo.mp4"
    with Reader(str(bundle)) as reader:
        frame = next(reader.watch(film))
        assert (reader.numbers, tuple(frame.faces[0].numbers)) == (NAMES, NAMES)
    table = read_table(film, model=str(bundle), every=100)
    assert {*NAMES} <= {*(table[0] if isinstance(table, list) else table.columns)}


def test_numbers_are_written_as_people_read_them():
    found = [number_text(value) for value in (0.204, -0.2, -0.001, 12345.6, float("nan"))]
    assert found == ["0.20", "−0.20", "0.00", "1.23e+04", "–"]
    assert Prediction(("a", "b"), np.array([0.1, 0.9]), numbers={"valence": -0.2}).further == ("valence −0.20",)
