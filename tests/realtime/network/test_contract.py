"""The contract: what goes in comes out, and every wrong one is refused with a reason."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from emoscope.errors import ContractError
from emoscope.network.contract import Contract, CropSpec, HeldOut, InputSpec, Threshold
from emoscope.view.state import first_state
from tests.realtime.tiny import CONTRACT


def test_survives_json():
    assert Contract.from_json(CONTRACT.to_json()) == CONTRACT


def test_survives_json_with_a_number_per_channel():
    colour = InputSpec(64, 32, "rgb", "NCHW", (0.1, 0.2, 0.3), (-1.0, 0.0, 1.0))
    contract = CONTRACT.with_(input=colour)
    assert Contract.from_json(contract.to_json()) == contract
    assert (colour.depth, colour.shape) == (3, (3, 64, 32))
    assert replace(colour, layout="NHWC").shape == (64, 32, 3)


def test_survives_json_with_all_that_version_2_added():
    contract = CONTRACT.with_(
        input=InputSpec(4, 4, stretch=(1.0, 99.0)),
        prior=(0.5, 0.3, 0.2),
        default_prior=0.5,
        unsure=Threshold(0.55, 0.9, 0.93, "PublicTest"),
        unreadable=Threshold(0.3),
        held_out=HeldOut("ab" * 32, seed=3, validation=0.2, groups="auto", folds=5, fold=2),
    )
    assert Contract.from_json(contract.to_json()) == contract
    assert json.loads(contract.to_json())["version"] == 2


def test_version_1_is_read_as_one_that_says_nothing_of_what_came_later():
    old = json.loads(CONTRACT.to_json()) | {"version": 1}
    for name in ("prior", "default_prior", "unsure", "unreadable", "held_out"):
        del old[name]
    del old["input"]["stretch"]
    contract = Contract.from_json(json.dumps(old))
    assert contract == CONTRACT
    assert (contract.input.stretch, contract.prior, contract.default_prior, contract.unsure) == (None, (), 0.0, None)


def test_only_labels_and_input_must_be_there():
    contract = Contract.from_json('{"version": 1, "labels": ["a", "b"], "input": {"height": 8, "width": 9}}')
    assert contract.input.shape == (8, 9, 1)
    assert contract.crop == CropSpec()
    assert (contract.layers, contract.methods, contract.default_layer) == ((), (), "")


def test_before_conversion_the_defaults_are_wishes():
    wish = {"layers": [], "methods": [], "default_layer": "conv9", "default_method": "layercam"}
    contract = Contract.from_json(json.dumps(json.loads(CONTRACT.to_json()) | wish))
    assert (contract.default_layer, contract.default_method) == ("conv9", "layercam")
    assert first_state(contract).layers == ()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"version": 3}, "version 3 is newer than this program knows (2): update EmoScope"),
    ({"version": 0}, "version 0 is not 1 or 2: run `emoscope convert` again"),
    ({"version": None}, "version None is not 1 or 2: run `emoscope convert` again"),
    ({"labels": ["alone"]}, "a classifier needs at least two labels"),
    ({"labels": ["a", "b", "a"]}, "labels repeat"),
    ({"labels": "happy"}, "labels are no names"),
    ({"labels": [1, 2]}, "labels are no names"),
    ({"input": {"height": 0}}, "input size 48×0 is not positive"),
    ({"input": {"channels": "cmyk"}}, "input channels 'cmyk' are not 'gray' or 'rgb' or 'bgr'"),
    ({"input": {"layout": "HWC"}}, "input layout 'HWC' is not 'NHWC' or 'NCHW'"),
    ({"input": {"scale": [1, 2]}}, "input scale has not one number per channel (1)"),
    ({"input": {"channels": "rgb", "offset": [1]}}, "input offset has not one number per channel (3)"),
    ({"input": {"scale": "x"}}, "input scale 'x' is not a finite number"),
    ({"input": {"scale": float("nan")}}, "input scale nan is not a finite number"),
    ({"input": {"stretch": [1]}}, "input stretch [1.0] is not two rising percentiles, such as [1, 99]"),
    ({"input": {"stretch": [99, 1]}}, "input stretch [99.0, 1.0] is not two rising percentiles, such as [1, 99]"),
    ({"prior": [0.5, 0.5]}, "prior has not one share per label"),
    ({"prior": [0.5, 0.5, 0.5]}, "prior [0.5, 0.5, 0.5] is not made of shares above 0 that add up to 1"),
    ({"prior": [0.5, 0.5, 0]}, "prior [0.5, 0.5, 0.0] is not made of shares above 0 that add up to 1"),
    ({"prior": [0.5, 0.3, 0.2], "default_prior": 2}, "default prior 2.0 is not between 0 and 1"),
    ({"default_prior": 0.5}, "there is a default prior, but no prior"),
    ({"unsure": {"below": 40}}, "threshold's below 40 is not between 0 and 1"),
    ({"unreadable": {"below": 0.4, "accuracy": 90}}, "threshold's accuracy 90 is not between 0 and 1"),
    ({"crop": {"eye_distances": 0}}, "crop of 0 eye distances is not sensible"),
    ({"crop": {"eye_line": 1.5}}, "crop eye_line 1.5 is not between 0 and 1"),
    ({"layers": [asdict(CONTRACT.layers[0])] * 2}, "layer names repeat"),
    ({"default_layer": "conv9"}, "default layer 'conv9' is not among the layers"),
    ({"default_method": "guess"}, "default method 'guess' is not among the methods"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_refuses_a_wrong_value(change: dict[str, Any], message: str):
    with pytest.raises(ContractError) as caught:
        Contract.from_json(json.dumps(json.loads(CONTRACT.to_json()) | change), "here.onnx")
    assert str(caught.value) == f"here.onnx: {message}"


UNREADABLE = [
    ("", "Expecting value"),
    ("{", "Expecting property name"),
    ("[1]", "not a JSON object"),
    ("null", "not a JSON object"),
    ('{"version": 1, "input": {}}', "field 'labels' is missing"),
    ('{"version": 1, "labels": ["a", "b"]}', "field 'input' is missing"),
    ('{"version": 1, "labels": ["a", "b"], "input": 3}', "has no attribute 'items'"),
    ('{"version": 1, "labels": ["a", "b"], "input": {"size": 3}}', "unexpected keyword argument 'size'"),
    ('{"version": 1, "labels": ["a", "b"], "input": {"height": "big"}}', "not supported between"),
    ('{"version": 1, "labels": ["a", "b"], "input": {}, "layers": [3]}', "must be a mapping"),
    ("[" * 100_000, "recursion"),
]


@pytest.mark.parametrize(("text", "reason"), UNREADABLE, ids=[reason for _, reason in UNREADABLE])
def test_refuses_what_is_no_contract_in_one_line(text: str, reason: str):
    with pytest.raises(ContractError, match="here") as caught:
        Contract.from_json(text, "here")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_layer_is_answered_with_those_there_are():
    assert CONTRACT.layer("pool1").kind == "pool"
    with pytest.raises(ContractError, match="no layer 'conv9'; it has conv1, pool1"):
        CONTRACT.layer("conv9")


def test_reads_the_file_beside_a_trained_network(tmp_path: Path):
    path = tmp_path / "contract.json"
    path.write_text(CONTRACT.to_json(), "utf-8")
    assert Contract.read(path) == CONTRACT


@pytest.mark.parametrize("content", [None, b"\xff\xfe{}"], ids=["missing", "not UTF-8"])
def test_an_unreadable_file_is_a_contract_error(content: bytes | None, tmp_path: Path):
    path = tmp_path / "contract.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContractError, match=r"contract\.json: cannot be read"):
        Contract.read(path)
