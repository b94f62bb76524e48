"""Settings of a run with the tests' own session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from emoscope.media.encoding import Encoding
from emoscope.processing.settings import Settings
from emoscope.reading.session import Session
from emoscope.view.state import first_state


@pytest.fixture
def settings(session: Session) -> Settings:
    @contextmanager
    def opened() -> Iterator[Session]:
        yield session

    return Settings(opened, first_state, encoding=Encoding(preset="ultrafast"))
