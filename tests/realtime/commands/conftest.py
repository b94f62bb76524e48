"""A model that is small enough to be made for a test."""

from __future__ import annotations

import pytest

from tests.realtime.tiny import write_bundle


@pytest.fixture
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_bundle(tmp_path_factory.mktemp("model")))
