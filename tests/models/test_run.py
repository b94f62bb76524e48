"""A whole run on a tiny data set: its files, and that an interrupted one ends where an undisturbed one does."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from emoscope.errors import DataError, ModelError, ResultError, TrainingError
from emoscope.models import backend
from emoscope.models.architectures import architecture
from emoscope.models.commands.train import train
from emoscope.models.evaluation.classifier import open_classifier
from emoscope.models.plan import Plan
from emoscope.network.contract import Contract

backend.start()

from emoscope.models.training import checkpoint, loop  # noqa: E402
from emoscope.models.training.history import Epoch, ValidationScore, best  # noqa: E402
from emoscope.models.training.loop import Run  # noqa: E402
from emoscope.models.training.run_folder import RunFolder  # noqa: E402

SMALL = ["--arch", "gmp", "--size", "16", "--width", "0.25", "--batch", "16"]
KILLED = """
import os, signal
from emoscope.cli import main
from emoscope.models import backend
backend.start()
from emoscope.models.training.loop import Run
step = Run._step
def killed(run, inputs, targets, rate, position, frozen):
    if (position.epoch, position.step) == (3, 2):
        os.kill(os.getpid(), signal.SIGKILL)
    return step(run, inputs, targets, rate, position, frozen)
Run._step = killed
main()
"""
"""The command that is killed, as by `kill -9`, in the middle of its fourth epoch."""


def silent(*_: object) -> None:
    """A report nobody reads."""


def small_plan(tree: Path, epochs: int = 3) -> Plan:
    recipe = replace(architecture("gmp").recipe, epochs=epochs, batch=16)
    return Plan("gmp", str(tree), recipe, size=16, width=0.25)


def numbers(run: Path) -> np.ndarray:
    """Loss and validation loss of every epoch."""
    with (run / "history.csv").open() as file:
        return np.array([[float(row["loss"]), float(row["val_loss"])] for row in csv.DictReader(file)])


def test_a_run_leaves_everything_behind(tree: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    result = CliRunner().invoke(train, [str(tree), *SMALL, "--epochs", "12", "--lr", "0.01", "-o", str(run)])
    assert result.exit_code == 0, result.output
    assert result.output.count("images/s") == 12 and "model.keras: validation accuracy" in result.output
    for name in ("curves.png", "evaluation", "model.keras", "run.onnx"):
        assert str(run / name) in result.output
    files = {path.name for path in run.iterdir()}
    assert files >= {
        "model.keras",
        "contract.json",
        "history.csv",
        "config.json",
        "curves.png",
        "evaluation",
        "split.csv",
    }
    config = json.loads((run / "config.json").read_text())
    assert config["recipe"]["seed"] == 0 and config["versions"]["tensorflow"] and len(config["data_sha256"]) == 64
    contract = Contract.read(run / "contract.json")
    assert contract.labels[3] == "happy" and contract.input.shape == (16, 16, 1)
    assert contract.held_out is not None and contract.held_out.pictures_sha256 == config["pictures_sha256"]
    learnt = open_classifier(run / "model.keras").learnt
    assert learnt is not None and Counter(learnt.splits.values()) == {"train": 84, "validation": 28, "test": 28}
    judged = json.loads((run / "evaluation" / "labels.json").read_text())
    assert judged["figures"]["accuracy"] > 0.5
    model = backend.keras().models.load_model(run / "model.keras")
    assert not getattr(model, "optimizer", None)
    assert {type(layer).__module__.partition(".")[0] for layer in model.layers} == {"keras"}
    with pytest.raises(ResultError, match="holds a run already"):
        CliRunner().invoke(train, [str(tree), *SMALL, "-o", str(run)], catch_exceptions=False)


def test_a_run_stopped_in_the_middle_of_an_epoch_goes_on(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_S", 0.0)
    plan = small_plan(tree)
    data, _ = plan.dataset()
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    Run(tmp_path / "whole", plan, data, silent).go()

    def pull_the_plug(epoch: int, step: int, steps: int, speed: float) -> None:
        if (epoch, step) == (2, 4):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run(tmp_path / "broken", plan, data, pull_the_plug).go()
    second = Run(tmp_path / "broken", plan, data, silent)
    position = second.resume()
    assert (position.epoch, position.step) == (1, 3)
    second.go(position)
    np.testing.assert_allclose(numbers(tmp_path / "broken"), numbers(tmp_path / "whole"), rtol=1e-3)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_run_ends_like_an_undisturbed_one(tree: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    options = [*SMALL, "--epochs", "6"]
    command = [sys.executable, "-c", KILLED, "train", str(tree), *options, "-o", str(killed)]
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == -signal.SIGKILL
    assert len(numbers(killed)) == 3
    (killed / "model.partial.keras").write_bytes(b"half a network")
    for arguments in (["--resume", str(killed)], [str(tree), *options, "-o", str(whole)]):
        CliRunner().invoke(train, arguments, catch_exceptions=False)
    np.testing.assert_allclose(numbers(killed), numbers(whole), rtol=0.02)
    assert len(numbers(whole)) == 6
    assert not list(killed.glob("*.partial*"))


def test_only_the_same_data_can_be_resumed(tree: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    CliRunner().invoke(train, [str(tree), *SMALL, "--epochs", "1", "-o", str(run)], catch_exceptions=False)
    next(tree.glob("train/sad/*.png")).unlink()
    with pytest.raises(DataError, match="not the data set"):
        CliRunner().invoke(train, ["--resume", str(run)], catch_exceptions=False)
    with pytest.raises(DataError, match="not a run that can be resumed"):
        CliRunner().invoke(train, ["--resume", str(tmp_path)], catch_exceptions=False)


def test_a_run_goes_on_for_more_epochs_with_data_that_moved(tree: Path, tmp_path: Path) -> None:
    run, moved = tmp_path / "my run", tmp_path / "elsewhere"
    CliRunner().invoke(train, [str(tree), *SMALL, "--epochs", "1", "-o", str(run)], catch_exceptions=False)
    tree.rename(moved)
    with pytest.raises(
        DataError, match=r"no longer there: say where it is, emoscope train --resume ['\"].*my run['\"] DATA"
    ):
        CliRunner().invoke(train, ["--resume", str(run)], catch_exceptions=False)
    result = CliRunner().invoke(train, [str(moved), "--resume", str(run), "--epochs", "2"], catch_exceptions=False)
    assert result.output.count("images/s") == 1 and "epoch   2/2" in result.output
    config = json.loads((run / "config.json").read_text())
    assert config["recipe"]["epochs"] == 2 and config["data"] == str(moved)


def test_a_run_that_cannot_begin_leaves_its_folder_free(tree: Path, tmp_path: Path) -> None:
    run, wrong = tmp_path / "run", tmp_path / "wrong.weights.h5"
    wrong.write_bytes(b"no weights")
    command = [str(tree), "--arch", "mobilenetv2", "--size", "32", "--weights", str(wrong), "-o", str(run)]
    with pytest.raises(ModelError, match="not the weights of"):
        CliRunner().invoke(train, command, catch_exceptions=False)
    assert not run.exists()


def test_a_run_that_was_killed_at_once_starts_again(tree: Path, tmp_path: Path) -> None:
    plan = small_plan(tree)
    folder = RunFolder(tmp_path / "run")
    folder.create()
    folder.write_config(plan.config(plan.dataset()[0]))
    result = CliRunner().invoke(train, ["--resume", str(folder.path)], catch_exceptions=False)
    assert result.exit_code == 0
    made = {path.name for path in folder.path.iterdir()}
    assert {"model.keras", "contract.json", "history.csv", "checkpoint.npz"} <= made


def test_a_damaged_checkpoint_is_named(tree: Path, tmp_path: Path) -> None:
    plan = small_plan(tree)
    run = Run(tmp_path, plan, plan.dataset()[0], silent)
    (tmp_path / "checkpoint.npz").write_bytes(b"half a file")
    with pytest.raises(ModelError, match="damaged"):
        run.resume()


def test_patience_ends_a_run(tree: Path, tmp_path: Path) -> None:
    plan = small_plan(tree, epochs=50)
    stuck = replace(plan, arch="emodetect", recipe=replace(plan.recipe, lr=1e-12, warmup=0.0, patience=2))
    assert len(Run(tmp_path, stuck, stuck.dataset()[0], silent).go()) == 3


def test_a_loss_that_is_no_number_ends_the_run(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the second epoch: the first one's network, checkpoint and row stay as they are."""
    plan = small_plan(tree, epochs=4)
    run = Run(
        tmp_path, replace(plan, recipe=replace(plan.recipe, schedule="constant", lr=0.02)), plan.dataset()[0], silent
    )
    step = run.learner.step

    def diverge(*arguments: object) -> object:
        rates = np.float32(np.inf if len(run.history) == 1 else 1e-3)
        return step(*arguments[:2], rates, *arguments[3:])

    monkeypatch.setattr(run.learner, "step", diverge)
    with pytest.raises(
        TrainingError, match=r"no longer a number \(epoch 2, step .*--lr 0\.001; model\.keras keeps .* epoch 1"
    ):
        run.go()
    model = backend.keras().models.load_model(tmp_path / "model.keras")
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    position, state = checkpoint.load(tmp_path)
    assert position.epoch == 1 and all(np.isfinite(array).all() for array in state if array.dtype.kind == "f")
    assert len(numbers(tmp_path)) == 1


@pytest.mark.parametrize("monitor", ["loss", "macro_f1"])
def test_another_figure_may_choose_the_network(
    monitor: str, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = small_plan(tree)
    run = Run(tmp_path, replace(plan, recipe=replace(plan.recipe, monitor=monitor)), plan.dataset()[0], silent)
    scores = [ValidationScore("labels", loss, accuracy, 0.5, f1) for loss, accuracy, f1 in
              ((1.0, 0.3, 0.2), (2.0, 0.9, 0.1), (0.5, 0.4, 0.3), (0.9, 0.5, 0.25))]  # fmt: skip
    kept: list[int] = []
    monkeypatch.setattr(run.folder, "write_model", lambda *_: kept.append(len(run.history) + 1))
    for number, score in enumerate(scores, 1):
        run._keep(Epoch(number, 0.1, 1.0, 0.4, 500.0, (score,)))
    assert kept == [1, 3]
    assert best(run.history, monitor).epoch == 3
