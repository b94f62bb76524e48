"""The files that EmoScope ships: networks, detectors, the demo clip. Each is checked before it is used.

The checksums stand beside the files in `SHA256SUMS`, as `sha256sum` writes them, so that
`sha256sum -c SHA256SUMS` checks an installation without EmoScope.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ..errors import ModelError

SUMS = "SHA256SUMS"
CURE = "install EmoScope again, as you did before (from a clone: `pip install --force-reinstall --no-deps .`)"


def pretrained() -> Path:
    """The folder of shipped networks and detectors."""
    spec = find_spec("emoscope.models")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the shipped networks are missing from this installation: {CURE}")
    return Path(next(iter(spec.submodule_search_locations))) / "pretrained"


def assets() -> Path:
    """The folder of the demo clip."""
    return Path(__file__).parents[1] / "assets"


def bundled(folder: Path, name: str) -> Path:
    """A shipped file, checked against its SHA-256.

    Raises:
        ModelError: the file is missing or not the one that was shipped.
    """
    path = folder / name
    expected = checksums(folder).get(name)
    if expected is None or not path.is_file():
        raise ModelError(f"{path} is missing from this installation: {CURE}")
    if sha256(path) != expected:
        raise ModelError(f"{path} is not the file that was shipped (SHA-256 differs): {CURE}")
    return path


@cache
def checksums(folder: Path) -> dict[str, str]:
    """File name → SHA-256 of all files shipped in a folder; empty where there is no list."""
    if not (folder / SUMS).is_file():
        return {}
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    return {name.lstrip("*"): digest for digest, name in (line.split(maxsplit=1) for line in lines)}


@cache
def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
