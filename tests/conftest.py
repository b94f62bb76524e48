"""What every test may use: the folder of real recordings, which stands beside the project where there is one."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

# Read when TensorFlow is first imported, by whichever test that is. Its oneDNN kernels round more coarsely than the
# parity with GradientTape that is asked for, and crash in mini-XCEPTION's strided 1×1 convolution.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

# A shell that runs the tests in the background, and nohup, have them and every process they start ignore some of these.
for name, usual in {"SIGINT": signal.default_int_handler, "SIGTERM": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL}.items():
    if hasattr(signal, name) and signal.getsignal(signal.Signals[name]) is signal.SIG_IGN:
        signal.signal(signal.Signals[name], usual)

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"


LEARNING = find_spec("tensorflow") is not None
"""Whether there is TensorFlow; its wheels come later than those of all else."""
collect_ignore = [] if LEARNING else ["models", "convert"]
if sys.platform != "linux":
    collect_ignore.append("reliability")  # limits, signals and /proc, by which processes are held and watched


def pytest_configure(config: pytest.Config) -> None:
    """Files come in the order that is given below, not by falling numbers of tests."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several processes none waits long for the last: files with few tests have the long ones, and come first."""
    if hasattr(config, "workerinput"):
        tests = Counter(item.path for item in items)
        items.sort(key=lambda item: tests[item.path])


def pytest_report_header() -> list[str]:
    """Says what is left out, so that a green run does not seem to say more than it does."""
    return [f"left out here: tests/{name}" for name in collect_ignore]


def pytest_sessionstart() -> None:
    """Refuses to test an installation that is not this checkout: it would say nothing about it."""
    spec = find_spec("emoscope")
    if spec is None or spec.origin is None:
        pytest.exit("emoscope is not installed: run `pip install '.[test]'` first", 4)
    stale = [name for name in _sources() if not _is_same(Path(spec.origin).parent, name)]
    if stale:
        pytest.exit(f"{spec.origin} is not this checkout ({stale[0]} differs): run `pip install '.[test]'` again", 4)


def _sources() -> list[str]:
    folders = (ROOT / "realtime", ROOT / "convert", ROOT / "models")
    return [path.relative_to(ROOT).as_posix() for folder in folders for path in folder.rglob("*.py")]


def _is_same(installed: Path, name: str) -> bool:
    """Whether a source file of the checkout, `realtime/…`, is byte for byte what is installed."""
    there = installed / name.removeprefix("realtime/")
    # An editable installation has all of it where it is.
    return installed == ROOT / "realtime" or (there.is_file() and there.read_bytes() == (ROOT / name).read_bytes())


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings, pictures and damaged files; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs the real recordings in ../shared/data, which are not part of the project")
    return SHARED
