"""An installation works wherever it is used: beside foreign packages of our names, from a wheel or editable."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ("realtime", "convert", "models", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
FOREIGN = 'raise ImportError("a foreign module was imported")\n'
SETUPTOOLS = 77
"""What the build needs, as `pyproject.toml` says; an older one here is passed over, and pip fetches its own."""


def copy(place: Path) -> Path:
    """The checkout without what tests and builds leave in it: a build writes into its folder."""
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place / name)
    return place


def environment(place: Path) -> Path:
    """The Python of a new virtual environment that sees this one's packages behind its own."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    (own,) = place.glob("lib/python*/site-packages") if os.name == "posix" else [place / "Lib" / "site-packages"]
    behind = place / "behind"
    behind.mkdir()
    for entry in (entry for folder in site.getsitepackages() for entry in Path(folder).iterdir()):
        # Not the EmoScope that is tested from: Python would find it before one that is installed to be edited.
        if not entry.name.lower().startswith(("emoscope", "__editable__")) and not (behind / entry.name).exists():
            (behind / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
    (own / "behind.pth").write_text(f"import site; site.addsitedir({str(behind)!r})\n", "utf-8")
    return place / ("bin/python" if os.name == "posix" else "Scripts/python.exe")


def pip(python: Path, *arguments: str | Path) -> None:
    """Runs pip for an environment; a failure shows what it said."""
    plain = [] if int(version("setuptools").partition(".")[0]) < SETUPTOOLS else ["--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", *plain, *arguments]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def foreign(place: Path) -> Path:
    """A folder with modules of our folders' names that are not ours, as a notebook's may have."""
    for name in ("models", "convert"):
        (place / name).mkdir(parents=True)
        (place / name / "__init__.py").write_text(FOREIGN)
    (place / "realtime.py").write_text(FOREIGN)
    return place


def run(command: Sequence[str | Path], cwd: Path) -> str:
    """Runs a program in a folder, which Python looks into first; returns what it said."""
    kept = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONSAFEPATH", "DISPLAY"}
    }
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=["wheel", "editable", "strict"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment into which EmoScope was installed in each way."""
    place = tmp_path_factory.mktemp(request.param)
    (place / "source").mkdir()
    source, python = copy(place / "source"), environment(place / "environment")
    ways: dict[str, list[str | Path]] = {
        "wheel": [source],
        "editable": ["-e", source],
        "strict": ["-e", source, "--config-settings", "editable_mode=strict"],
    }
    pip(python, *ways[request.param])
    if request.param == "wheel":
        shutil.rmtree(source)
    return python


def test_a_clip_is_processed_beside_foreign_modules(installed: Path, tmp_path: Path) -> None:
    place = foreign(tmp_path / "notebook")
    where = Path(run([installed, "-c", "import emoscope; print(emoscope.__file__)"], place).strip())
    assert installed.parents[2] in where.parents
    clip = run([installed, "-c", "from emoscope.system.bundled import assets; print(assets() / 'demo.mp4')"], place)
    part = ["--end", "0.2", "--no-chart", "--detector", "yunet"]
    run([installed, "-m", "emoscope", "process", clip.strip(), "-o", "module", *part], place)
    run([installed.with_name("emoscope"), "process", clip.strip(), "-o", "script", *part], place)
    tables = [(place / way / "demo.faces.csv").read_bytes() for way in ("module", "script")]
    assert tables[0] == tables[1]
    assert len(tables[0].splitlines()) > 5


def test_its_other_parts_and_version_are_there(installed: Path, tmp_path: Path) -> None:
    place = foreign(tmp_path / "notebook")
    assert run([installed, "-m", "emoscope", "--version"], place).split()[-1] == version("emoscope")
    parts = "import emoscope.convert.autodiff, emoscope.models.labels, emoscope.web.app, emoscope.faces.finder"
    run([installed, "-c", parts], place)


def test_a_checkout_that_was_not_installed_is_not_imported(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", "import realtime"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "imported as `emoscope`, once it is installed" in done.stderr
