"""Weights that are lent: the same answers as the whole model's, in half the memory."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest

from emoscope.network import weights
from emoscope.network.bundle import open_bundle
from emoscope.network.mirrors import looked_up
from emoscope.network.network import _options
from emoscope.network.weights import Lender

PROVIDERS = ["CPUExecutionProvider"]
OUTPUTS = ("probabilities", "activation/block1_relu", "cam/gradcam/block1_relu")

GROWTH = """
import sys
import onnxruntime
from onnx.utils import Extractor
from emoscope.system.memory import return_memory
from emoscope.network.bundle import open_bundle
from emoscope.network.weights import Lender

def resident_mb():
    return_memory()
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

def whole(outputs):
    part = Extractor(model).extract_model(["faces", "target"], outputs)
    return onnxruntime.InferenceSession(part.SerializeToString(), providers=["CPUExecutionProvider"])

def lent(outputs):
    return lender.session(outputs, onnxruntime.SessionOptions(), ["CPUExecutionProvider"])

model = open_bundle("ferplus").activations
lender = Lender(model)
build = {"whole": whole, "lent": lent}[sys.argv[1]]
kept = [build(["probabilities"])]
before = resident_mb()
kept += [build(["probabilities", "activation/block1_relu"]) for _ in range(4)]
print(resident_mb() - before)
"""


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    return np.random.default_rng(5).random((3, 48, 48, 1), dtype=np.float32)


def test_a_part_answers_as_the_whole_model_does(faces: np.ndarray):
    model = open_bundle("ferplus").activations
    whole = onnxruntime.InferenceSession(model.SerializeToString(), providers=PROVIDERS)
    inputs = {"faces": faces, "target": np.full(3, -1)}
    lender = Lender(model)
    del model
    session = lender.session(OUTPUTS, onnxruntime.SessionOptions(), PROVIDERS)
    assert [output.name for output in session.get_outputs()] == list(OUTPUTS)
    for answer, expected in zip(session.run(None, inputs), whole.run(list(OUTPUTS), inputs), strict=True):
        np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_a_lender_with_kernels_looks_borders_up_and_multiplies_less(faces: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    pads = []

    def looked(model: onnx.ModelProto) -> onnx.ModelProto:
        made = looked_up(model)
        pads.append([node.op_type for node in made.graph.node].count("Pad"))
        return made

    monkeypatch.setattr(weights, "looked_up", looked)
    model, inputs = open_bundle("ferplus").activations, {"faces": faces, "target": np.full(3, -1)}
    fed: dict[str, np.ndarray] = {}
    lenders = [Lender(model), Lender(model, kernels=fed)]
    sessions = [one.session(OUTPUTS, _options(1), PROVIDERS) for one in lenders]
    assert pads == [1], "but the picture's own"
    assert {value.name for value in sessions[1].get_inputs()} >= set(fed) != set()
    plain, less = sessions[0].run(None, inputs), sessions[1].run(None, {**inputs, **fed})
    for answer, expected in zip(less, plain, strict=True):
        np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_the_model_itself_stays_whole():
    model = open_bundle("gmp").activations
    before = model.SerializeToString(deterministic=True)
    Lender(model)
    assert model.SerializeToString(deterministic=True) == before


def test_a_session_takes_half_the_memory():
    grown = {how: _growth_mb(how) for how in ("whole", "lent")}
    assert grown["lent"] < 0.7 * grown["whole"]


def _growth_mb(how: str) -> float:
    command = [sys.executable, "-c", GROWTH, how]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
