"""Settings of a run with the tests' own analyser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from emoscope.media.encoding import Encoding
from emoscope.processing.settings import Settings
from emoscope.reading.analysis import Analyser
from emoscope.view.state import first_state


@pytest.fixture
def settings(analyser: Analyser) -> Settings:
    @contextmanager
    def opened() -> Iterator[Analyser]:
        yield analyser

    return Settings(opened, first_state, encoding=Encoding(preset="ultrafast"))
