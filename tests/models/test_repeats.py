"""Runs over folds and seeds, and what is said of them together."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scipy import stats

from emoscope.errors import DataError
from emoscope.models.asking import plan
from emoscope.models.commands.train import train
from emoscope.models.plan import Plan
from emoscope.models.training.repeats import RunScore, interval, repeats, summary

SMALL = ["--arch", "gmp", "--size", "8", "--width", "0.1", "--batch", "16", "--epochs", "1", "--no-augmentation"]


def test_an_interval_is_students() -> None:
    values = [0.61, 0.64, 0.60, 0.66]
    middle, reach = interval(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=middle, scale=stats.sem(values))
    assert (middle - reach, middle + reach) == pytest.approx((low, high))


def test_folds_change_the_split_and_seeds_do_not(tmp_path: Path) -> None:
    made = plan("gmp", tmp_path, {"seed": 4})
    folds = repeats(made, 3, 0)
    assert [(name, one.splitting.fold, one.splitting.folds) for name, one in folds] == [
        ("fold-1", 1, 3), ("fold-2", 2, 3), ("fold-3", 3, 3)
    ]  # fmt: skip
    assert {one.recipe.seed for _, one in folds} == {4}
    both = [(name, one.splitting.fold, one.recipe.seed) for name, one in repeats(made, 2, 2)]
    assert both == [(f"fold-{fold}-seed-{seed}", fold, seed) for fold in (1, 2) for seed in (4, 5)]
    seeds = repeats(made, 0, 2)
    assert [(name, one.recipe.seed, one.splitting.seed) for name, one in seeds] == [("seed-4", 4, 4), ("seed-5", 5, 4)]


def test_a_fold_that_is_run_again_is_no_new_fold() -> None:
    once = [RunScore(f"fold-{fold}", 40, 0.5 + fold / 10, 0.5, 0.5) for fold in (1, 2, 3)]
    twice = [
        RunScore(f"{one.name}-seed-{seed}", 40, one.accuracy + (seed - 0.5) / 50, 0.5, 0.5)
        for one in once
        for seed in (0, 1)
    ]
    assert summary(twice).splitlines()[-1] == summary(once).splitlines()[-1]
    assert "accuracy 0.7000 ± 0.2484" in summary(once)


def test_every_picture_is_a_test_picture_once(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads, read = list[Plan](), Plan.pictures
    monkeypatch.setattr(Plan, "pictures", lambda one: reads.append(one) or read(one))
    for path in tree.glob("train/*/*.png"):
        path.rename(path.with_name(path.name.replace("Training_", "face")))
    command = [str(tree / "train"), *SMALL, "--folds", "2", "-o", str(tmp_path / "runs")]
    result = CliRunner().invoke(train, command, catch_exceptions=False)
    assert result.exit_code == 0 and "mean ± 95 % (t): accuracy" in result.output
    assert result.output.count("emoscope convert ") == 1, "what may be done next is told once, not by every run"
    assert len(reads) == 1, "however many folds there are"
    with (tmp_path / "runs" / "summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["run"], row["pictures"]) for row in rows] == [("fold-1", "42"), ("fold-2", "42")]
    kept = (tmp_path / "runs" / "fold-1" / "history.csv").read_bytes()
    again = CliRunner().invoke(train, command, catch_exceptions=False)
    told = result.output[result.output.index("on the test pictures") :]
    assert again.output.endswith(told), "what is done is only judged again"
    assert (tmp_path / "runs" / "fold-1" / "history.csv").read_bytes() == kept
    with pytest.raises(DataError, match=r"fold-1: was trained otherwise \(lr "):
        CliRunner().invoke(train, [*command, "--lr", "0.5"], catch_exceptions=False)
    kept_summary = (tmp_path / "runs" / "summary.csv").read_bytes()
    (tree / "train" / "sad" / "new.png").write_bytes(next(tree.glob("test/sad/*.png")).read_bytes())
    with pytest.raises(DataError, match=r"fold-1: was trained on other pictures: choose another -o"):
        CliRunner().invoke(train, command, catch_exceptions=False)
    assert (tmp_path / "runs" / "summary.csv").read_bytes() == kept_summary
    with pytest.raises(DataError, match="splits of its own, so there are no folds"):
        folder = [str(tree), *SMALL, "--folds", "2", "-o", str(tmp_path / "others")]
        (tree / "test" / "sad" / "PublicTest_50.png").rename(tree / "train" / "sad" / "Training_0.png")
        CliRunner().invoke(train, folder, catch_exceptions=False)


def test_several_runs_that_were_stopped_go_on_with_their_own_command(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emoscope.models.training.loop import Run

    saved, save = list[Path](), Run._checkpoint

    def stop_at_the_second(run: Run, position: Any) -> None:
        save(run, position)
        saved.append(run.folder.path)
        if len(saved) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Run, "_checkpoint", stop_at_the_second)
    runs = tmp_path / "runs"
    command = [str(tree), *SMALL, "--seeds", "2", "-o", str(runs)]
    stopped = CliRunner().invoke(train, command)
    assert "go on with the same command, which does the other runs too" in stopped.output
    assert "--resume" not in stopped.output
    with pytest.raises(DataError, match=r"holds several runs.*give the command that began them once more"):
        CliRunner().invoke(train, ["--resume", str(runs)], catch_exceptions=False)
    done = CliRunner().invoke(train, command, catch_exceptions=False)
    assert done.exit_code == 0 and saved == [runs / "seed-0", runs / "seed-1"]
    assert (runs / "summary.csv").is_file()
