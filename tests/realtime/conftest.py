"""What the runtime's tests share: the hand-made bundle, read and ready."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoscope.network.bundle import ModelBundle, open_bundle
from emoscope.network.network import Network
from emoscope.reading.session import Session
from tests.realtime.live.screen import Screen, missing_tools
from tests.realtime.tiny import FixedFinder, face, write_bundle


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """The hand-made bundle, read from disk."""
    return open_bundle(str(write_bundle(tmp_path_factory.mktemp("bundle"))))


@pytest.fixture
def network(tiny_bundle: ModelBundle) -> Network:
    """A network of the hand-made bundle that has built nothing yet but the classifier."""
    return Network(tiny_bundle, "cpu")


@pytest.fixture
def session(network: Network) -> Session:
    """Reads one face of 20 pixels at (40, 30) in every picture."""
    return Session(FixedFinder(face()), network)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """A virtual screen; without the tools for one the test fails where it must run, and skips elsewhere."""
    if missing := missing_tools():
        must = os.environ.get("CI") and sys.platform == "linux"
        (pytest.fail if must else pytest.skip)(f"needs {', '.join(missing)} of this machine")
    with Screen() as screen:
        yield screen
