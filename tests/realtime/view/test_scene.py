"""What is gathered for drawing."""

from __future__ import annotations

from emoscope.view.scene import Scene
from tests.realtime.tiny import shown


def test_subject_of_a_scene():
    first, second = shown(), shown(best=1)
    assert Scene((first, second), chosen=1).subject is second
    assert Scene((first, second)).subject is None
