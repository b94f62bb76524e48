"""Whatever a script calls a picture, as (H, W, 3) BGR: a path, an array, a Pillow image, or a file's bytes."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from ..errors import SourceError
from ..types import Image
from .further import told_further
from .memory_file import MemoryFile
from .photo import decode_photo, from_pillow, read_photo

KINDS = "a path, a BGR array, a Pillow image, or the bytes of a picture file"


def given_picture(given: Any) -> Image:
    """A picture that was given in one of these forms; a warning tells what its file holds besides it.

    Args:
        given: path; uint8 array (H, W, 3) BGR, (H, W, 4) BGRA or (H, W) gray, as OpenCV gives it; Pillow image; bytes.

    Returns:
        (H, W, 3) BGR, upright; an array that has this form already is not copied.

    Raises:
        SourceError: it is none of these, or cannot be read.
    """
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        if not path.exists():
            raise SourceError(f"{path}: no such file")
        image = read_photo(path)
        _warn(path)
        return image
    if isinstance(given, bytes | bytearray | memoryview):
        file = MemoryFile("the picture", bytes(given))
        image = decode_photo(file.data, file.name)
        _warn(file)
        return image
    if isinstance(given, PIL.Image.Image):
        if 0 in given.size:
            raise SourceError(f"the picture has {given.width} × {given.height} pixels: give one that has some")
        try:
            return from_pillow(given)
        except (OSError, ValueError) as error:  # ValueError: it was closed
            raise SourceError(f"the picture is damaged ({error})") from None
    if isinstance(given, np.ndarray):
        return _bgr(given)
    raise SourceError(f"an object of type {type(given).__name__} is not a picture: give {KINDS}")


def _warn(file: Path | MemoryFile) -> None:
    if told := told_further(file):
        warnings.warn(f"{file}: {told}", stacklevel=4)


def _bgr(array: Image) -> Image:
    if array.dtype != np.uint8:
        raise SourceError(f"the picture is an array of {array.dtype}, not uint8 with 0–255: give {_cure(array)}")
    shape = " × ".join(map(str, array.shape))
    if array.size == 0 or array.ndim not in (2, 3):
        raise SourceError(f"the picture is an array of shape {shape or '()'}: give (H, W, 3) BGR or (H, W) gray")
    depth = array.shape[2] if array.ndim == 3 else 1
    if depth not in (1, 3, 4):
        hint = ": its channels come first, give array.transpose(1, 2, 0)" if array.shape[0] in (1, 3) else ""
        raise SourceError(f"the picture is an array of shape {shape}, not (H, W, 3) BGR or (H, W) gray{hint}")
    if depth == 1:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(array), cv2.COLOR_GRAY2BGR), np.uint8)
    return np.ascontiguousarray(array[:, :, :3])


def _cure(array: NDArray[Any]) -> str:
    """What makes 0–255 of an array's numbers, by their type and the largest of them."""
    kind, largest = array.dtype.kind, array.max() if array.dtype.kind in "biuf" and array.size else 0
    if kind == "f":
        return "array.clip(0, 255).astype('uint8')" if largest > 1 else "(array * 255).astype('uint8')"
    if kind == "b":
        return "array.astype('uint8') * 255"
    return "(array // 257).astype('uint8')" if largest > 255 else "array.astype('uint8')"
