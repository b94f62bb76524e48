"""What network and detectors run on: chosen among few, others where they are asked for, and never another than that."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import onnxruntime
import pytest

from emoscope.errors import ModelError
from emoscope.faces import open_finder
from emoscope.faces import runtime as detectors
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.system.providers import check_running, providers_of
from tests.realtime.tiny import write_bundle


def offered(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [f"{name}ExecutionProvider" for name in names])


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        (("OpenVINO", "CPU"), ["CPU"]),
        (("Azure", "CPU"), ["CPU"]),
        (("Tensorrt", "CUDA", "CPU"), ["CUDA", "CPU"]),
        (("CPU", "Dml"), ["Dml", "CPU"]),
        (("CoreML", "Azure", "CPU"), ["CoreML", "CPU"]),
    ],
)
def test_auto_takes_none_that_was_not_asked_for(installed, chosen, monkeypatch: pytest.MonkeyPatch):
    offered(monkeypatch, *installed)
    assert providers_of() == [f"{name}ExecutionProvider" for name in chosen]


@pytest.mark.parametrize("name", ["openvino", "OpenVINO", "OPENVINO"])
def test_a_name_is_that_one_and_no_other(name: str, monkeypatch: pytest.MonkeyPatch):
    offered(monkeypatch, "OpenVINO", "CPU")
    assert providers_of(name) == ["OpenVINOExecutionProvider"]


def test_what_is_not_installed_is_refused_with_what_is(monkeypatch: pytest.MonkeyPatch):
    offered(monkeypatch, "CUDA", "CPU")
    with pytest.raises(ModelError, match="provider 'coreml' is not installed; there are cuda, cpu"):
        providers_of("coreml")


def running(name: str) -> Any:
    return cast(Any, SimpleNamespace(get_providers=lambda: [f"{name}ExecutionProvider", "CPUExecutionProvider"]))


def test_a_provider_that_does_not_start_is_not_replaced_in_silence():
    check_running(running("CUDA"), ["CUDAExecutionProvider"])
    check_running(running("CPU"), ["CUDAExecutionProvider", "CPUExecutionProvider"])
    with pytest.raises(ModelError, match=r"'CUDA' is installed and does not start.*CPU"):
        check_running(running("CPU"), ["CUDAExecutionProvider"])


def test_network_and_detectors_are_opened_on_what_was_chosen(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """OpenVINO is offered first; stand-ins take note of what they are to run on."""
    offered(monkeypatch, "OpenVINO", "CPU")
    opened, session = [], onnxruntime.InferenceSession

    def open_noted(model: bytes, options: Any = None, providers: Any = ()) -> Any:
        opened.append(tuple(providers))
        return session(model, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "InferenceSession", open_noted)
    assert detectors.onnxruntime.InferenceSession is open_noted
    with open_finder(provider="auto"):
        assert Network(open_bundle(write_bundle(tmp_path))).provider == "CPU"
    assert set(opened) == {("CPUExecutionProvider",)} and len(opened) == 4
    with pytest.raises(ModelError, match="does not start"):
        open_finder("yunet", provider="openvino")
    assert opened[-1] == ("OpenVINOExecutionProvider",)
