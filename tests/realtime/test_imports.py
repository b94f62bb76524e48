"""What is imported when: little for help, never TensorFlow, and nothing that speaks."""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path

import pytest

import realtime
from realtime.bundled import assets
from tests.command import environment, run

HEAVY = ("numpy", "cv2", "onnx", "onnxruntime", "av", "mediapipe", "matplotlib", "tensorflow", "keras", "torch")
FORBIDDEN = ("tensorflow", "keras", "tf2onnx", "models", "convert", "torch", "jax")
TELL = "import sys; print('\\n'.join(sorted({name.partition('.')[0] for name in sys.modules})))"


def imported(code: str, cwd: Path) -> set[str]:
    """The top-level packages that are imported after some code ran; what else it says must be nothing."""
    done = run([sys.executable, "-c", f"{code}\n{TELL}"], cwd, 120, environment())
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return set(done.stdout.split())


def modules() -> list[str]:
    """All modules of the runtime."""
    return [module.name for module in pkgutil.walk_packages(realtime.__path__, "realtime.")]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"]])
def test_asking_for_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path):
    code = f"""
import contextlib, io
from realtime.cli import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    run({arguments})
"""
    assert imported(code, tmp_path) & set(HEAVY) == set()


def test_importing_the_whole_runtime_is_silent_and_brings_no_tensorflow(tmp_path: Path):
    assert len(modules()) > 60
    there = imported("\n".join(f"import {name}" for name in modules()), tmp_path)
    assert there & set(FORBIDDEN) == set()
    assert {"cv2", "onnxruntime", "av"} <= there


@pytest.mark.parametrize("detector", ["yunet", "mediapipe"])
def test_reading_a_face_brings_no_tensorflow(detector: str, tmp_path: Path):
    code = f"""
from realtime.cli import run
assert run(["process", {str(assets() / "demo.mp4")!r}, "-o", ".", "--detector", "{detector}", "--view", "gradcam",
            "--end", "0.3", "--no-chart"]) == 0
assert "happy" in open("demo.faces.csv").read().splitlines()[0]
assert open("demo.faces.csv").read().splitlines()[2].split(",")[2], "a face was read"
import sys
sys.stdout.flush()
"""
    done = run([sys.executable, "-c", f"{code}\n{TELL}"], tmp_path, 120, environment())
    assert done.returncode == 0, done.stderr
    there = set(done.stdout.split())
    assert "onnxruntime" in there
    assert there & {"tensorflow", "keras", "tf2onnx", "convert", "torch"} == set()
