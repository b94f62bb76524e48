"""Every snippet of the README runs, in this checkout and in an installed wheel, without a word of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import emoscope
from emoscope.system.bundled import assets
from tests.realtime.snippets import furnish, run, snippets

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOOR = ("Reader(", ".read(", ".explain(", ".watch(", "read_table(", "annotate(", "detector=", "labels", ".send(")


def test_every_door_is_shown():
    shown = "\n".join(snippets(README))
    assert [door for door in DOOR if door not in shown] == []


def test_every_snippet_runs_and_nothing_else_is_printed(in_folder: Path, capfd: pytest.CaptureFixture[str]):
    furnish(in_folder, assets() / "demo.mp4")
    names = run(README)
    told = capfd.readouterr()
    assert told.err == ""
    prints = sum(snippet.count("print(") for snippet in snippets(README))
    assert prints == 1 and len(told.out.splitlines()) == sum(len(frame.faces) for frame in _frames())
    assert names["heat"].dtype == "float32" and names["heat"].ndim == 2 and names["heat"].max() == pytest.approx(1)
    assert names["picture"].shape == names["image"].shape and (names["picture"] != names["image"]).any()
    assert {face.emotion for face in names["faces"]} <= {"dark", "bright"} and names["faces"]
    assert names["frames"] == len(_frames()) and sum(names["counter"].emotions.values()) >= names["frames"] - 2
    table = names["table"]
    assert len(table) >= names["frames"]
    assert list(table.columns if hasattr(table, "columns") else table[0])[:3] == ["frame", "time_s", "face"]


def _frames() -> list[emoscope.FrameReadings]:
    return list(emoscope.Reader().watch("film.mp4"))


def test_an_installed_wheel_runs_them_too(tmp_path: Path):
    """Built and installed without a look at this checkout: what is not packed is missed here."""
    folder, source = tmp_path / "run", tmp_path / "source"
    folder.mkdir()
    tree = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if tree.returncode:
        pytest.skip("needs the checkout that a wheel is built from")
    for name in tree.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target"]
    subprocess.run([*pip, str(tmp_path / "site"), str(source)], check=True, capture_output=True)
    script = Path(run.__code__.co_filename)
    lean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(script), str(README)],
        cwd=folder,
        env={**lean, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, version, count, frames = done.stdout.splitlines()[-4:]
    assert Path(where).is_relative_to(tmp_path / "site")
    assert version == emoscope.__version__ and int(count) == len(snippets(README)) and int(frames) > 10
