"""Whatever the numbers: geometry, drawing, the contract, the FER2013 table and any sequence of keys hold."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emoscope.draw.picture import annotate
from emoscope.errors import ContractError, DataError
from emoscope.faces.finder import Tracker
from emoscope.media.raster import raster_of
from emoscope.models.data.fer_csv import read_csv
from emoscope.models.labels import EMOTIONS
from emoscope.network.contract import CHANNELS, LAYOUTS, Contract, CropSpec, InputSpec, LayerSpec
from emoscope.reading.crops import crop_square, cut_crops, face_chip, to_batch
from emoscope.reading.smoothing import Shown, raw
from emoscope.types import Explanation, Face, Prediction, Reading
from emoscope.view.keys import BY_KEY, KEYS, answered, press
from emoscope.view.scene import Scene, Status
from emoscope.view.state import VIEWS, ViewState, first_state, request_of
from tests.realtime.tiny import CONTRACT, reading

SLOW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
QUICK = settings(deadline=None, max_examples=80)

far = st.floats(-5000, 5000)
names = st.text(min_size=1, max_size=12)
LAYERS = st.builds(LayerSpec, names, names, names, *[st.integers(1, 99)] * 3)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def faces(draw: st.DrawFn, reach: float = 3000) -> Face:
    """A face anywhere, of any shape, its eyes anywhere; of no width too."""
    x, y = draw(st.floats(-reach, reach)), draw(st.floats(-reach, reach))
    width, height = draw(st.floats(0, 900)), draw(st.floats(0, 900))
    eyes = tuple((x + draw(st.floats(-50, 950)), y + draw(st.floats(-50, 950))) for _ in range(2))
    return Face((x, y, x + width, y + height), eyes, draw(st.floats(0, 1)), draw(st.integers(0, 99)))


@st.composite
def shown(draw: st.DrawFn) -> Shown:
    """Any face with any probabilities and any explanation or none."""
    face = draw(faces())
    numbers = np.array(draw(st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3)), np.float32)
    edge, channels = draw(st.integers(1, 9)), draw(st.integers(1, 70))
    chance = np.random.default_rng(draw(st.integers(0, 99)))
    maps = (chance.standard_normal((edge, edge, channels)) * draw(st.sampled_from([0, 1, 1e30]))).astype(np.float32)
    why = Explanation("conv1", maps, "gradcam", draw(names), np.abs(np.clip(maps[:, :, 0], -1, 1)))
    given_ = draw(st.sampled_from([None, why]))
    prediction = Prediction(CONTRACT.labels, numbers)
    return raw(Reading(face, crop_square(face, CONTRACT.crop)[0], np.zeros((4, 4), np.uint8), prediction, given_))


@QUICK
@given(faces(), st.integers(1, 60), st.integers(1, 60), st.booleans(), st.sampled_from(sorted(CHANNELS)))
def test_a_crop_of_any_face_is_cut_from_any_picture(face: Face, width: int, height: int, align: bool, channels: str):
    contract = CONTRACT.with_(input=InputSpec(7, 5, channels), crop=CropSpec(align=align))
    crops = cut_crops(raster_of(np.full((height, width, 3), 77, np.uint8)), [face, face], contract)
    batch = to_batch(crops, contract.input)
    assert batch.shape == (2, 7, 5, contract.input.depth)
    assert np.isfinite(batch).all()
    (x0, y0, x1, y1), _ = crop_square(face, contract.crop)
    assert x1 > x0
    assert y1 > y0


@QUICK
@given(st.tuples(far, far, far, far), st.integers(1, 50), st.integers(1, 50))
def test_a_chip_of_any_square(square: tuple[float, float, float, float], width: int, height: int):
    x0, y0, x1, y1 = square
    of = replace(reading(), square=(x0, y0, min(x1, x0 + 200), min(y1, y0 + 200)))
    assert min(face_chip(raster_of(np.zeros((height, width, 3), np.uint8)), of).shape) >= 1


@SLOW
@given(st.lists(st.tuples(st.lists(faces(200), max_size=4), st.floats(0, 2)), max_size=5))
def test_numbers_of_faces_are_never_given_twice_in_a_frame(frames: list[tuple[list[Face], float]]):
    tracker, time_s = Tracker(), 0.0
    for found, step_s in frames:
        time_s += step_s
        shown = tracker.update(found, time_s)
        tracks = [face.track for face in shown]
        assert len(set(tracks)) == len(tracks)
        assert all(track > 0 for track in tracks)
        assert all(math.isfinite(edge) for face in shown for edge in face.box_xyxy)


@SLOW
@given(
    st.lists(shown(), max_size=12), st.sampled_from([(1, 1), (32, 24), (640, 480), (90, 700)]),
    st.sampled_from(list(VIEWS)), st.booleans(), st.text(max_size=30), st.integers(0, 12), st.floats(0, 1e6),
    st.integers(-2, 99),
)  # fmt: skip
def test_any_scene_is_drawn_on_any_picture(people, size, view, everything, text, chosen, number, unit):
    width, height = size
    state = ViewState(
        CONTRACT.labels, CONTRACT.layers, CONTRACT.methods, view, unit=max(0, unit), heat=everything,
        history=everything, help=everything,
    )  # fmt: skip
    status = Status(text, number, number, int(number), text, text, {text: number}, everything, text)
    history = np.full((9, 3), np.nan if everything else 0.5, np.float32)
    one = Scene(tuple(people), chosen if chosen < len(people) else None, None, status, history, number, text)
    picture = np.full((height, width, 3), 128, np.uint8)
    drawn = annotate(picture, one, state, KEYS)
    assert drawn.shape == picture.shape
    assert (picture == 128).all()


@QUICK
@given(st.lists(st.sampled_from(sorted(BY_KEY)) | st.text(min_size=1, max_size=1), max_size=60), st.integers(0, 3))
def test_any_keys_leave_a_state_that_can_be_shown(keys: list[str], layers: int):
    kept = CONTRACT.layers[:layers]
    contract = CONTRACT.with_(layers=kept, default_layer=kept[0].name if kept else "")
    state = first_state(contract)
    for key in keys:
        state = answered(press(state, key))
        request = request_of(state)
        assert request.layer in ("", *contract.layer_names)
        assert request.method in ("", *contract.methods)
        assert state.view in VIEWS
        assert 0.1 <= state.opacity <= 1
        assert -1 <= state.target < len(contract.labels)
        assert 0 <= state.unit < max(1, max((layer.channels for layer in kept), default=1))
        assert state.colour_map


@QUICK
@given(
    st.lists(names, min_size=2, max_size=9, unique=True),
    st.builds(
        InputSpec, st.integers(1, 999), st.integers(1, 999), st.just("rgb"), st.sampled_from(LAYOUTS),
        st.tuples(*[st.floats(-9, 9)] * 3), st.floats(-9, 9),
    ),
    st.builds(CropSpec, st.floats(0.1, 99), st.floats(0, 1), st.booleans()),
    st.lists(LAYERS, max_size=5, unique_by=lambda layer: layer.name),
    st.dictionaries(names, st.floats(0, 1), max_size=3),
)  # fmt: skip
def test_every_contract_survives_json(labels, spec, crop, layers, metrics):
    contract = Contract(tuple(labels), spec, crop, tuple(layers), ("gradcam",), "", "gradcam", metrics, "5eed")
    assert Contract.from_json(contract.to_json()) == contract


@QUICK
@given(st.text(max_size=60) | ANY.map(json.dumps))
def test_any_text_is_a_contract_or_a_contract_error(text: str):
    _contract_or_error(text)


@QUICK
@given(st.sampled_from(sorted(json.loads(CONTRACT.to_json()))), ANY)
def test_any_field_may_be_anything(field: str, value: object):
    _contract_or_error(json.dumps(json.loads(CONTRACT.to_json()) | {field: value}))


@QUICK
@given(st.sampled_from(["input", "crop"]), st.text(max_size=10) | st.sampled_from(["height", "scale", "eye_line"]), ANY)
def test_any_inner_field_may_be_anything(part: str, field: str, value: object):
    whole = json.loads(CONTRACT.to_json())
    whole[part][field] = value
    _contract_or_error(json.dumps(whole))


def _contract_or_error(text: str) -> None:
    try:
        contract = Contract.from_json(text, "here")
    except ContractError as error:
        assert "\n" not in str(error)
    else:
        assert len(contract.labels) > 1
        assert all(isinstance(size, int) and size > 0 for size in contract.input.shape)
        assert Contract.from_json(contract.to_json()) == contract


cells = (
    st.text(max_size=12)
    | st.integers(-9, 300).map(str)
    | st.sampled_from(["Training", "PublicTest", "", " ".join(["7"] * 2304)])
)


@QUICK
@given(st.lists(st.lists(cells, max_size=5), max_size=6), st.booleans())
def test_any_table_is_read_or_refused_in_one_line(rows: list[list[str]], headed: bool):
    text = io.StringIO()
    csv.writer(text).writerows([["emotion", "pixels", "Usage"], *rows] if headed else rows)
    _read_table(text.getvalue().encode("utf-8", "surrogatepass"))


@QUICK
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes):
    _read_table(b"emotion,pixels,Usage\n" + data)


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory):
    global TABLE
    TABLE = tmp_path_factory.mktemp("table") / "fer.csv"


TABLE = Path()


def _read_table(data: bytes) -> None:
    TABLE.write_bytes(data)
    try:
        records = list(read_csv(TABLE, EMOTIONS))
    except DataError as error:
        assert "\n" not in str(error)
    else:
        assert all(record.label in EMOTIONS for record in records)
