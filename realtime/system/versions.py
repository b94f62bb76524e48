"""Versions of the packages that decide what is read, for whoever reads a result later."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

import onnxruntime

PACKAGES = ("emoscope", "opencv-python", "numpy", "av")


@cache
def versions() -> dict[str, str]:
    """By package; those that are not installed as packages are left out."""
    found = {"onnxruntime": str(onnxruntime.__version__)}  # it is in several packages, one a kind of machine
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
