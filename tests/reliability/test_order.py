"""A recording's rows do not depend on what was processed before it: A after B is A alone, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import emoscope

FIRST, SECOND = "liveportrait_d3.mp4", "short_hamilton_clip.mp4"
END_S = "3"
"""Of each film."""


@pytest.fixture(scope="module")
def alone(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The rows of the second film, processed by itself."""
    folder = tmp_path_factory.mktemp("alone")
    return rows(folder, SECOND, str(shared / "videos" / SECOND))


def rows(folder: Path, name: str, *arguments: str) -> bytes:
    """The rows that one run leaves for a film."""
    part = ("--end", END_S, "--no-video", "--no-chart")
    done = emoscope("process", *arguments, *part, "-o", "out", cwd=folder, timeout_s=400)
    assert done.returncode == 0, done.stderr
    return (folder / "out" / f"{Path(name).stem}.faces.csv").read_bytes()


def test_after_another_film(shared: Path, tmp_path: Path, alone: bytes):
    films = [str(shared / "videos" / name) for name in (FIRST, SECOND)]
    assert rows(tmp_path, SECOND, *films) == alone
    assert len(alone.splitlines()) > 100


def test_in_a_worker_that_has_done_others(shared: Path, tmp_path: Path, alone: bytes):
    for number in range(3):
        (tmp_path / f"{number}.mp4").symlink_to(shared / "videos" / FIRST)
        (tmp_path / f"{number}b.mp4").symlink_to(shared / "videos" / SECOND)
    films = [f"{number}{kind}.mp4" for kind in ("", "b") for number in range(3)]
    assert rows(tmp_path, "2b.mp4", *films, "--jobs", "2") == alone
    assert {path.read_bytes() for path in (tmp_path / "out").glob("?b.faces.csv")} == {alone}
