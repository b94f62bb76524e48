"""What is imported when: little for help, never TensorFlow, and nothing that speaks."""

from __future__ import annotations

import pkgutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import emoscope
from emoscope.system.bundled import assets
from tests.command import environment, run

HEAVY = ("numpy", "cv2", "onnx", "onnxruntime", "av", "mediapipe", "matplotlib", "tensorflow", "keras", "torch")
FORBIDDEN = ("tensorflow", "keras", "tf2onnx", "emoscope.models", "emoscope.convert", "torch", "jax")
TELL = "import sys; print('\\n'.join(sorted({name for name in sys.modules if name.count('.') < 2})))"


def imported(code: str, cwd: Path) -> set[str]:
    """The packages that are imported after some code ran, two names deep; what else it says must be nothing."""
    done = run([sys.executable, "-c", f"{code}\n{TELL}"], cwd, 120, environment())
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return set(done.stdout.split())


def modules() -> list[str]:
    """All modules of the runtime."""
    below = [name for _, name, _ in pkgutil.iter_modules(emoscope.__path__, "emoscope.") if name not in FORBIDDEN]
    found = [*below]
    for name in below:
        spec = find_spec(name)
        places = spec.submodule_search_locations if spec else None
        found += [module.name for module in pkgutil.walk_packages(places or [], f"{name}.")]
    return [name for name in found if name != "emoscope.__main__"]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"]])
def test_asking_for_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path):
    code = f"""
import contextlib, io
from emoscope.cli import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    run({arguments})
"""
    assert imported(code, tmp_path) & set(HEAVY) == set()


def test_importing_the_whole_runtime_is_silent_and_brings_no_tensorflow(tmp_path: Path):
    assert len(modules()) > 60
    there = imported("\n".join(f"import {name}" for name in modules()), tmp_path)
    assert there & set(FORBIDDEN) == set()
    assert {"cv2", "onnxruntime", "av"} <= there


@pytest.mark.parametrize("detector", ["auto", "mediapipe"])
def test_reading_a_face_brings_no_tensorflow(detector: str, tmp_path: Path):
    if detector == "mediapipe" and find_spec("mediapipe") is None:
        pytest.skip("the extra `mediapipe` is not installed")
    code = f"""
from emoscope.cli import run
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
    assert ("mediapipe" in there) == (detector == "mediapipe")
    assert there & {"tensorflow", "keras", "tf2onnx", "emoscope.convert", "torch"} == set()


SYSTEMS = {"fcntl", "resource", "termios", "pwd", "grp", "pty", "syslog", "msvcrt", "winreg", "_winapi"}
"""Modules that some systems have and others lack."""
ELSEWHERE = """
import builtins, importlib, io, os
imported, opened = builtins.__import__, io.open

def importing(name, globals=None, *more, **options):
    if name in {systems} and str((globals or {{}}).get("__name__")).startswith("emoscope"):
        raise ModuleNotFoundError("No module named " + name, name=name)
    return imported(name, globals, *more, **options)

def opening(file, *more, **options):
    if str(file).startswith(("/proc/", "/dev/video", "/sys/class/")):
        raise FileNotFoundError(2, "No such file or directory", str(file))
    return opened(file, *more, **options)

builtins.__import__, builtins.open, io.open = importing, opening, opening
for name in ("memfd_create", "sched_getaffinity", "geteuid", "getuid", "killpg", "fork"):
    if hasattr(os, name):
        delattr(os, name)
for name in {modules}:
    importlib.import_module(name)
print("all")
"""
LEARNING = ("tensorflow", "tf2onnx", "sklearn", "optuna")
"""What `models` and `convert` need besides."""


def below(package: str) -> list[str]:
    """All modules of a package."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return [package, *(module.name for module in pkgutil.walk_packages(places or [], f"{package}."))]


def test_everything_can_be_imported_where_a_system_lacks_what_others_have(tmp_path: Path):
    ours = modules()
    if all(map(find_spec, LEARNING)):
        ours += [*below("emoscope.convert"), *below("emoscope.models")]
    code = ELSEWHERE.format(systems=SYSTEMS, modules=ours)
    done = run([sys.executable, "-c", code], tmp_path, 300, environment())
    assert done.stdout == "all\n", done.stderr
