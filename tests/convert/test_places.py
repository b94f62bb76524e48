"""Where a bundle may be written, and numbers on the command line that make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoscope.cli import run
from tests.convert.test_onnx_models import LABELS, TOLD, torch_like, written


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["convert", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_the_model_itself_is_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    theirs = written(torch_like(), tmp_path)
    before = theirs.read_bytes()
    error = refusal(capsys, str(theirs), *TOLD)
    assert "-o" in error and "-n" in error
    assert theirs.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.onnx"]


def test_a_pair_is_replaced_by_a_newer_one_but_no_other_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    theirs = written(torch_like(), tmp_path)
    for _ in range(2):
        assert run(["convert", str(theirs), *TOLD, "-n", "ours"]) == 0
    (tmp_path / "else.onnx").write_text("somebody's")
    assert "else.onnx" in refusal(capsys, str(theirs), *TOLD, "-n", "else")
    assert (tmp_path / "else.onnx").read_text() == "somebody's"


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    theirs = written(torch_like(), tmp_path)
    assert "-o" in refusal(capsys, str(theirs), *TOLD, "-o", str(theirs))


@pytest.mark.parametrize("numbers", [["0"], ["nan"], ["1,0,1"], ["1", "--offset", "inf"]], ids=" ".join)
def test_pixels_must_stay_apart(tmp_path: Path, numbers: list[str], capsys: pytest.CaptureFixture[str]):
    theirs = written(torch_like(), tmp_path)
    told = ["--labels", LABELS, "--channels", "rgb", "-n", "ours"]
    assert "--scale" in refusal(capsys, str(theirs), *told, "--scale", *numbers)


@pytest.mark.parametrize("size", ["0x48", "-4x5"])
def test_sizes_are_positive(tmp_path: Path, size: str):
    assert run(["convert", str(written(torch_like(), tmp_path)), *TOLD, "-n", "ours", f"--size={size}"]) == 2
