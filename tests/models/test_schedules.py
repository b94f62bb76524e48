"""The learning rate over a run."""

from __future__ import annotations

import pytest

from emoscope.models.training.schedules import learning_rate, stalls


def rate(schedule: str, progress: float, stalled: int = 0) -> float:
    return learning_rate(schedule, 0.4, progress, 0.1, stalled)


@pytest.mark.parametrize("schedule", ["cosine", "plateau", "constant"])
def test_warm_up_is_linear(schedule: str) -> None:
    assert rate(schedule, 0.05) == pytest.approx(0.2)
    assert 0 < rate(schedule, 0.0) < 0.001


def test_cosine_goes_from_peak_through_half_to_nothing() -> None:
    assert [rate("cosine", at) for at in (0.1, 0.55, 1.0)] == pytest.approx([0.4, 0.2, 0.0])


def test_plateau_halves_with_every_stall() -> None:
    assert [rate("plateau", 0.5, stalled) for stalled in range(3)] == pytest.approx([0.4, 0.2, 0.1])


def test_a_run_without_warm_up_starts_at_its_peak() -> None:
    assert learning_rate("cosine", 0.4, 0.0, 0.0) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("accuracies", "count"),
    [([], 0), ([0.5, 0.4, 0.4], 0), ([0.5, 0.4, 0.4, 0.5], 1), ([0.5, 0.4, 0.6, 0.5, 0.5, 0.5], 1), ([0.5] * 7, 2)],
)
def test_stalls_are_counted(accuracies: list[float], count: int) -> None:
    assert stalls(accuracies) == count
