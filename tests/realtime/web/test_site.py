"""The folder that `emoscope site` writes: whole, its own, and nobody else's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from emoscope.cli import run
from emoscope.errors import EmoscopeError
from emoscope.network.bundle import ModelBundle, open_bundle
from emoscope.network.network import Network
from emoscope.view.keys import BY_KEY
from emoscope.view.state import first_state, request_of
from emoscope.web.site import npm, runtime
from emoscope.web.site.graphs import LOCATION, packed
from emoscope.web.site.tables import action_of
from emoscope.web.site.writer import write_site
from tests.realtime.web.conftest import AXE
from tests.realtime.web.sites import site_of, stand_in


@pytest.fixture(scope="module")
def built(tiny_bundle: ModelBundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of the hand-made bundle."""
    folder = tmp_path_factory.mktemp("site")
    write_site(site_of(tiny_bundle), stand_in(folder / "runtime"), folder / "built")
    return folder / "built"


def files(folder: Path) -> dict[str, list[str]]:
    """What the service worker keeps."""
    return json.loads((folder / "files.js").read_text().removeprefix("self.FILES = ").rstrip(";\n"))


def test_the_service_worker_knows_every_file(built: Path):
    there = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    told = files(built)
    assert {*told["first"], *told["later"]} == there - {"offline.js", "files.js"}
    assert not {*told["first"]} & {*told["later"]}


def test_the_version_changes_with_the_files(built: Path, tiny_bundle: ModelBundle, tmp_path: Path):
    other, again = tmp_path / "other", tmp_path / "again"
    write_site(site_of(tiny_bundle, "auto"), built / "ort", other)
    write_site(site_of(tiny_bundle), built / "ort", again)
    assert files(again)["version"] == files(built)["version"] != files(other)["version"]


def test_every_import_and_address_leads_into_the_folder(built: Path):
    for path in built.rglob("*.js"):
        for name in re.findall(r'(?:from|import)\s*\(?"([^"]+)"', path.read_text()):
            assert (path.parent / name).is_file(), f"{path}: {name}"
    page = (built / "index.html").read_text()
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses and all((built / address).is_file() for address in addresses)
    assert 'data-link="../local/link.js"' in page and not (built / "page" / "served.js").exists()


def test_every_number_of_the_tables_that_a_script_names_is_there(built: Path):
    rooms = re.findall(r"export const (\w+) = (.+);", (built / "local" / "tables.js").read_text())
    told = {room: json.loads(rows) for room, rows in rooms}
    count = 0
    for path in sorted((built / "local").glob("*.js")):
        text = path.read_text()
        imported = " ".join(re.findall(r'import \{([^}]*)\} from "\./tables\.js"', text))
        room_of = {other or name: name for name, other in re.findall(r"(\w+)(?: as (\w+))?", imported)}
        for names, room, module in re.findall(r"const \{([^}]*)\} = (\w+)\.(\w+);", text):
            if room in room_of:
                wanted = {name.partition(":")[0].strip() for name in names.split(",") if name.strip()}
                assert wanted <= told[room_of[room]][module].keys(), path.name
                count += len(wanted)
    assert count > 50, "the scripts are read otherwise than this test does"


def test_the_page_may_load_nothing_from_elsewhere(built: Path):
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', (built / "index.html").read_text())
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts["default-src"] == "'none'" and parts["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert parts["connect-src"] == "'self'" and "frame-ancestors" not in parts
    elsewhere = {name for path in built.rglob("*.js") for name in re.findall(r"https?://[\w.]+", path.read_text())}
    assert elsewhere == set()


def test_a_network_that_is_too_short_has_no_lesson(built: Path):
    assert json.loads((built / "about.json").read_text())["results"] == []
    assert not (built / "lesson.html").exists()


def test_a_folder_that_holds_something_else_is_left_alone(tiny_bundle: ModelBundle, tmp_path: Path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(EmoscopeError, match=r"not empty, and no site: .*name an empty one"):
        write_site(site_of(tiny_bundle), tmp_path, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_weights_lie_where_the_skeleton_says():
    bundle = open_bundle("gmp")
    model = packed(bundle, np.empty((0, *bundle.contract.input.shape), np.float32))
    assert not model.halves
    original = {tensor.name: numpy_helper.to_array(tensor) for tensor in bundle.activations.graph.initializer}
    lent = 0
    for tensor in onnx.ModelProto.FromString(model.skeleton).graph.initializer:
        place = {entry.key: entry.value for entry in tensor.external_data}
        if place:
            part = model.weights[int(place["offset"]) :][: int(place["length"])]
            assert part == original[tensor.name].tobytes()
            lent += len(part)
    assert lent == len(model.weights) > 1_000_000


def test_weights_travel_in_half_where_that_says_the_same():
    bundle = open_bundle("gmp")
    faces = np.random.default_rng(0).uniform(0, 1, (3, *bundle.contract.input.shape)).astype(np.float32)
    model = packed(bundle, faces)
    assert model.halves
    assert len(model.weights) * 2 == len(packed(bundle, faces[:0]).weights)


def test_the_first_picture_is_answered_by_a_part_of_the_same_graph_without_turned_weights(tmp_path: Path):
    bundle = open_bundle("gmp")
    request, faces = request_of(first_state(bundle.contract)), np.random.default_rng(0).uniform(0, 1, (2, 48, 48, 1))
    model, batch = packed(bundle, np.empty((0, 48, 48, 1), np.float32), request), faces.astype(np.float32)
    part = onnx.ModelProto.FromString(model.first)
    kinds, others = (
        [node.op_type for node in given.graph.node] for given in (part, onnx.ModelProto.FromString(model.skeleton))
    )
    assert "FusedMatMul" in kinds and "Slice" not in kinds and "ConvTranspose" in others
    assert len(kinds) < len(others) / 4
    (tmp_path / "first.onnx").write_bytes(model.first)
    (tmp_path / LOCATION).write_bytes(model.weights)
    session = onnxruntime.InferenceSession(str(tmp_path / "first.onnx"), providers=["CPUExecutionProvider"])
    fed = {"faces": batch, "target": np.array([-1, 2]), "against": np.array([-1])}
    inputs = {value.name: fed.get(value.name, np.zeros((2, 7), np.float32)) for value in session.get_inputs()}
    outputs = [value.name for value in session.get_outputs()]
    assert set(inputs) <= set(model.names["inputs"]) and set(outputs) < set(model.names["outputs"])
    got = dict(zip(outputs, session.run(outputs, inputs), strict=True))
    answer = Network(bundle, "cpu").answer(batch, request, np.array([-1, 2]))
    assert answer.heat is not None
    assert np.allclose(got.pop("probabilities"), answer.probabilities, atol=1e-5)
    (heat,) = (value for name, value in got.items() if name.startswith("cam/"))
    assert np.allclose(heat, answer.heat, atol=1e-4)


def test_every_key_is_told_as_data():
    told = {key: action_of(binding.action) for key, binding in BY_KEY.items()}
    assert told["k"] == {"action": "step_layer", "given": {"step": -1}}
    assert told["enter"]["given"] == {"name": "inset", "choices": ["small", "half", "whole"]}
    assert told["u"] == {"action": "step_colours", "given": {}}
    json.dumps(told)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--fetch-runtime fetches it with npm, --runtime FOLDER names where it lies"),
        (["--runtime", "."], "no onnxruntime-web"),
        (["--runtime", "wrong"], "not that of onnxruntime-web"),
        (["--detector", "blazeface"], "the page has no detector 'blazeface': choose auto or yunet"),
    ],
)
def test_what_is_missing_is_one_line(
    arguments: list[str], words: str, in_folder: Path, capsys: pytest.CaptureFixture[str]
):
    stand_in(in_folder / "wrong")
    assert run(["site", "-o", "site", *arguments]) == 1
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
    assert not (in_folder / "site").exists()


def test_a_machine_without_npm_is_told_so(in_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    assert run(["site", "-o", "site", "--fetch-runtime"]) == 1
    assert "npm is missing: install it" in capsys.readouterr().err


def test_the_lock_files_name_the_version_and_no_host():
    locks = [(folder / "package-lock.json").read_text() for folder in (Path(runtime.__file__).parent, AXE)]
    assert json.loads(locks[0])["packages"]["node_modules/onnxruntime-web"]["version"] == runtime.VERSION
    assert not any("http" in lock or "resolved" in lock for lock in locks)
