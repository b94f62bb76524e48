"""A virtual camera: the picture that is shown, as a camera that any video call can choose."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..draw.stage import Stage, on_board
from ..errors import SystemLibraryError
from ..types import Image, Size
from .sample import Marker, Sample
from .sink import SampleSink

FPS = 30
"""What the device says that it gives; pictures go out as they are shown."""
MAKE = {
    "linux": "install v4l2loopback (Debian: v4l2loopback-dkms) and run "
    "`sudo modprobe v4l2loopback card_label=EmoScope exclusive_caps=1`",
    "darwin": "install OBS, start its virtual camera once, and close OBS",
    "win32": "install OBS, which brings one",
}
"""How each system gets such a device."""


class VirtualCamera(SampleSink):
    """Gives a virtual camera what is shown.

    Args:
        size: of its pictures, which never changes; pictures of other sizes lie between bars.
        backend: pyvirtualcam's name for the kind of device; None for whichever is there.

    Raises:
        SystemLibraryError: pyvirtualcam is missing, or there is no device; the line says how to make one.
    """

    name = "virtual camera"
    wants_pictures = True
    room = 1

    def __init__(self, size: Size, backend: str | None = None) -> None:
        self._size = size[0] - size[0] % 2, size[1] - size[1] % 2
        self._camera = _opened(self._size, backend)
        self._told = [f"the virtual camera is {self._camera.device}"]

    def __call__(self, sample: Sample, /) -> None:
        """Numbers are nothing to a camera."""

    def mark(self, marker: Marker) -> None:
        """Nor are events."""

    def show(self, image: Image) -> None:
        try:
            self._camera.send(np.ascontiguousarray(self._fitted(image)))
        except (RuntimeError, OSError) as error:
            told = f"{self._camera.device} takes no more pictures ({' '.join(str(error).split())[:160]})"
            raise SystemLibraryError(f"{told}: is it gone, or does another program write to it?") from None

    def news(self) -> list[str]:
        told, self._told = self._told, []
        return told

    def close(self) -> None:
        self._camera.close()

    def _fitted(self, image: Image) -> Image:
        if (image.shape[1], image.shape[0]) == self._size:
            return image
        return on_board(image, Stage.of((image.shape[1], image.shape[0]), self._size))


def require_virtual_camera() -> Any:
    """The package pyvirtualcam.

    Raises:
        SystemLibraryError: it is missing.
    """
    try:
        import pyvirtualcam
    except ImportError:
        cure = 'run `pip install "emoscope[virtual-camera]"`'
        raise SystemLibraryError(f"the virtual camera needs the package pyvirtualcam: {cure}") from None
    return pyvirtualcam


def _opened(size: Size, backend: str | None) -> Any:
    package = require_virtual_camera()
    try:
        return package.Camera(*size, FPS, fmt=package.PixelFormat.BGR, backend=backend)
    except (RuntimeError, OSError, ValueError) as error:
        cure = MAKE.get(sys.platform, MAKE["linux"])
        reason = " ".join(str(error).split())[:160]
        raise SystemLibraryError(f"there is no virtual camera to give pictures to: {cure} ({reason})") from None
