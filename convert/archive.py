"""A Keras file, examined before Keras is asked to load it: is it what its name says, is it whole, does it bring code?

Loading TensorFlow takes seconds; what is wrong with most files stands in their first bytes or in their table of
contents. A Lambda layer carries Python code of its maker's, pickled. Such code is never run, so a file with one is
refused by name.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emoscope.errors import ModelError

HDF5 = b"\x89HDF\r\n\x1a\n"
CONFIG, WEIGHTS = "config.json", "model.weights.h5"
LAMBDA = "Lambda"
REPLACE = "EmoScope never runs code from a model file: replace that layer by one of Keras' own and save it again"


def check_keras(path: Path) -> None:
    """ModelError where a .keras, .h5 or .hdf5 file is something else, not whole, or brings code."""
    _check_head(path)
    if path.suffix.lower() == ".keras":
        _check_archive(path)
    else:
        _check_hdf5(path)


def _check_head(path: Path) -> None:
    if not path.is_file():
        raise ModelError(f"{path}: {'not a file' if path.exists() else 'no such model file'}")
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from None
    if not head:
        raise ModelError(f"{path}: is empty: copy or download it again")
    if head.startswith(b"version https://git-lfs"):
        raise ModelError(f"{path}: a git-lfs pointer, not the model itself: run `git lfs pull` where it came from")
    if head.lstrip()[:1] == b"<":
        raise ModelError(f"{path}: a web page saved under a model's name: download the model file itself")


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            missing = {CONFIG, WEIGHTS} - set(archive.namelist())
            config = {} if missing else json.loads(archive.read(CONFIG))
    except (zipfile.BadZipFile, ValueError, OSError, RecursionError) as error:
        raise ModelError(f"{path}: not a whole .keras archive ({error}): copy or save it again") from None
    if missing:
        raise ModelError(f"{path}: an archive without {' and '.join(sorted(missing))}, so not one that Keras saved")
    for layer in lambdas(config):
        raise ModelError(f"{path}: layer {layer!r} is a {LAMBDA} with Python code of its own; {REPLACE}")


def _check_hdf5(path: Path) -> None:
    data = path.read_bytes()
    if not data.startswith(HDF5):
        raise ModelError(f"{path}: not an HDF5 file, so no model that Keras saved: copy or save it again")
    if b'"class_name": "Lambda"' in data:
        raise ModelError(f"{path}: holds a {LAMBDA} layer with Python code of its own; {REPLACE}")


def lambdas(config: Any) -> Iterator[str]:
    """Names of all Lambda layers in a model's configuration, however deep."""
    if isinstance(config, dict):
        if config.get("class_name") == LAMBDA:
            yield str(config.get("name") or (config.get("config") or {}).get("name") or LAMBDA)
        for value in config.values():
            yield from lambdas(value)
    elif isinstance(config, list):
        for value in config:
            yield from lambdas(value)
