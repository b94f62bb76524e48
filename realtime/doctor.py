"""Examines an installation, one finding a line; what is wrong comes with its cure.

Each check is a generator of findings and a row of CHECKS. None of them changes anything.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import EmoscopeError
from .system.bundled import assets, bundled, checksums, pretrained
from .system.cards import cards, cure, used_by_tensorflow
from .system.display import require_display
from .system.libraries import DISTRIBUTIONS, MEDIAPIPE_LIBRARIES, OPENCV_LIBRARIES, cure_of

GOOD, NOTE, BAD = "ok", "note", "missing"
RUNTIME = tuple(DISTRIBUTIONS.values())
LEAVE = {
    "linux": "may you read /dev/video{number} (group video)",
    "darwin": "may your terminal use it (System Settings › Privacy & Security › Camera)",
    "win32": "may desktop apps use it (Settings › Privacy & security › Camera)",
}
"""What each system asks before a camera opens."""
EXTRAS = {
    "train": ("tensorflow", "tf2onnx"),
    "evaluate": ("scikit-learn",),
    "tune": ("optuna",),
    "keras2": ("tf_keras",),
    "notebook": ("ipykernel", "nbclient", "nbformat"),
    "web": ("starlette", "uvicorn", "websockets"),
    "mediapipe": ("mediapipe",),
    "heif": ("pillow-heif",),
    "jxl": ("imagecodecs",),
    "parquet": ("pyarrow",),
    "cluster": ("distributed", "dask-jobqueue"),
    "s3": ("s3fs",),
    "gs": ("gcsfs",),
    "sftp": ("fsspec", "paramiko"),
    "lsl": ("pylsl",),
    "stream": ("websockets", "python-osc"),
    "virtual-camera": ("pyvirtualcam",),
}
"""Extras that a command or an option needs → their packages; `setup.cfg` has the versions, and says the same."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination.

    Attributes:
        verdict: GOOD, NOTE (something optional is not there) or BAD (something needed is not there).
        subject: what was looked at.
        detail: what was found, and the cure where it is not good.
    """

    verdict: str
    subject: str
    detail: str


def examine() -> Iterator[Finding]:
    """All findings, from the ground up."""
    for check in CHECKS:
        yield from check()


def _python() -> Iterator[Finding]:
    yield Finding(GOOD, "Python", f"{platform.python_version()} on {platform.platform(terse=True)}")


def _packages() -> Iterator[Finding]:
    for name in RUNTIME:
        version = _version(name)
        cure = f"not installed: run `pip install {name}`"
        yield Finding(GOOD, name, version) if version else Finding(BAD, name, cure)
    yield from _opencv_twins()


def _opencv_twins() -> Iterator[Finding]:
    """MediaPipe brings opencv-contrib-python into the same folder: harmless at equal versions only."""
    ours, contrib = _version("opencv-python"), _version("opencv-contrib-python")
    if ours and contrib and ours != contrib:
        cure = f"{contrib}, but opencv-python is {ours}: run `pip install opencv-contrib-python=={ours}`"
        yield Finding(BAD, "opencv-contrib-python", cure)


def _extras() -> Iterator[Finding]:
    for extra, names in EXTRAS.items():
        missing = [name for name in names if not _version(name)]
        there = ", ".join(f"{name} {_version(name)}" for name in names if _version(name))
        cure = f'without {", ".join(missing)}: run `pip install "emoscope[{extra}]"` if you need it'
        yield Finding(NOTE, f"extra {extra}", cure) if missing else Finding(GOOD, f"extra {extra}", there)


def _libraries() -> Iterator[Finding]:
    """What wheels take from Linux; on other systems they bring all that they need."""
    if not sys.platform.startswith("linux"):
        return
    for library in [*OPENCV_LIBRARIES, *(MEDIAPIPE_LIBRARIES if _version("mediapipe") else ())]:
        try:
            ctypes.CDLL(library)
        except OSError:
            yield Finding(BAD, library, f"missing: {cure_of(library)}")
        else:
            yield Finding(GOOD, library, "loads")


def _providers() -> Iterator[Finding]:
    with _reported("onnxruntime") as found:
        import onnxruntime

        from .system.providers import providers_of, short

        names = ", ".join(map(short, onnxruntime.get_available_providers()))
        found.append(Finding(GOOD, "onnxruntime providers", f"{names}; auto takes {short(providers_of()[0])}"))
    yield from found


def _cards() -> Iterator[Finding]:
    """What networks are trained on."""
    found, installed = cards(), _version("tensorflow")
    if not found and installed:
        yield Finding(GOOD, "training", "on the processor; no NVIDIA card is found")
    if not found:
        return
    used = used_by_tensorflow() if installed else 0
    for number, card in enumerate(found):
        told = f"{card.name}, compute capability {card.capability:g}"
        if not installed:
            yield Finding(NOTE, f"card {number}", f'{told}: to train on it run `pip install "emoscope[train]"`')
        elif number < used:
            yield Finding(GOOD, f"card {number}", f"{told}: TensorFlow trains on it")
        else:
            yield Finding(NOTE, f"card {number}", f"{told}: TensorFlow does not find it: {cure()}")


def _display() -> Iterator[Finding]:
    try:
        require_display()
    except EmoscopeError as error:
        yield Finding(NOTE, "screen", str(error))
    else:
        yield Finding(GOOD, "screen", "a window can be opened")


def _cameras() -> Iterator[Finding]:
    with _reported("cameras") as found:
        from .live.camera import try_camera
        from .live.devices import TRIED, cameras

        there = cameras()
        if there is None:  # only those that open are known
            sizes = {number: try_camera(number) for number in TRIED}
            found += [_camera(number, "", size) for number, size in sizes.items() if size]
        else:
            found += [_camera(number, name, try_camera(number)) for number, name in there.items()]
        if not found:
            found.append(Finding(NOTE, "cameras", "none: plug one in, or watch a file"))
    yield from found


def _camera(number: int, name: str, size: tuple[int, int] | None) -> Finding:
    subject, called = f"camera {number}", f"{name}: " if name else ""
    if size is not None:
        return Finding(GOOD, subject, f"{called}gives {size[0]}×{size[1]}")
    leave = LEAVE.get(sys.platform, LEAVE["linux"]).format(number=number)
    return Finding(NOTE, subject, f"{called}does not open: is it in use, and {leave}?")


def _files() -> Iterator[Finding]:
    for folder in (pretrained(), pretrained() / "detectors", assets()):
        for name in checksums(folder):
            yield _file(folder, name)


def _file(folder: Path, name: str) -> Finding:
    try:
        path = bundled(folder, name)
    except EmoscopeError as error:
        return Finding(BAD, name, str(error))
    return Finding(GOOD, name, f"{path.stat().st_size / 1e6:.1f} MB, checksum right")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


@contextmanager
def _reported(subject: str) -> Iterator[list[Finding]]:
    """Collects findings; a package or library that does not load becomes one of them."""
    found: list[Finding] = []
    try:
        yield found
    except ImportError as error:
        found.append(Finding(BAD, subject, f"does not load ({error})"))


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _extras,
    _libraries,
    _providers,
    _cards,
    _display,
    _cameras,
    _files,
)
