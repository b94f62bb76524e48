"""What makes a session right about faces: the prior, a person's own neutral face, and silence where nothing is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoscope.errors import ModelError
from emoscope.network.bundle import open_bundle
from emoscope.network.contract import InputSpec, Threshold
from emoscope.network.network import Network, Request
from emoscope.network.offset import prior_offset, shifted
from emoscope.reading.baseline import RESTING, own_offset
from emoscope.reading.session import Session, Wish
from emoscope.reading.smoothing import LabelSmoother
from tests.realtime.tiny import CONTRACT, LABELS, FixedFinder, face, gray, write_bundle

TOLD = CONTRACT.with_(prior=(0.6, 0.3, 0.1), default_prior=0.5, unsure=Threshold(0.5), unreadable=Threshold(0.3))
"""The face is as readable as it is bright."""
ONE, TWO = face(20, 40, 20, track=1), face(100, 40, 30, track=2)
DIM, GREY, WHITE = gray(51), gray(150), gray(255)
RAW = Wish(smoothed=False)
NEUTRAL = LABELS.index("neutral")


def session_of(folder: Path, contract=TOLD, modern: bool = True, faces=(ONE,)) -> Session:
    return Session(FixedFinder(*faces), Network(open_bundle(str(write_bundle(folder, "a", contract, modern))), "cpu"))


@pytest.mark.parametrize("modern", [True, False], ids=["version 2", "version 1"])
def test_the_prior_is_a_setting(tmp_path: Path, modern: bool):
    session = session_of(tmp_path, modern=modern)
    plain = session.read(GREY, 0.0, RAW).readings[0].prediction.probabilities
    for share in (0.0, 0.5, 1.0):
        found = session.read(GREY, 0.0, Wish(smoothed=False, prior=share)).readings[0].prediction.probabilities
        offset = prior_offset(TOLD, share)
        np.testing.assert_allclose(found, plain if offset is None else shifted(plain, offset), rtol=1e-5)


def test_heat_follows_the_class_that_the_prior_makes_the_predicted_one(tmp_path: Path):
    contract = TOLD.with_(prior=(0.05, 0.05, 0.9))
    session, request = session_of(tmp_path, contract), Request("conv1", method="gradcam")
    told = [session.read(GREY, 0.0, Wish(request, smoothed=False, prior=share)).readings[0] for share in (0.0, 1.0)]
    assert [one.prediction.emotion for one in told] == ["neutral", "happy"]
    assert [one.explanation.target for one in told] == ["neutral", "happy"]
    assert not told[0].explanation.heat.any() and told[1].explanation.heat.any()


def test_a_model_that_does_not_say_its_prior(tmp_path: Path):
    session = session_of(tmp_path, CONTRACT)
    with pytest.raises(ModelError, match="leave --prior out"):
        session.read(GREY, 0.0, Wish(prior=1.0))


def test_a_face_too_dark_to_be_read_is_unreadable_not_sad(tmp_path: Path):
    session = session_of(tmp_path)
    (shown,) = session.read(DIM, 0.0).faces
    assert (shown.label, shown.reading.prediction.emotion) == ("unreadable", "unreadable")
    assert shown.reading.prediction.quality == pytest.approx(0.2, abs=1e-3)
    assert shown.reading.prediction.words == "unreadable"
    assert shown.reading.prediction.probabilities.argmax() == LABELS.index("sad")


def test_without_a_threshold_or_a_quality_everything_is_said(tmp_path: Path):
    for number, (contract, modern) in enumerate(((CONTRACT, True), (TOLD, False))):
        (tmp_path / str(number)).mkdir()
        (shown,) = session_of(tmp_path / str(number), contract, modern).read(DIM, 0.0).faces
        assert shown.label == "sad"


def test_quality_is_smoothed_and_dark_frames_are_not_listened_to(tmp_path: Path):
    session = session_of(tmp_path)
    for number in range(10):
        session.read(WHITE, number / 10)
    (first,) = session.read(DIM, 1.0).faces
    assert first.label == "happy"
    for number in range(11, 40):
        (shown,) = session.read(DIM, number / 10).faces
    assert shown.label == "unreadable"
    np.testing.assert_allclose(shown.probabilities, first.probabilities)
    for number in range(40, 60):
        (shown,) = session.read(gray(230), number / 10).faces
    assert shown.label == "happy"


def test_unsure_has_the_meaning_that_the_contract_gives_it(tmp_path: Path):
    assert session_of(tmp_path).read(gray(140), 0.0).faces[0].label == "unsure"
    (tmp_path / "b").mkdir()
    loose = session_of(tmp_path / "b", TOLD.with_(unsure=Threshold(0.2)))
    assert loose.read(gray(140), 0.0).faces[0].label == "happy"


def test_a_persons_own_rest_is_learnt_and_taken_off_and_nobody_elses(tmp_path: Path):
    session, wish = session_of(tmp_path, faces=(ONE, TWO)), Wish(smoothed=False, at_rest=(1,))
    before = session.read(GREY, 0.0, RAW).readings
    for number in range(1, 34):
        mine, other = session.read(GREY, number / 10, wish).faces
        assert other.at_rest is None
        if number < 30:
            assert mine.at_rest < 1 and mine.reading.plain is None
    assert mine.at_rest == 1
    assert mine.reading.prediction.emotion == "neutral"
    np.testing.assert_allclose(mine.reading.plain.probabilities, before[0].prediction.probabilities, rtol=1e-5)
    assert other.reading.plain is None
    np.testing.assert_allclose(other.reading.prediction.probabilities, before[1].prediction.probabilities, rtol=1e-5)
    assert session.read(GREY, 4.1, RAW).readings[0].plain is None


def test_rest_is_learnt_without_the_prior_and_holds_at_every_prior(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("emoscope.reading.baseline.LIMIT", 9.0)
    session = session_of(tmp_path)
    for number in range(40):
        session.read(GREY, number / 10, Wish(at_rest=(1,), prior=1.0))
    for share in (0.0, 0.5, 1.0):
        (reading,) = session.read(GREY, 5.0, Wish(smoothed=False, at_rest=(1,), prior=share)).readings
        assert reading.prediction.probabilities[NEUTRAL] == pytest.approx(RESTING, abs=1e-3)


def test_moments_that_cannot_be_read_are_no_rest(tmp_path: Path):
    session, wish = session_of(tmp_path), Wish(smoothed=False, at_rest=(1,))
    for number in range(80):
        session.read(GREY if number % 2 else DIM, number / 20, wish)
    rest = np.log(session.read(GREY, 4.1, RAW).readings[0].prediction.probabilities)
    (reading,) = session.read(GREY, 4.2, wish).readings
    wanted = shifted(np.exp(rest)[None], own_offset(rest, LABELS))[0]
    assert reading.plain is None  # it was let go in between, and is learnt anew
    for number in range(80):
        (reading,) = session.read(GREY if number % 2 else DIM, 5 + number / 20, wish).readings
    np.testing.assert_allclose(reading.prediction.probabilities, wanted, rtol=1e-3)


def test_another_source_knows_nobodys_rest(tmp_path: Path):
    session, wish = session_of(tmp_path), Wish(at_rest=(1,))
    for number in range(40):
        session.read(GREY, number / 10, wish)
    session.reset()
    assert session.read(GREY, 5.0, wish).faces[0].at_rest < 1


def test_crops_are_shown_as_the_network_sees_them(tmp_path: Path):
    session = session_of(tmp_path, TOLD.with_(input=InputSpec(4, 4, stretch=(0.0, 100.0))))
    picture = DIM.copy()
    picture[:, :30] = 20
    (reading,) = session.read(picture, 0.0, RAW).readings
    assert (reading.crop.min(), reading.crop.max()) == (20, 51)
    assert (reading.seen.min(), reading.seen.max()) == (0, 255)
    assert reading.prediction.quality == pytest.approx(reading.seen.mean() / 255, abs=0.003)
    (plain,) = session_of(tmp_path).read(picture, 0.0, RAW).readings
    assert plain.seen is plain.crop


def test_a_label_of_nothing_believable_is_not_kept_when_the_face_comes_to_light():
    smoother = LabelSmoother(LABELS, constant_s=10, unreadable_below=0.5)
    wrong, right = np.array([0.1, 0.8, 0.1], np.float32), np.array([0.8, 0.1, 0.1], np.float32)
    assert smoother.update(1, wrong, 0.0, 0.1).label == "unreadable"
    said = smoother.update(1, right, 0.1, 0.9)
    assert (said.index, said.label) == (0, "unreadable")
    np.testing.assert_allclose(said.probabilities, right, rtol=1e-6)
