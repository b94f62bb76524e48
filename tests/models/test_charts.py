"""Charts whose labels stay clear of one another and of what is drawn."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import BboxBase

from emoscope.models.evaluation.charts import draw_reliability
from emoscope.models.evaluation.judge import Verdict
from emoscope.models.evaluation.metrics import figures
from emoscope.models.evaluation.robustness import draw, row
from emoscope.models.explore.balance import draw_balance
from emoscope.models.explore.survey import Survey
from emoscope.models.labels import EMOTIONS
from emoscope.models.training.curves import draw_curves
from emoscope.models.training.history import Epoch, ValidationScore


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Figures, instead of the files that they would be saved to."""
    caught: list[Figure] = []

    def save(figure: Figure, *_: object, **__: object) -> None:
        figure.draw_without_rendering()
        caught.append(figure)

    monkeypatch.setattr(Figure, "savefig", save)
    return caught


def legends_clear(figure: Figure) -> bool:
    """Whether the figure's legend stands outside of all axes."""
    (legend,) = figure.legends
    box = legend.get_window_extent()
    return not any(box.overlaps(axes.get_window_extent()) for axes in figure.axes)


def test_the_legend_of_the_class_balance_is_beside_the_bars(drawn: list[Figure]) -> None:
    counts = {("all", label): 100 for label in EMOTIONS}
    draw_balance(Survey(EMOTIONS, ("all",), counts, {}, (), (), {}), Path("balance.png"))
    assert legends_clear(drawn[0])


def test_the_legend_of_the_reliability_is_beside_the_curve(drawn: list[Figure]) -> None:
    pytest.importorskip("sklearn")
    answers = np.random.default_rng(0).dirichlet(np.ones(7), 200).astype(np.float32)
    measured = figures(answers, answers.argmax(axis=1), EMOTIONS)
    draw_reliability(Verdict("a", EMOTIONS, 1, 1.0, measured), Path("reliability.png"))
    assert legends_clear(drawn[0])


def test_points_at_nought_and_one_are_whole(drawn: list[Figure]) -> None:
    """The frame does not cut them in half, as it would those of a network that is always right."""
    pytest.importorskip("sklearn")
    answers = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]]
    measured = figures(answers, np.array([0, 1, 2, 0]), ("a", "b", "c"))
    draw_reliability(Verdict("n", ("a", "b", "c"), 1, 1.0, measured), Path("reliability.png"))
    draw("n", [row("clean", answers, np.array([0, 1, 2, 0]), ("a", "b", "c"))], Path("robustness.png"))
    lines = [line for figure in drawn for axes in figure.axes for line in axes.lines if line.get_marker() in ("o", "s")]
    assert len(lines) == 4 and not any(line.get_clip_on() for line in lines)


def test_a_reliability_of_few_pictures_is_hollow(drawn: list[Figure]) -> None:
    """Beside that of many it would look like a large gap."""
    pytest.importorskip("sklearn")
    answers = np.array([[0.9, 0.1]] * 30 + [[0.4, 0.6]], np.float32)
    draw_reliability(Verdict("n", ("a", "b"), 1, 1.0, figures(answers, np.zeros(31, int), ("a", "b"))), Path("a.png"))
    lines = {line.get_label(): line for line in drawn[0].axes[0].lines}
    hollow = lines["of fewer than 10 pictures"]
    assert [len(lines[name].get_xdata()) for name in ("measured", hollow.get_label())] == [1, 1]
    assert (hollow.get_markerfacecolor(), hollow.get_linestyle()) == ("white", "None")
    assert hollow.get_xdata()[0] == pytest.approx(0.6)


def test_ticks_of_the_curves_differ(drawn: list[Figure]) -> None:
    epochs = [
        Epoch(number, 0.1, 1.0, 0.12 + number / 500, 9.0, (ValidationScore("labels", 1.0, 0.12),))
        for number in range(1, 6)
    ]
    draw_curves(epochs, Path("curves.png"))
    texts = [label.get_text() for label in drawn[0].axes[0].get_yticklabels()]
    assert len(set(texts)) == len(texts)
    legends = [axes.get_legend().get_window_extent() for axes in drawn[0].axes]
    assert not any(box.overlaps(axes.get_window_extent()) for box in legends for axes in drawn[0].axes)
    assert not legends[0].overlaps(legends[1])


def test_a_single_epoch_is_whole(drawn: list[Figure]) -> None:
    draw_curves([Epoch(1, 0.1, 1.0, 0.2, 9.0, (ValidationScore("labels", 1.0, 0.3),))], Path("curves.png"))
    for axes in drawn[0].axes:
        low, high = axes.get_xlim()
        assert [tick for tick in axes.get_xticks() if low <= tick <= high] == [1]


@pytest.mark.parametrize("rates", [(1e-4, 5e-3), (1e-3, 1.3e-3)])
def test_learning_rates_under_the_search_stand_apart(drawn: list[Figure], rates: tuple[float, float]) -> None:
    optuna = pytest.importorskip("optuna")
    from emoscope.models.tuning.report import draw_importances

    study = optuna.create_study()
    between = {"lr": optuna.distributions.FloatDistribution(1e-6, 1, log=True)}
    for rate in rates:
        study.add_trial(optuna.create_trial(params={"lr": rate}, distributions=between, value=rate))
    draw_importances(study, Path("importances.png"), "accuracy")
    labels = drawn[0].axes[0].get_xticklabels(which="both")
    boxes: list[BboxBase] = [label.get_window_extent() for label in labels if label.get_text()]
    assert len(boxes) == 3
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
