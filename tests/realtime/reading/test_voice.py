"""What is said over time, and that heat is asked for the class that is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emoscope.network.network import PREDICTED
from emoscope.reading.voice import Voice
from emoscope.types import Explanation, Prediction, Reading
from tests.realtime.tiny import LABELS, face, reading

HAPPY, SAD, NEUTRAL = range(3)


def seen(best: int, track: int = 1) -> Reading:
    """A face whose raw answer is one class, explained for that class."""
    return reading(face(track=track), best, Explanation("conv1", target=LABELS[best]))


def test_a_new_face_is_explained_for_its_prediction():
    voice = Voice(LABELS)
    assert voice.targets() == {}
    first = seen(SAD)
    assert voice.say([first], 0.0)[0].label == "sad"
    assert voice.agrees([first])


def test_the_class_that_is_said_is_asked_for_until_the_label_changes():
    voice = Voice(LABELS)
    voice.say([seen(SAD, track=1), seen(NEUTRAL, track=2)], 0.0)
    (one, two) = voice.say([seen(HAPPY, track=1), seen(NEUTRAL, track=2)], 0.04)
    assert (one.reading.prediction.emotion, one.label, two.label) == ("happy", "sad", "neutral")
    assert voice.targets() == {1: SAD, 2: NEUTRAL}
    voice.say([seen(HAPPY, track=1)], 2.0)
    assert voice.targets() == {1: HAPPY}


def test_an_unsure_label_still_has_its_class():
    even = replace(seen(SAD), prediction=Prediction(LABELS, np.array([0.3, 0.36, 0.34], np.float32)))
    voice = Voice(LABELS)
    assert voice.say([even], 0.0)[0].label == "unsure"
    assert voice.targets() == {1: SAD} and voice.agrees([even])


def test_disagreement_is_told_and_a_face_without_explanation_never_disagrees():
    voice = Voice(LABELS)
    voice.say([seen(SAD)], 0.0)
    voice.say([seen(HAPPY)], 0.04)
    assert not voice.agrees([seen(HAPPY)])
    assert voice.agrees([replace(seen(HAPPY), explanation=None)])


def test_a_pinned_class_goes_before_all():
    voice = Voice(LABELS)
    voice.say([seen(SAD)], 0.0)
    assert voice.targets(NEUTRAL) == NEUTRAL
    assert voice.targets(PREDICTED) == {1: SAD}


def test_after_a_reset_nothing_is_remembered():
    voice = Voice(LABELS)
    voice.say([seen(SAD)], 0.0)
    voice.reset()
    assert voice.targets() == {}
    assert voice.say([seen(HAPPY)], 0.04)[0].label == "happy"
