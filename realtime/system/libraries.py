"""The system around the program: libraries it needs and where Debian keeps them, and libraries that talk too much."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ..errors import SystemLibraryError

DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
}
MEDIAPIPE_PACKAGES = {"libEGL.so.1": "libegl1", "libGLESv2.so.2": "libgles2"}
"""What the extra `mediapipe` needs besides."""
MISSING = re.compile(r"(lib[\w+.-]+\.so[.\d]*): cannot open shared object file")
QUIET = {"OPENCV_LOG_LEVEL": "OFF", "QT_LOGGING_RULES": "*=false"}
"""Settings by which libraries keep their remarks off the user's terminal; read when they are imported."""


def quiet_libraries() -> None:
    """Keeps other libraries' logging off the terminal, unless the user has set it otherwise."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def missing_library(error: BaseException) -> SystemLibraryError | None:
    """The error that names the cure, where an import failed for a library of the system; else None."""
    found = MISSING.search(str(error))
    if found is None:
        return None
    groups = [group for group in (DEBIAN_PACKAGES, MEDIAPIPE_PACKAGES) if found[1] in group]
    needs = f"run `apt-get install {packages(groups[0])}`" if groups else "install the system package that holds it"
    return SystemLibraryError(f"the system library {found[1]} is missing: {needs}")


def packages(group: Mapping[str, str] = DEBIAN_PACKAGES) -> str:
    """A group of Debian packages as one would name them to apt-get."""
    return " ".join(dict.fromkeys(group.values()))
