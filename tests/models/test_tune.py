"""The search: what it may turn, that it resumes, and what it reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner

pytest.importorskip("optuna")

from emoscope.errors import DataError, TrainingError
from emoscope.models import backend
from emoscope.models.architectures import ARCHITECTURES, architecture
from emoscope.models.augment import Augmentation
from emoscope.models.commands.tune import tune
from emoscope.models.plan import Plan
from emoscope.models.training.history import Epoch, ValidationScore
from emoscope.models.tuning import study as studies
from emoscope.models.tuning.space import strengthened, suggest
from emoscope.models.tuning.study import open_study, search

backend.start()

from emoscope.models.training import loop  # noqa: E402

SMALL = ["--arch", "gmp", "--size", "16", "--batch", "16", "--epochs", "2"]


def command(tree: Path, study: Path, trials: int) -> list[str]:
    return [str(tree), *SMALL, "--trials", str(trials), "-o", str(study)]


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_network_can_be_searched(arch: str) -> None:
    import optuna

    plan = Plan(arch, "", architecture(arch).recipe)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    proposals = [suggest(study.ask(), plan) for _ in range(30)]
    rates = [proposal.recipe.lr / plan.recipe.lr for proposal in proposals]
    assert 0.1 <= min(rates) < 0.5 < 2 < max(rates) <= 5
    assert {(made.recipe.balanced, made.recipe.smoothing > 0) for made in proposals} == {
        (False, False),
        (True, False),
        (False, True),
    }


def test_strength_scales_every_number_and_keeps_shares_possible() -> None:
    how = Augmentation(rotation=10, shift=0.1, erasing=0.8, flip=True)
    assert strengthened(how, 1.5) == replace(how, rotation=15, shift=pytest.approx(0.15), erasing=0.9)
    assert strengthened(how, 0) == Augmentation(flip=True)


def test_a_search_goes_on_where_it_stopped(tree: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    first = CliRunner().invoke(tune, command(tree, study, 1), catch_exceptions=False)
    assert first.output.count("complete") == 1
    kept = (study / "trials" / "0000" / "config.json").read_text()
    second = CliRunner().invoke(tune, command(tree, study, 3), catch_exceptions=False)
    assert second.output.count("complete") + second.output.count("pruned") == 3
    assert first.output.splitlines()[1] in second.output
    assert (study / "trials" / "0000" / "config.json").read_text() == kept
    chart = cv2.imread(str(study / "importances.png"))
    assert chart is not None and chart.shape[1] > 1000
    again = CliRunner().invoke(tune, command(tree, study, 3), catch_exceptions=False)
    assert again.output == second.output
    with pytest.raises(DataError, match=r"a study of other settings \(arch gmp"):
        CliRunner().invoke(tune, [*command(tree, study, 3), "--arch", "emodetect"], catch_exceptions=False)
    with pytest.raises(DataError, match=r"a study of other settings \(epochs 2\): choose another -o"):
        CliRunner().invoke(tune, [*command(tree, study, 3), "--epochs", "1"], catch_exceptions=False)


def test_a_database_that_is_just_being_made_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import optuna
    from sqlalchemy.exc import OperationalError

    monkeypatch.setattr(studies, "WAITS_S", (0.0,))
    plan, begin = Plan("gmp", "", architecture("gmp").recipe), optuna.storages.RDBStorage.__init__
    answers = iter([OperationalError("CREATE", {}, Exception("table studies already exists"))])

    def busy(*arguments: object, **options: object) -> None:
        for error in answers:
            raise error
        begin(*arguments, **options)

    monkeypatch.setattr(optuna.storages.RDBStorage, "__init__", busy)
    assert open_study(tmp_path, plan).trials == []
    (tmp_path / "study.db").write_bytes(b"no database" * 100)
    with pytest.raises(DataError, match=r"study\.db: no study that can be read"):
        open_study(tmp_path, plan)


def test_a_trial_that_another_process_runs_counts(tree: Path, tmp_path: Path) -> None:
    plan = Plan("gmp", str(tree), architecture("gmp").recipe)
    study = open_study(tmp_path / "study", plan)
    theirs = study.ask()

    def wait() -> None:
        study.tell(theirs, 0.5)

    search(study, tmp_path / "study", plan, plan.dataset()[0], 1, wait)
    assert [trial.value for trial in study.trials] == [0.5]


def test_a_trial_that_diverges_counts_and_the_search_goes_on(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan("gmp", str(tree), architecture("gmp").recipe)
    study, asked = open_study(tmp_path, plan), []

    def attempt(*_: object) -> list[Epoch]:
        asked.append(len(asked))
        if asked[-1] == 0:
            raise TrainingError("the loss is no longer a number")
        return [Epoch(1, 0.1, 1.0, 0.4, 9.0, (ValidationScore("labels", 1.0, 0.5),))]

    monkeypatch.setattr(loop.Run, "go", attempt)
    search(study, tmp_path, plan, plan.dataset()[0], 2, lambda: None)
    assert [trial.state.name for trial in study.trials] == ["FAIL", "COMPLETE"]
    assert "no longer a number" in study.trials[0].user_attrs[studies.DIVERGED]
