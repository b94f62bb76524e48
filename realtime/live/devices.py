"""The cameras that this machine has: their numbers, and their names where the system gives them.

Linux      /dev/videoN is number N; the kernel tells its name
Windows    DirectShow's list, in whose order OpenCV counts
macOS      AVFoundation's list; OpenCV counts in another order, so only a single camera's name is certain
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import cv2

from ..errors import SourceError

NODES, NAMES = Path("/dev"), Path("/sys/class/video4linux")
LISTS = {"win32": "dshow", "darwin": "avfoundation"}
"""FFmpeg's name of the system's list of cameras."""
SCREENS = "Capture screen"
"""How AVFoundation's list calls what is no camera."""
TRIED = range(4)
"""Numbers to try where the system has no list."""
# Media Foundation, which OpenCV takes by itself on Windows, needs many seconds to open a camera, and counts otherwise.
BACK_END = cv2.CAP_DSHOW if sys.platform == "win32" else cv2.CAP_ANY


def cameras() -> Mapping[int, str] | None:
    """Number → name, "" where the system gives none, whether or not they open; None where there is no list."""
    if sys.platform.startswith("linux"):
        return _nodes()
    names = _listed(LISTS.get(sys.platform, ""))
    if names is None:
        return None
    sure = sys.platform == "win32" or len(names) == 1
    return {number: name if sure else "" for number, name in enumerate(names)}


def cameras_named(part: str) -> list[int]:
    """Numbers of the cameras whose name holds these letters, large or small; several only where all have one name.

    Linux lists a camera with all that it gives: pictures, then what is told of them, under the same name.

    Raises:
        SourceError: cameras of several names do.
    """
    holds = {number: name for number, name in (cameras() or {}).items() if part.casefold() in name.casefold()}
    exact = {number: name for number, name in holds.items() if name == part}
    found = exact or holds
    if len(set(found.values())) > 1:
        listed = ", ".join(f"{name} ({number})" for number, name in found.items())
        raise SourceError(f"{part!r} is part of several cameras' names, {listed}: give more of one, or its number")
    return list(found)


def listed_cameras() -> str:
    """The cameras with their names, a line each, as `--list-cameras` prints them."""
    there = cameras()
    if there is None:
        return "this system gives no list of cameras: `emoscope doctor` tries some numbers"
    return "\n".join(f"{number}  {name}".rstrip() for number, name in there.items()) or "there is no camera"


def _nodes() -> dict[int, str]:
    numbers = sorted(int(node.name.removeprefix("video")) for node in NODES.glob("video[0-9]*"))
    return {number: _text(NAMES / f"video{number}" / "name") for number in numbers}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _listed(kind: str) -> list[str] | None:
    """The names in one of FFmpeg's lists; None where PyAV cannot ask for it."""
    try:
        from av.device import enumerate_input_devices

        found = enumerate_input_devices(kind)
    except (ImportError, OSError, ValueError):
        return None
    videos = [device.description for device in found if "video" in device.media_types]
    return [name for name in videos if not name.startswith(SCREENS)]
