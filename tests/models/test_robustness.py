"""Degraded pictures, and what is measured on them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from emoscope.models.commands.evaluate import evaluate
from emoscope.models.evaluation.classifier import open_classifier
from emoscope.models.evaluation.degradations import DEGRADATIONS, degraded
from emoscope.models.evaluation.judge import Judge, Question
from emoscope.models.evaluation.metrics import balanced, intervals
from emoscope.models.evaluation.robustness import row, table
from emoscope.network.bundle import find_model

LABELS = ("happy", "neutral", "sad")


@pytest.fixture
def faces() -> np.ndarray:
    """Six pictures of a gradient with a bright square."""
    ramp = np.linspace(60, 160, 48)[None, :, None] * np.ones((48, 1, 1))
    pictures = np.stack([ramp] * 6)
    for number, picture in enumerate(pictures):
        picture[10 : 20 + number, 12:30] = 230
    return pictures.astype(np.uint8)


@pytest.mark.parametrize("name", [name for name in DEGRADATIONS if name != "clean"])
def test_a_degradation_changes_pictures_and_is_the_same_every_time(name: str, faces: np.ndarray) -> None:
    worse = degraded(faces, name, seed=3)
    assert worse.shape == faces.shape and worse.dtype == np.uint8
    assert (worse != faces).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(worse, degraded(faces, name, seed=3))
    np.testing.assert_array_equal(worse[:2], degraded(faces[:2], name, seed=3), "a picture's noise is its own")
    np.testing.assert_array_equal(worse[4:], degraded(faces[4:], name, seed=3, first=4))


def test_degradations_are_what_they_say(faces: np.ndarray) -> None:
    flat = np.full((40, 48, 48, 1), 100, np.uint8)
    assert degraded(faces, "dark-0.1").max() == 23
    assert np.std(degraded(flat, "noise-25").astype(float)) == pytest.approx(25, rel=0.02)
    assert np.std(degraded(flat, "dim-0.3-5").astype(float)) == pytest.approx(5, rel=0.03)
    step = np.zeros((1, 48, 48, 1), np.uint8)
    step[:, :, 24:] = 200
    edge = np.diff(degraded(step, "blur-2")[0, 24, :, 0].astype(float))
    middle = (edge * np.arange(47)).sum() / edge.sum()
    assert np.sqrt((edge * (np.arange(47) - middle) ** 2).sum() / edge.sum()) == pytest.approx(2, rel=0.05)
    np.testing.assert_array_equal(degraded(faces, "clean"), faces)


def test_a_row_by_hand() -> None:
    answers = np.array([[0.9, 0.1, 0], [0.85, 0.1, 0.05], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], np.float32)
    truth = np.array([0, 1, 0, 2])
    one = row("clean", answers, truth, LABELS, np.array([1, 1, 0.5, 0.5], np.float32))
    assert (one.accuracy, one.balanced, one.surely_wrong) == (0.75, pytest.approx(2 / 3), 1.0)
    assert (one.favourite, one.favourite_share, one.quality) == ("happy", 0.75, 0.75)
    assert one.confidence == pytest.approx(0.7375)
    assert "happy 75 %" in table([one])
    assert "–" in table([row("clean", answers, truth, LABELS)]).splitlines()[1]


def test_intervals_hold_the_figure_and_shrink_with_more_pictures() -> None:
    random = np.random.default_rng(0)
    widths = []
    for count in (100, 10_000):
        truth = random.integers(0, 3, count)
        right = random.random(count) < np.array([0.9, 0.7, 0.5])[truth]
        (low, high), (recall_low, recall_high) = intervals(right, truth)
        assert low < right.mean() < high
        assert recall_low < balanced(right, truth) < recall_high
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(10, rel=0.3)


def test_an_interval_covers_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    truth = np.repeat(np.arange(4), 60)
    chance = np.array([0.9, 0.8, 0.6, 0.5])
    spans = [intervals(random.random(240) < chance[truth], truth, seed) for seed in range(200)]
    hit = np.mean([low <= chance.mean() <= high for (low, high), _ in spans])
    assert 0.9 < hit < 0.985


def test_a_set_that_lacks_a_class_is_judged_on_those_it_has(tree: Path) -> None:
    shutil.rmtree(tree / "test" / "neutral")
    verdict = Judge(Question(tree)).judge(open_classifier(find_model("gmp")))
    assert {one.label: one.support for one in verdict.figures.classes}["neutral"] == 0
    whole = Judge(Question(tree, split="all")).judge(open_classifier(find_model("gmp")))
    assert whole.figures.pictures > verdict.figures.pictures


def test_robustness_is_told_and_written(tree: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(evaluate, ["gmp", str(tree), "--robustness", "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert all(name in done.output for name in DEGRADATIONS)
    with (tmp_path / "out" / "gmp.robustness.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [one["degradation"] for one in rows] == list(DEGRADATIONS)
    assert all(float(one["accuracy_low"]) <= float(one["accuracy"]) <= float(one["accuracy_high"]) for one in rows)
    assert (tmp_path / "out" / "gmp.robustness.png").read_bytes()[:4] == b"\x89PNG"
