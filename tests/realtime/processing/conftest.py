"""Settings of a run with the tests' own analyser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from realtime.analysis import Analyser
from realtime.processing.settings import Settings
from realtime.video.encoding import Encoding
from realtime.view import first_state


@pytest.fixture
def settings(analyser: Analyser) -> Settings:
    @contextmanager
    def opened() -> Iterator[Analyser]:
        yield analyser

    return Settings(opened, first_state, encoding=Encoding(preset="ultrafast"))
