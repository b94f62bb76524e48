"""Large weights are held once, whatever is made of a graph, and written where they belong."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from emoscope.convert import observe
from emoscope.convert.observe import session
from emoscope.errors import ResultError
from emoscope.network import held
from tests.convert.test_onnx_models import TOLD, converts, run, torch_like, weights, written

ROWS, COLUMNS = 600, 500


def product(weight: np.ndarray) -> onnx.ModelProto:
    """y = x · w + b."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", ROWS])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", COLUMNS])],
        [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(weight[0], "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    helper.set_model_props(model, {"key": "value"})
    return model


@pytest.fixture
def weight() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).astype(np.float32)


@pytest.mark.parametrize("is_fed", [True, False])
def test_sessions_share_large_weights(weight: np.ndarray, is_fed: bool, monkeypatch: pytest.MonkeyPatch):
    """They answer as ever, of the numbers that the graph had when they were made, and let go of them."""
    monkeypatch.setattr(observe, "FED", weight.nbytes - 1 if is_fed else weight.nbytes)
    before, model = set(held._HELD), product(weight)
    one, other = session(model), session(model)
    assert [[*running.given] for running in (one, other)] == [["w"] if is_fed else []] * 2
    assert {**one.given, **one.lent}["w"] is {**other.given, **other.lent}["w"]
    assert [value.name for value in one.get_inputs()] == ["x"], "whoever runs it need not know"
    assert [tensor.name for tensor in model.graph.initializer] == ["w", "b"], "the graph stays as it is"
    x = np.eye(ROWS, dtype=np.float32)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(2 * weight, "w"))
    changed = session(model)
    del other
    for running, factor in ((one, 1), (changed, 2)):
        np.testing.assert_allclose(running.run(None, {"x": x})[0], factor * weight + weight[0], rtol=1e-5, atol=1e-6)
    del one, changed, running
    gc.collect()
    assert set(held._HELD) <= before


def test_what_is_written_is_the_whole_model(weight: np.ndarray, tmp_path: Path):
    model = product(weight)
    light, owned = held.taken_out(model)
    assert light.ByteSize() < 0.01 * model.ByteSize() and len(owned) == 1
    held.check(light)
    path = tmp_path / "whole.onnx"
    held.write(light, path)
    onnx.checker.check_model(str(path))
    assert path.stat().st_size == model.ByteSize()
    for whole in (onnx.load(path), held.filled(light)):
        stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in whole.graph.initializer}
        np.testing.assert_array_equal(stored["w"], weight)
        assert (list(whole.graph.node), list(whole.metadata_props)) == (
            list(model.graph.node),
            list(model.metadata_props),
        )
    x = np.eye(ROWS, dtype=np.float32)
    (ours,), (theirs,) = (ort.InferenceSession(one).run(None, {"x": x}) for one in (path, model.SerializeToString()))
    np.testing.assert_array_equal(ours, theirs)


def test_weights_that_are_listed_as_inputs_too_are_held(weight: np.ndarray):
    """As every weight was in files of before 2019."""
    model = product(weight)
    model.ir_version = 3
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, weight.shape))
    light, _owned = held.taken_out(model)
    assert [value.name for value in light.graph.input] == ["x"]
    held.check(light)


def test_a_broken_model_is_still_seen(weight: np.ndarray):
    model = product(weight)
    model.graph.node[0].input[1] = "missing"
    light, _owned = held.taken_out(model)
    for one in (model, light):
        with pytest.raises(onnx.checker.ValidationError):
            held.check(one)


def with_large_matrices() -> onnx.ModelProto:
    """The small network with two matrices of a megabyte and more before its last one."""
    model = torch_like()
    at = next(place for place, node in enumerate(model.graph.node) if node.name == "/fc/Gemm")
    model.graph.node[at].input[0] = "wide"
    model.graph.node.insert(at, helper.make_node("Gemm", ["tall", "down.w"], ["wide"], name="/down/Gemm"))
    model.graph.node.insert(at, helper.make_node("Relu", ["up"], ["tall"], name="/tall/Relu"))
    model.graph.node.insert(at, helper.make_node("Gemm", ["k", "up.w"], ["up"], name="/up/Gemm"))
    large = weights(up__w=(6, 60_000), down__w=(60_000, 6))
    model.graph.initializer.extend(
        numpy_helper.from_array(numpy_helper.to_array(tensor) / 50, tensor.name) for tensor in large
    )
    return model


@pytest.mark.parametrize("fed", [observe.FED, 1_000_000])
def test_a_network_of_large_weights_is_converted(tmp_path: Path, fed: int, monkeypatch: pytest.MonkeyPatch):
    """Both files hold what they need, and answer as the network does."""
    monkeypatch.setattr(observe, "FED", fed)
    path = written(with_large_matrices(), tmp_path)
    assert converts(path)
    faces = np.random.default_rng(1).random((1, 3, 24, 20), dtype=np.float32)
    (theirs,) = ort.InferenceSession(path).run(None, {"input.1": faces})
    raised = np.exp(theirs)
    for name in ("ours.onnx", "ours.activations.onnx"):
        onnx.checker.check_model(str(tmp_path / name))
        running = ort.InferenceSession(tmp_path / name)
        feed = {"faces": faces} | ({"target": np.array([0])} if "activations" in name else {})
        np.testing.assert_allclose(running.run(["probabilities"], feed)[0], raised / raised.sum(), rtol=1e-5)


def test_a_bundle_of_large_weights_is_halved(tmp_path: Path):
    path = written(with_large_matrices(), tmp_path)
    assert converts(path, "--fp16")
    for name in ("ours.onnx", "ours.activations.onnx"):
        assert (tmp_path / name).stat().st_size < 0.6 * path.stat().st_size


def test_what_is_longer_than_a_file_may_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(held, "MOST", 2_000_000)
    path = written(with_large_matrices(), tmp_path)
    assert run(["convert", str(path), *TOLD, "-n", "ours"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "ours.onnx" in line and line.endswith("a file of ONNX has 2 GB at most: try --fp16")
    assert not list(tmp_path.glob("ours*"))


def test_what_is_too_long_says_so(weight: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    light, _owned = held.taken_out(product(weight))
    monkeypatch.setattr(held, "MOST", 100)
    with pytest.raises(ResultError, match="2 GB"):
        held.write(light, tmp_path / "a")
