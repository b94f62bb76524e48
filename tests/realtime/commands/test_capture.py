"""`emoscope capture` prints the words that its pictures show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emoscope.commands.capture import _said
from emoscope.reading.smoothing import UNSURE
from tests.realtime.tiny import face, shown

SMOOTH = np.array([0.5, 0.4, 0.1], np.float32)


def test_what_is_printed_is_what_is_shown_and_not_the_raw_answer():
    one = replace(shown(best=1), probabilities=SMOOTH, label="happy", confidence=0.5)
    other = replace(shown(face(track=2)), probabilities=SMOOTH / 2, label=UNSURE, confidence=0.25)
    assert _said((one, other)) == "face 1: happy 50 %, face 2: unsure"
    assert _said(()) == "no face"
