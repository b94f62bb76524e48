"""Packages of npm, exactly those that a lock file names, for as long as they are needed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ...errors import SystemLibraryError

LOCK = ("package.json", "package-lock.json")


@contextmanager
def npm_packages(locked: Path, wanted: str, instead: str = "") -> Iterator[Path]:
    """A folder with `node_modules`, which goes with the body.

    Args:
        locked: folder with the files of `LOCK`.
        wanted: what it is fetched for, as people call it.
        instead: what else to do where npm is missing.

    Raises:
        SystemLibraryError: npm is missing or failed.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SystemLibraryError(f"npm is missing: install it (Debian: `apt-get install npm`){instead}")
    with TemporaryDirectory(prefix="emoscope-") as name:
        folder = Path(name)
        for file in LOCK:
            shutil.copy(locked / file, folder)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())[:200]
            raise SystemLibraryError(f"npm could not fetch {wanted} ({said}): is there a network?")
        yield folder
