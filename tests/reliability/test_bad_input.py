"""Everything bad that a user may name: the exit status it deserves, one clear line, nothing left behind.

Each row is a real run of the command. `{d}` stands for ../shared/data/damaged. A row fails if a traceback or another
library's log line appears on standard error, if a file is left that is not whole, or if it takes 5 s of processor time.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability import samples
from tests.reliability.bad_media import MEDIA
from tests.reliability.bad_models import MODELS
from tests.reliability.forks import Forks
from tests.reliability.row import Row

LIMIT_S = 5.0


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """The process that runs the command."""
    with Forks() as forks:
        yield forks


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of bad files of every kind."""
    folder = tmp_path_factory.mktemp("bad")
    for make in (samples.pictures, samples.places, samples.locked, samples.models, samples.networks, samples.datasets):
        make(folder)
    return folder


def files(folder: Path) -> set[str]:
    """Everything in a folder, hidden files and folders' files too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


@pytest.mark.parametrize("row", (*MEDIA, *MODELS), ids=lambda row: row.arguments[:90])
def test_bad_input(row: Row, forks: Forks, bad: Path, request: pytest.FixtureRequest):
    damaged = request.getfixturevalue("shared") / "damaged" if "{d}" in row.arguments else Path()
    before = files(bad)
    said = forks.run(row.arguments.format(d=damaged).split(" "), bad)
    left = sorted(files(bad) - before)
    shutil.rmtree(bad / "out", ignore_errors=True)
    err = said.err.replace(f"{bad}/", "").replace(str(bad), "FOLDER")
    if damaged != Path():
        err = err.replace(f"{damaged}/", "")
    assert said.status == row.status, err
    assert err == row.err
    assert left == sorted(row.left)
    assert not said.tensorflow
    assert said.seconds < LIMIT_S
