"""The system around the program: what it lacks and how each system gets it, and libraries that talk too much."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable
from io import TextIOWrapper

from ..errors import SystemLibraryError

FAMILIES = ("debian", "fedora", "arch", "suse")
"""Families of Linux, in the columns of `LIBRARIES`."""
INSTALLERS = {
    "debian": "apt-get install",
    "fedora": "dnf install",
    "arch": "pacman -S",
    "suse": "zypper install",
}
OPENCV_LIBRARIES = {
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd", "libglvnd"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2", "libglib-2_0-0"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2", "glib2", "libgthread-2_0-0"),
}
"""Shared libraries that OpenCV's wheel takes from Linux → the packages that hold them."""
MEDIAPIPE_LIBRARIES = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd", "libglvnd"),
    "libGLESv2.so.2": ("libgles2", "libglvnd-gles", "libglvnd", "libglvnd"),
}
"""What the extra `mediapipe` needs besides."""
LIBRARIES = {**OPENCV_LIBRARIES, **MEDIAPIPE_LIBRARIES}
DISTRIBUTIONS = {"av": "av", "click": "click", "cv2": "opencv-python", "matplotlib": "matplotlib", "numpy": "numpy"}
DISTRIBUTIONS |= {"onnx": "onnx", "onnxruntime": "onnxruntime", "PIL": "pillow", "anyascii": "anyascii"}
DISTRIBUTIONS |= {"jinja2": "jinja2", "markdown_it": "markdown-it-py"}
DISTRIBUTIONS |= {} if sys.version_info >= (3, 11) else {"tomli": "tomli"}
"""Modules that EmoScope imports → how their packages are called."""
MISSING = re.compile(r"(lib[\w+.-]+\.so[.\d]*): cannot open shared object file")
NO_DLL = re.compile(r"DLL load failed while importing (\w+)")
NO_DYLIB = re.compile(r"Library not loaded|image not found|incompatible architecture")
WINDOWS_CURE = (
    "install Microsoft's Visual C++ Redistributable for Visual Studio 2015–2022; "
    "an N edition of Windows needs the Media Feature Pack as well"
)
MAC_CURE = "make the virtual environment anew with a Python for this Mac's own processor, and install EmoScope again"
LAST_WITH_TENSORFLOW = (3, 13)
"""The newest Python that TensorFlow has wheels for, as the markers in `setup.cfg` say."""
SETTINGS = {"OPENCV_LOG_LEVEL": "OFF", "OPENCV_FOR_THREADS_NUM": "1", "QT_LOGGING_RULES": "*=false"}
"""Of other libraries, read when they are imported: their remarks stay off the user's terminal, and OpenCV leaves all
work on the thread that asks. Split among threads, which spin while they wait for more, it takes a window 7 % and a page
16 % more processor time, and no picture comes sooner."""


def set_up_libraries() -> None:
    """Makes these settings, unless the user has made others."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)


def speak_plainly() -> None:
    """Lets a terminal or file that has no sign such as → show ? instead, where Windows would end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def missing_library(error: BaseException) -> SystemLibraryError | None:
    """The error that names the cure, where an import failed for something that is not installed; else None."""
    text = str(error)
    if isinstance(error, ModuleNotFoundError) and (package := DISTRIBUTIONS.get((error.name or "").partition(".")[0])):
        return SystemLibraryError(f"the Python package {package} is missing: run `pip install {package}`")
    if found := MISSING.search(text):
        return SystemLibraryError(f"the system library {found[1]} is missing: {cure_of(found[1])}")
    if found := NO_DLL.search(text):
        return SystemLibraryError(f"{found[1]} lacks a library of Windows: {WINDOWS_CURE}")
    if NO_DYLIB.search(text):
        return SystemLibraryError(f"a package does not fit this Mac ({' '.join(text.split())[:120]}…): {MAC_CURE}")
    return None


def tensorflow_cure() -> str:
    """How to get TensorFlow, where it can be had."""
    if sys.version_info[:2] > LAST_WITH_TENSORFLOW:
        newest = ".".join(map(str, LAST_WITH_TENSORFLOW))
        return f"it has no wheels for a Python as new as this one: make an environment with Python {newest}"
    return 'run `pip install "emoscope[train]"`'


def cure_of(library: str) -> str:
    """How to get a shared library on this Linux: all that belong with it at once."""
    group = next((group for group in (OPENCV_LIBRARIES, MEDIAPIPE_LIBRARIES) if library in group), None)
    if group is None:
        return "install the system package that holds it"
    names = family()
    return " or ".join(f"run `{INSTALLERS[name]} {' '.join(packages(group, name))}`" for name in names)


def packages(libraries: Iterable[str], name: str = "debian") -> list[str]:
    """The packages of a family of Linux that hold some libraries."""
    return list(dict.fromkeys(LIBRARIES[library][FAMILIES.index(name)] for library in libraries))


def family() -> list[str]:
    """The family of this Linux; several where it does not say so."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ["debian", "fedora"]
    told = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    found = [name for name in FAMILIES for word in told if word.startswith(name) or (name, word) == ("fedora", "rhel")]
    return found[:1] or ["debian", "fedora"]
