"""The search: what it may turn, that it resumes, and what it reports."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner

pytest.importorskip("optuna")

from emoscope.errors import DataError, SettingsError, TrainingError
from emoscope.models import backend
from emoscope.models.architectures import ARCHITECTURES, architecture
from emoscope.models.asking import kept_plan, plan
from emoscope.models.augment import Augmentation
from emoscope.models.commands.train import train
from emoscope.models.commands.tune import tune
from emoscope.models.plan import Plan
from emoscope.models.training.history import Epoch, ValidationScore
from emoscope.models.tuning import study as studies
from emoscope.models.tuning.report import draw_importances, table
from emoscope.models.tuning.space import searched, strengthened, suggest
from emoscope.models.tuning.study import Trials, _place, open_study, search

backend.start()

from emoscope.models.training import loop  # noqa: E402

SMALL = ["--arch", "gmp", "--size", "16", "--batch", "16", "--epochs", "2"]


def command(tree: Path, study: Path, trials: int) -> list[str]:
    return [str(tree), *SMALL, "--trials", str(trials), "-o", str(study)]


class Quick:
    """A run whose epochs take no time: each trial is better than the one before; the first may diverge."""

    diverges = False

    def __init__(self, folder: Path, *_: object, **__: object) -> None:
        self.number = int(folder.name)
        assert {file.name for file in folder.iterdir()} == {"config.json", "contract.json", "split.csv"}

    def go(self) -> list[Epoch]:
        """Its history."""
        if self.diverges and self.number == 1:
            raise TrainingError("the loss is no longer a number")
        score = ValidationScore("labels", 1.0, 0.5 + self.number / 10)
        return [Epoch(1, 0.1, 1.0, 0.4, 9.0, (score,)), Epoch(2, 0.1, 1.0, 0.4, 9.0, (score,))]


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


def test_a_search_goes_on_where_it_stopped(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first trial is trained; those after it are `Quick`."""
    study = tmp_path / "study"
    first = CliRunner().invoke(tune, command(tree, study, 1), catch_exceptions=False)
    assert re.search(r"^trial 1/1  accuracy [\d.]+  complete after 2 epochs, \d+ s  loss ", first.output, re.MULTILINE)
    kept = (study / "trials" / "1" / "config.json").read_text()
    assert "best.json" in first.output and (study / "best.json").read_text() == kept
    monkeypatch.setattr(loop, "Run", Quick)
    second = CliRunner().invoke(tune, command(tree, study, 3), catch_exceptions=False)
    assert second.output.count("complete\n") + second.output.count("pruned\n") == 3
    numbers = re.findall(r"^ +(\d+) +\d\.\d", second.output, re.MULTILINE)
    assert sorted(numbers) == ["1", "2", "3"], "the table numbers trials as they were told"
    assert first.output.splitlines()[2] in second.output and second.output.count("complete after") < 3
    assert {file.name for file in study.rglob("*.npz")} == set()
    assert (study / "trials" / "1" / "config.json").read_text() == kept
    chart = cv2.imread(str(study / "importances.png"))
    assert chart is not None and chart.shape[1] > 1000
    again = CliRunner().invoke(tune, command(tree, study, 3), catch_exceptions=False)
    assert again.output.splitlines() == second.output.splitlines()[2:]
    with pytest.raises(DataError, match=r"a study of other settings \(arch gmp"):
        CliRunner().invoke(tune, [*command(tree, study, 3), "--arch", "emodetect"], catch_exceptions=False)
    with pytest.raises(DataError, match=r"a study of other settings \(epochs 2\): choose another -o"):
        CliRunner().invoke(tune, [*command(tree, study, 3), "--epochs", "1"], catch_exceptions=False)
    rate = str(architecture("gmp").recipe.lr)
    with pytest.raises(DataError, match="it searches loss, lr, augmentation, dropout, width"):
        CliRunner().invoke(tune, [*command(tree, study, 3), "--lr", rate], catch_exceptions=False)
    config = [str(tree), "--config", str(study / "best.json"), "--batch", "8"]
    result = CliRunner().invoke(train, [*config, "--preview", str(tmp_path / "a.png")], catch_exceptions=False)
    assert result.exit_code == 0
    made = plan("gmp", tree, {"batch": 8}, kept_plan(study / "best.json"))
    assert replace(made, recipe=replace(made.recipe, batch=16)) == kept_plan(study / "best.json")


def test_what_is_typed_is_not_searched(tmp_path: Path) -> None:
    import optuna

    said = {"balanced": True, "lr": 0.02, "rotation": 3.0, "smoothing": 0.05}
    made = plan("gmp", tmp_path, said)
    names = searched(made, said)
    assert names == ("dropout", "width")
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(5):
        assert suggest(study.ask(), made, names).recipe == made.recipe
    with pytest.raises(SettingsError, match="every setting that the search could turn is given"):
        searched(made, {*said, "dropout", "width"})
    weighed = plan("gmp", tmp_path, {"class_weights": "1,1,1,1,1,1,2"})
    losses = {suggest(study.ask(), weighed).recipe.class_weights for _ in range(5)}
    assert losses == {()}, "balanced is balanced, not what class weights say"


def test_a_trials_folder_is_its_own_however_many_there_are(tmp_path: Path) -> None:
    """Folders were once called by four digits from 0; "1000" is the 1000th trial's, not the old one of the 1001st."""
    (tmp_path / "trials" / "0007").mkdir(parents=True)
    (tmp_path / "trials" / "1000").mkdir()
    assert [_place(tmp_path, number).name for number in (7, 8, 999, 1000)] == ["0007", "9", "1000", "1001"]


def test_a_search_can_be_repeated_and_goes_on_with_what_was_not_tried() -> None:
    import optuna

    from emoscope.models.tuning.sampler import NumberedSampler

    def proposals(seed: int, opened: int) -> list[dict[str, object]]:
        """Of a study that was opened anew after every few trials."""
        storage = optuna.storages.InMemoryStorage()
        made = Plan("gmp", "", architecture("gmp").recipe)
        for _ in range(12 // opened):
            study = optuna.create_study(
                study_name="x", storage=storage, sampler=NumberedSampler(seed), load_if_exists=True
            )
            for _ in range(opened):
                trial = study.ask()
                study.tell(trial, suggest(trial, made).dropout)
        return [trial.params for trial in study.trials]

    once = proposals(3, 12)
    assert once == proposals(3, 4) and once != proposals(4, 12)
    assert len({params["dropout"] for params in once}) == 12


@pytest.mark.parametrize(("monitor", "figures"), [("loss", ["0.2000", "0.3000"]), ("balanced", ["-0.2000", "-0.3000"])])
def test_figures_are_told_under_their_names(monitor: str, figures: list[str], tmp_path: Path) -> None:
    import optuna

    study = optuna.create_study(direction="maximize")
    for value in (-0.3, -0.2):
        study.tell(study.ask({"lr": optuna.distributions.FloatDistribution(0.1, 1)}), value)
    rows = table(study, monitor).splitlines()
    assert rows[0].split()[1] == monitor and [row.split()[1] for row in rows[1:]] == figures
    draw_importances(study, tmp_path / "a.png", monitor)
    assert cv2.imread(str(tmp_path / "a.png")) is not None


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

    search(study, Trials(tmp_path / "study", plan, ["lr"], plan.dataset()[0], wait=wait), 1)
    assert [trial.value for trial in study.trials] == [0.5]


def test_a_trial_that_diverges_counts_and_the_search_goes_on(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan("gmp", str(tree), architecture("gmp").recipe)
    study = open_study(tmp_path, plan)
    monkeypatch.setattr(loop, "Run", type("Diverging", (Quick,), {"diverges": True}))
    search(study, Trials(tmp_path, plan, ["lr"], plan.dataset()[0]), 2)
    assert [trial.state.name for trial in study.trials] == ["FAIL", "COMPLETE"]
    assert "no longer a number" in study.trials[0].user_attrs[studies.DIVERGED]
