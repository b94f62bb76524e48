"""onnxruntime-web, the runtime that the page needs: taken from a folder, or fetched by npm when a site is built.

Only what `package-lock.json` beside this file names is taken, and only if each file is the one whose SHA-256 stands
here. None of it is part of EmoScope.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import SystemLibraryError
from .npm import npm_packages

VERSION = "1.30.0"
SUMS = {
    "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    "ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
"""The files that a page needs, by name."""
PLACES = (".", "dist", "onnxruntime-web/dist", "node_modules/onnxruntime-web/dist")
"""Where they may lie in a folder that is named."""
FETCH = "--fetch-runtime fetches it with npm"


def served(name: str) -> str:
    """A file's name in a site: there are hosts that do not know .mjs for a script, and then browsers refuse it."""
    return name.replace(".mjs", ".js")


def install(source: Path, folder: Path) -> None:
    """Copies the runtime's files, from where npm or a site has them, into a site's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SUMS:
        path, target = _file(source, name), folder / served(name)
        if path.resolve() != target.resolve():
            shutil.copyfile(path, target)


def found(folder: Path) -> Path:
    """The folder with the runtime's files in or below a folder that was named.

    Raises:
        SystemLibraryError: they are not there, or not the ones that the page was made for.
    """
    for place in PLACES:
        if _file(folder / place, next(iter(SUMS))).is_file():
            _check(folder / place)
            return folder / place
    raise SystemLibraryError(f"{folder}: no onnxruntime-web {VERSION} in it; {FETCH}")


def is_there(folder: Path) -> bool:
    """Whether a folder holds the runtime, whole: a site that was built before."""
    return all(path.is_file() and _digest(path) == digest for path, digest in _files(folder))


@contextmanager
def fetched() -> Iterator[Path]:
    """A folder with the runtime's files, fetched by npm; it goes with the body.

    Raises:
        SystemLibraryError: npm is missing or failed.
    """
    instead = ", or name a folder with onnxruntime-web by --runtime"
    with npm_packages(Path(__file__).parent, f"onnxruntime-web {VERSION}", instead) as folder:
        yield found(folder)


def _check(folder: Path) -> None:
    for path, digest in _files(folder):
        if not path.is_file():
            raise SystemLibraryError(f"{path}: missing; {FETCH}")
        if _digest(path) != digest:
            raise SystemLibraryError(f"{path}: not that of onnxruntime-web {VERSION}, by its SHA-256; {FETCH}")


def _files(folder: Path) -> list[tuple[Path, str]]:
    return [(_file(folder, name), digest) for name, digest in SUMS.items()]


def _file(folder: Path, name: str) -> Path:
    # Not the other way round: npm's folder has a script of the served name too, which is no module.
    theirs = folder / name
    return theirs if theirs.is_file() else folder / served(name)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
