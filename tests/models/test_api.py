"""Training from Python: a folder in, a network out, with Keras callbacks beside; and what is left where it stops."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emoscope.errors import ResultError, SettingsError
from emoscope.models import Trained, backend, train
from emoscope.models.training.history import Epoch

backend.start()

import keras  # noqa: E402

SMALL: dict[str, Any] = {"arch": "gmp", "size": 16, "width": 0.25, "batch": 16, "epochs": 3}


class Heard(keras.callbacks.Callback):
    """Notes what it is told; asks for the end after so many epochs."""

    def __init__(self, ends_after: int = 99) -> None:
        super().__init__()
        self.events: list[str] = []
        self.logs: list[dict[str, float]] = []
        self.rates: list[float] = []
        self._ends_after = ends_after

    def on_train_begin(self, logs: Any = None) -> None:
        self.events.append("begin")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.events.append(f"step {batch}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.events.append(f"epoch {epoch}")
        self.logs.append(logs)
        self.rates.append(float(self.model.optimizer.learning_rate.numpy()))
        self.model.stop_training = epoch + 1 >= self._ends_after

    def on_train_end(self, logs: Any = None) -> None:
        self.events.append("end")


def test_a_folder_becomes_a_network_that_callbacks_hear_of(tree: Path, tmp_path: Path) -> None:
    heard, lines, epochs = Heard(ends_after=2), list[str](), list[Epoch]()
    run = train(tree, tmp_path / "run", **SMALL, h5=True, callbacks=[heard], tell=lines.append, watch=epochs.append)
    assert heard.events == ["begin", *(f"step {step}" for step in range(5)), "epoch 0",
                            *(f"step {step}" for step in range(5)), "epoch 1", "end"]  # fmt: skip
    assert heard.logs[1] == pytest.approx(
        {"loss": epochs[1].loss, "accuracy": epochs[1].accuracy, "cross_entropy": epochs[1].cross_entropy,
         "images_per_s": epochs[1].images_per_s, "learning_rate": epochs[1].lr, "val_loss": epochs[1].scores[0].loss,
         "val_accuracy": epochs[1].val_accuracy, "val_balanced": epochs[1].scores[0].balanced,
         "val_macro_f1": epochs[1].scores[0].macro_f1}
    )  # fmt: skip
    assert heard.rates == pytest.approx([epoch.lr for epoch in epochs], rel=1e-5)
    assert isinstance(run, Trained) and list(run.history) == epochs and len(epochs) == 2
    assert any("float32" in line or "bfloat16" in line for line in lines), "what it is trained in is told"
    assert repr(run).startswith(f"Trained({str(run.path)!r}, gmp, validation accuracy")
    assert run._repr_png_().startswith(b"\x89PNG")
    verdict = run.evaluate()
    assert verdict.figures.pictures == 28 and run.evaluate(split="validation").figures.pictures == 28
    plain = keras.models.load_model(run.model)
    old = keras.models.load_model(run.path / "model.h5", compile=False)
    for one, other in zip(plain.get_weights(), old.get_weights(), strict=True):
        assert (one == other).all()
    made = {path.name for path in (run.path / "evaluation").iterdir()}
    assert {"labels.predictions.csv", "labels.confusion.png", "labels.json"} <= made
    more = train(tree, run.path, resume=True, epochs=4)
    assert [epoch.loss for epoch in more.history[:2]] == pytest.approx([epoch.loss for epoch in epochs], rel=1e-4)
    assert len(more.history) == 4
    with pytest.raises(ResultError, match="holds a run already: say resume=True"):
        train(tree, run.path, **SMALL)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "say which network"),
        ({"arch": "vgg"}, "unknown network 'vgg'"),
        ({"arch": "gmp", "learning_rate": 1}, r"no setting learning_rate; there are .*\blr\b"),
        ({"arch": "gmp", "lr": -1}, "lr -1 is out of its bounds"),
        ({"arch": "gmp", "lr": "fast"}, "lr is a number, not 'fast'"),
        ({"arch": "gmp", "optimizer": "rmsprop"}, "optimizer is one of adam, sgd"),
        ({"arch": "gmp", "epochs": 0}, r"epochs 0 is out of its bounds \(1 to"),
        ({"arch": "gmp", "test": 0.0}, r"test 0.0 is out of its bounds \(0 to 0.9"),
        ({"arch": "gmp", "validation": -1}, "validation -1 is out of its bounds"),
        ({"arch": "gmp", "test": "0.2"}, "test is a number, not '0.2'"),
        ({"arch": "gmp", "width": -1}, "width -1 is out of its bounds"),
        ({"arch": "gmp", "size": "48"}, "size is a whole number, not '48'"),
        ({"arch": "gmp", "size": 4}, r"size 4 is out of its bounds \(8 to"),
        ({"arch": "gmp", "batch": 16.5}, "batch is a whole number, not 16.5"),
        ({"arch": "gmp", "seed": 0.5}, "seed is a whole number, not 0.5"),
        ({"arch": "gmp", "dropout": 2.0}, r"dropout 2.0 is out of its bounds \(0 to 0.95"),
        ({"arch": "gmp", "classes": 5}, "classes are names, as 'a,b,c'"),
        ({"arch": "gmp", "cut": "maybe"}, "cut is one of auto, faces, as-is"),
        ({"arch": "emoscope", "h5": True}, "emoscope mirrors its pictures' edges"),
        ({"arch": "gmp", "balanced": True, "class_weights": (1, 2)}, "give one of them"),
    ],
)
def test_wrong_settings_are_told_in_one_line(
    tree: Path, tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        train(tree, tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_keras_own_callbacks_listen_as_they_do_beside_fit(tree: Path, tmp_path: Path) -> None:
    """Those that watch a figure know without being told which way is better; trackers find what they ask for."""

    class Tracker(keras.callbacks.Callback):
        """Asks what MLflow's and Weights & Biases' callbacks ask."""

        def on_train_begin(self, logs: Any = None) -> None:
            told = list[str]()
            self.model.summary(print_fn=lambda line, **_: told.append(line))
            assert self.params == {"verbose": 0, "epochs": 3, "steps": 5} and "conv1" in told[0]
            assert self.model.optimizer.get_config()["learning_rate"] > 0

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.begun = batch

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            assert self.begun == batch and logs["loss"] > 0

    kept = tmp_path / "kept.keras"
    watching = keras.callbacks.ModelCheckpoint(str(kept), monitor="val_macro_f1", save_best_only=True)
    stopping = keras.callbacks.EarlyStopping("val_accuracy", min_delta=2.0, patience=1)
    falling = keras.callbacks.EarlyStopping("cross_entropy", patience=9)
    run = train(tree, tmp_path / "run", **SMALL, callbacks=[Tracker(), watching, stopping, falling])
    assert len(run.history) == 2, "no accuracy is 2 better than another"
    assert (watching.best, falling.best) == (
        pytest.approx(max(epoch.scores[0].macro_f1 for epoch in run.history)),
        pytest.approx(min(epoch.cross_entropy for epoch in run.history)),
    )
    assert keras.models.load_model(kept, compile=False).name == "gmp"


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (keras.callbacks.ReduceLROnPlateau(), "ReduceLROnPlateau would change nothing here: say schedule='plateau'"),
        (keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate), "follows lr= and schedule="),
        (keras.callbacks.BackupAndRestore("backup"), "say resume=True"),
    ],
)
def test_callbacks_that_would_lead_the_run_are_refused(
    callback: keras.callbacks.Callback, message: str, tree: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=message):
        train(tree, tmp_path / "run", **SMALL, callbacks=[callback])
    assert not (tmp_path / "run").exists()


def test_a_run_that_is_stopped_in_its_first_epoch_leaves_no_folder(tree: Path, tmp_path: Path) -> None:
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise KeyboardInterrupt

    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        train(tree, tmp_path / "run", **SMALL, callbacks=[Stop()], tell=lines.append, tensorboard=False)
    assert not (tmp_path / "run").exists() and lines[-1] == "stopped in the first epoch: nothing is kept"


def test_a_run_that_is_stopped_later_says_how_it_goes_on_and_keeps_its_curves(tree: Path, tmp_path: Path) -> None:
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                raise KeyboardInterrupt

    run, lines = tmp_path / "run", list[str]()
    with pytest.raises(KeyboardInterrupt):
        train(tree, run, **SMALL, callbacks=[Stop()], tell=lines.append)
    assert lines[-1] == f"stopped after epoch 1 of 3; go on with: emoscope train --resume {run}"
    assert {"curves.partial.png", "model.keras", "checkpoint.npz"} <= {path.name for path in run.iterdir()}


def test_importing_it_loads_no_tensorflow() -> None:
    code = "import sys, emoscope.models; emoscope.models.train; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
