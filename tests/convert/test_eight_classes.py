"""A network of others as it is often found: eight classes, RGB, channels first, ImageNet's scaling; on every way."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser

from emoscope.cli import run
from emoscope.faces import open_finder
from emoscope.live.viewer import Viewer
from emoscope.media.raster import Bgr
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.reading.crops import cut_crops
from emoscope.reading.session import Session
from emoscope.system.bundled import assets
from emoscope.view.state import first_state
from emoscope.web.app_state import AppState
from emoscope.web.packet import LENGTH
from tests.realtime.live.doubles import ListSource, ListWindow
from tests.realtime.web.conftest import jpeg, serving
from tests.realtime.web.talking import ask, hear, talk

LABELS = ("angry", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise")
TEXT = """<ir_version: 9, opset_import: ["" : 17]> net (float[N,3,40,40] input) => (float[N,8] output) {
    a = Conv<kernel_shape = [3, 3], strides = [2, 2]>(input, w1)
    b = Relu(a)
    c = Conv<kernel_shape = [3, 3], strides = [2, 2]>(b, w2)
    d = Relu(c)
    e = GlobalAveragePool(d)
    f = Flatten(e)
    output = Gemm<transB = 1>(f, w3)
}"""


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    sizes = {"w1": (6, 3, 3, 3), "w2": (6, 6, 3, 3), "w3": (8, 6)}
    return {name: rng.normal(0, 0.4, size).astype(np.float32) for name, size in sizes.items()}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, weights: dict[str, np.ndarray]) -> Path:
    folder = tmp_path_factory.mktemp("eight")
    model = parser.parse_model(TEXT)
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in weights.items())
    onnx.save(model, folder / "theirs.onnx")
    command = ["convert", str(folder / "theirs.onnx"), "--input-preset", "imagenet", "--labels", ",".join(LABELS)]
    assert run([*command, "--crop-rule", "box:0.1", "-n", "ours"]) == 0
    return folder / "ours.onnx"


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    """A frame of the bundled clip."""
    return cv2.VideoCapture(str(assets() / "demo.mp4")).read()[1]


@pytest.fixture(scope="module")
def wanted(pair: Path, weights: dict[str, np.ndarray], frame: np.ndarray) -> np.ndarray:
    """The probabilities of the frame's face, by hand from the crop's pixels."""
    with open_finder() as finder:
        face = finder.find(frame, 0.0)[0]

    crop = cut_crops(Bgr(frame), [face], open_bundle(str(pair)).contract)[0]
    pixels = crop[..., ::-1].astype(np.float64) / 255
    x = ((pixels - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)).transpose(2, 0, 1)
    for name in ("w1", "w2"):
        windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2))[:, ::2, ::2]
        x = np.maximum(np.einsum("chwij,ocij->ohw", windows, weights[name]), 0)
    raised = np.exp(weights["w3"] @ x.mean((1, 2)))
    return np.asarray(raised / raised.sum())


def test_the_crop_is_fed_as_the_network_learned(pair: Path, frame: np.ndarray, wanted: np.ndarray):
    with Session(open_finder(), Network(open_bundle(str(pair)), "cpu")) as session:
        (reading,) = session.read(frame, 0.0).readings
    np.testing.assert_allclose(reading.prediction.probabilities, wanted, atol=2e-4)


def test_process_writes_all_eight(pair: Path, frame: np.ndarray, wanted: np.ndarray, tmp_path: Path):
    cv2.imwrite(str(tmp_path / "person.png"), frame)
    assert run(["process", str(tmp_path / "person.png"), "--model", str(pair), "--no-chart"]) == 0
    with (tmp_path / "person.faces.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    said = [float(row[name]) for name in row if name.removeprefix("p_") in LABELS]
    np.testing.assert_allclose(said, wanted, atol=2e-3)


def test_explain_draws_it(pair: Path, frame: np.ndarray, tmp_path: Path):
    cv2.imwrite(str(tmp_path / "person.png"), frame)
    assert run(["explain", str(tmp_path / "person.png"), "--model", str(pair)]) == 0
    assert cv2.imread(str(tmp_path / "person.explain-1.png")).std() > 10


def test_the_window_shows_it(pair: Path, frame: np.ndarray, tmp_path: Path):
    bundle, window = open_bundle(str(pair)), ListWindow(size=(640, 360))
    with Session(open_finder(), Network(bundle, "cpu")) as session:
        Viewer(ListSource([frame] * 4), session, window, first_state(bundle.contract), tmp_path).run()
    plain = cv2.resize(frame, (640, 360), interpolation=cv2.INTER_AREA).astype(int)
    assert (np.abs(window.shown[-1].astype(int) - plain).max(2) > 60).mean() > 0.02, "heat and labels are drawn"


def test_the_page_hears_it(pair: Path, frame: np.ndarray, wanted: np.ndarray):
    bundle = open_bundle(str(pair))
    with (
        AppState(Network(bundle, "cpu"), open_finder, first_state(bundle.contract), "ours.onnx") as state,
        serving(state) as address,
    ):
        assert json.loads(ask(address, path="/about.json")[2])["labels"] == list(LABELS)
        with talk(address) as socket:
            hear(socket)
            header = json.dumps({"number": 1, "time_s": 0.0, "still": True, "inside": False}).encode()
            socket.send(LENGTH.pack(len(header)) + header + jpeg(frame))
            (face,) = hear(socket)["faces"]
    assert face["label"] == LABELS[int(wanted.argmax())]
