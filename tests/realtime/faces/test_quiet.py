"""What a library logs is kept off standard error; what others write meanwhile is not lost."""

from __future__ import annotations

import os

import pytest

from emoscope.faces.quiet import quiet
from emoscope.system.overheard import STDERR


def test_log_lines_are_dropped_and_others_forwarded(capfd):
    with quiet():
        os.write(STDERR, b"W0000 00:00:1 7521 manager.cc:114] Feedback manager\nof another thread\n")
        os.write(STDERR, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")
        os.write(STDERR, b"INFO: [environment.cc:36] Creating LiteRT environment with options\n")
    os.write(STDERR, b"afterwards\n")
    assert capfd.readouterr().err == "of another thread\nafterwards\n"


def test_standard_error_is_back_after_an_error(capfd):
    with pytest.raises(ValueError, match="body"), quiet():
        raise ValueError("body")
    os.write(STDERR, b"back\n")
    assert capfd.readouterr().err == "back\n"
