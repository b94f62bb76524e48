"""Something that is not installed becomes one line that names this system's own cure."""

from __future__ import annotations

import io
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from emoscope.system import libraries
from emoscope.system.libraries import (
    FAMILIES,
    INSTALLERS,
    LIBRARIES,
    MEDIAPIPE_LIBRARIES,
    OPENCV_LIBRARIES,
    missing_library,
    packages,
)
from tests.command import environment


def linux(monkeypatch: pytest.MonkeyPatch, **release: str) -> None:
    """Has the tests run on a Linux that tells this of itself."""
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)


def lacks(library: str) -> str:
    """What is said where a shared library is missing."""
    return str(missing_library(ImportError(f"{library}: cannot open shared object file: No such file or directory")))


@pytest.mark.parametrize("group", [OPENCV_LIBRARIES, MEDIAPIPE_LIBRARIES])
def test_a_known_library_names_the_packages_of_all_that_belong_with_it(
    group: Mapping[str, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
):
    linux(monkeypatch, ID="debian")
    library, *_ = group
    needed = " ".join(packages(group))
    assert lacks(library) == f"the system library {library} is missing: run `apt-get install {needed}`"
    assert group[library][0] in needed


@pytest.mark.parametrize(
    ("release", "cure"),
    [
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, "run `apt-get install libgl1 libglib2.0-0`"),
        ({"ID": "fedora"}, "run `dnf install libglvnd-glx glib2`"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "run `dnf install libglvnd-glx glib2`"),
        ({"ID": "manjaro", "ID_LIKE": "arch"}, "run `pacman -S libglvnd glib2`"),
        ({"ID": "opensuse-leap", "ID_LIKE": "suse opensuse"}, "run `zypper install libglvnd"),
        ({"ID": "hannah"}, "run `apt-get install libgl1 libglib2.0-0` or run `dnf install libglvnd-glx glib2`"),
    ],
)
def test_each_linux_has_its_own_cure(release: dict[str, str], cure: str, monkeypatch: pytest.MonkeyPatch):
    linux(monkeypatch, **release)
    assert f": {cure}" in lacks("libGL.so.1")


def test_every_library_has_a_package_for_every_family():
    assert {len(names) for names in LIBRARIES.values()} == {len(FAMILIES)}
    assert set(INSTALLERS) == set(FAMILIES)


def test_a_python_that_is_too_new_for_tensorflow_is_told_so(monkeypatch: pytest.MonkeyPatch):
    newest = libraries.LAST_WITH_TENSORFLOW
    marker = f'python_version < "3.{newest[1] + 1}"'
    assert f"tensorflow >= 2.18; {marker}" in (Path(__file__).parents[3] / "setup.cfg").read_text("utf-8")
    monkeypatch.setattr(libraries.sys, "version_info", (*newest, 1))
    assert libraries.tensorflow_cure() == 'run `pip install "emoscope[train]"`'
    monkeypatch.setattr(libraries.sys, "version_info", (newest[0], newest[1] + 1, 0))
    assert libraries.tensorflow_cure().endswith("make an environment with Python 3.13")


def test_an_unknown_library_is_named():
    assert "libmystery-3.so.7 is missing: install the system package" in lacks("libmystery-3.so.7")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "DLL load failed while importing onnxruntime_pybind11_state: The module could not be found",
            "Visual C++ Redis",
        ),
        ("dlopen(cv2.abi3.so): mach-o file, but is an incompatible architecture (have 'x86_64')", "this Mac's own"),
    ],
)
def test_windows_and_macos_have_cures_of_their_own(text: str, told: str):
    assert told in str(missing_library(ImportError(text)))


def test_a_missing_package_is_told_by_the_name_that_pip_knows():
    error = ModuleNotFoundError("No module named 'cv2'", name="cv2")
    assert str(missing_library(error)) == (
        "the Python package opencv-python is missing: run `pip install opencv-python`"
    )
    assert missing_library(ModuleNotFoundError("No module named 'mystery'", name="mystery")) is None


def test_another_import_error_is_none_of_ours():
    assert missing_library(ImportError("cannot import name 'x'")) is None


def test_a_terminal_without_a_sign_shows_a_question_mark(monkeypatch: pytest.MonkeyPatch):
    raw = io.BytesIO()
    monkeypatch.setattr(libraries.sys, "stdout", io.TextIOWrapper(raw, "cp1252"))
    libraries.speak_plainly()
    print("a → b", flush=True)
    assert raw.getvalue().strip() == b"a ? b"


def test_the_help_is_written_to_windows_old_code_pages():
    command = [sys.executable, "-m", "emoscope", "process", "--help"]
    done = subprocess.run(command, env=environment(PYTHONIOENCODING="cp437"), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(("own", "threads"), [({}, 1), ({"OPENCV_FOR_THREADS_NUM": "3"}, 3)])
def test_opencv_leaves_a_commands_work_on_its_own_threads_unless_told_otherwise(own: dict[str, str], threads: int):
    code = "from emoscope.cli import run; run(['--version']); import cv2; print(cv2.getNumThreads())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment() | own, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == str(threads)
