"""From the command line to a plan, to JSON, and back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner

from emoscope.errors import DataError, ModelError, ResultError
from emoscope.models.asking import plan
from emoscope.models.augment import Augmentation
from emoscope.models.commands.train import train
from emoscope.models.plan import Plan
from emoscope.models.recipe import LIGHT, Recipe
from emoscope.models.training.curves import draw_curves
from emoscope.models.training.history import Epoch, ValidationScore, history_csv, read_history


def test_a_network_brings_its_own_defaults(tmp_path: Path) -> None:
    made = plan("minixception", tmp_path, {})
    assert (made.recipe.epochs, made.recipe.batch, made.recipe.schedule) == (50, 32, "plateau")
    assert made.input.shape == (64, 64, 1) and made.input.offset == -1
    assert plan("resnet50v2", tmp_path, {}).recipe.lr == 8e-5


def test_the_user_wins(tmp_path: Path) -> None:
    said = {"lr": 0.5, "size": 40, "flip": None, "class_weights": "3.5,6.5", "rotation": 33.0, "classes": "sad, happy"}
    made = plan("gmp", tmp_path, said)
    assert made.recipe.lr == 0.5 and made.recipe.class_weights == (3.5, 6.5)
    assert made.recipe.augmentation.rotation == 33 and made.recipe.augmentation.shift == LIGHT.shift
    assert made.labels == ("sad", "happy") and made.design.input.shape == (40, 40, 1) and made.design.classes == 2


def test_layers_are_frozen_only_where_they_are_pretrained(tmp_path: Path) -> None:
    assert plan("mobilenetv2", tmp_path, {}).recipe.frozen == 0
    (tmp_path / "body.weights.h5").touch()
    assert plan("mobilenetv2", tmp_path, {"weights": tmp_path / "body.weights.h5"}).recipe.frozen == 0.2
    with pytest.raises(ModelError, match="no such file of weights"):
        plan("mobilenetv2", tmp_path, {"weights": tmp_path / "other.weights.h5"})


def test_a_class_without_a_picture_to_train_on_stops(tree: Path, tmp_path: Path) -> None:
    for path in tree.glob("train/sad/*.png"):
        path.rename(path.with_name(path.name.replace("Training", "PrivateTest_9")))
    with pytest.raises(DataError, match="faces: no picture of sad is left to train on"):
        plan("gmp", tree, {}).dataset()


def test_pictures_that_are_all_held_out_say_what_is_missing(tree: Path) -> None:
    shutil.rmtree(tree / "train")
    with pytest.raises(DataError, match=r"no train split; it has .*: give its folder train/ too, or other names than"):
        plan("gmp", tree, {}).dataset()


def test_two_plans_tell_their_differences(tmp_path: Path) -> None:
    one, other = plan("gmp", tmp_path, {"epochs": 3}), plan("gmp", tmp_path, {"epochs": 4, "zoom": 0.5})
    assert one.differences(other) == "epochs 4, zoom 0.5"
    assert one.differences(one) == ""


def test_augmentation_can_be_switched_off_all_at_once_and_one_by_one(tmp_path: Path) -> None:
    none = plan("gmp", tmp_path, {"no_augmentation": True})
    assert none.recipe.augmentation == Augmentation()
    only = plan("gmp", tmp_path, {"no_augmentation": True, "zoom": 0.3})
    assert only.recipe.augmentation == Augmentation(zoom=0.3)


def test_a_flag_can_be_switched_off(tree: Path, tmp_path: Path) -> None:
    help_text = CliRunner().invoke(train, ["--help"]).output
    assert "--flip / --no-flip" in help_text
    made = plan("gmp", tmp_path, {"flip": False})
    assert made.recipe.augmentation.flip is False


def test_every_setting_has_a_switch() -> None:
    help_text = CliRunner().invoke(train, ["--help"]).output
    names = [field.name for kind in (Recipe, Augmentation) for field in fields(kind) if field.name != "augmentation"]
    missing = [name for name in names if f"--{name.replace('_', '-')}" not in help_text]
    assert not missing


def test_a_plan_survives_json(tree: Path) -> None:
    made = plan("gmp", tree, {"class_weights": "1,2,3,4,5,6,7", "erasing": 0.5, "drop_duplicates": True})
    data, _ = made.dataset()
    assert Plan.from_config(json.loads(json.dumps(made.config(data)))) == made
    with pytest.raises(DataError, match="not written by this version"):
        Plan.from_config({"arch": "gmp"})


def test_the_preview_shows_every_picture_and_its_changes(tree: Path, tmp_path: Path) -> None:
    path = tmp_path / "preview.png"
    result = CliRunner().invoke(train, [str(tree), "--arch", "gmp", "--preview", str(path)])
    assert result.exit_code == 0, result.output
    sheet = cv2.imread(str(path))
    assert sheet is not None and sheet.shape == (8 * 100 + 4, 10 * 100 + 4, 3)


def test_what_cannot_be_written_is_said(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    command = [str(tree), "--arch", "gmp"]
    with pytest.raises(ResultError, match="run: cannot be written"):
        CliRunner().invoke(train, [*command, "-o", str(tmp_path / "file" / "run")], catch_exceptions=False)
    with pytest.raises(ResultError, match="no picture format"):
        CliRunner().invoke(train, [*command, "--preview", str(tmp_path / "a.txt")], catch_exceptions=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give DATA"),
        (["x", "--arch", "vgg", "-o", "y"], "'vgg' is not one of 'emoscope'"),
        (["x", "--arch", "gmp", "-o", "y", "--class-weights", "1,two"], "no list of numbers"),
        (["x", "--arch", "gmp", "-o", "y", "--targets", "both"], "--targets both needs the votes"),
        (["x", "--arch", "gmp", "-o", "y", "--class-weights", "1,2,3"], "3 weights for 7 classes"),
        (["x", "--arch", "gmp", "-o", "y", "--class-weights", "0,0,0,0,0,0,0"], "positive numbers"),
        (["x", "--arch", "gmp", "-o", "y", "--class-weights", "1,1,1,-1,1,1,1"], "positive numbers"),
        (["x", "--arch", "gmp", "-o", "y", "--balanced", "--class-weights", "1,2"], "give one of them"),
        (["x", "--arch", "gmp", "-o", "y", "--frozen", "0.5"], "name their file with --weights"),
        (["x", "--arch", "gmp", "-o", "y", "--weights", "z"], "gmp does not start from pretrained weights"),
        (["x", "--arch", "gmp", "-o", "y", "--seed", "99999999999999"], "--seed"),
        (["x", "--arch", "gmp", "-o", "y", "--lr", "nan"], "no finite number"),
        (["x", "--arch", "gmp", "-o", "y", "--lr", "inf"], "no finite number"),
        (["x", "--arch", "gmp", "-o", "y", "--smoothing", "2"], "--smoothing"),
        (["x", "--arch", "gmp", "-o", "y", "--average", "1"], "--average"),
        (["x", "--arch", "gmp", "-o", "y", "--warmup", "3"], "--warmup"),
        (["x", "--arch", "gmp", "-o", "y", "--erasing", "5"], "--erasing"),
        (["--resume", "y", "x", "--lr", "1", "--no-flip"], "leave out --lr, --flip"),
    ],
)
def test_wrong_usage_is_explained(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(train, arguments)
    assert result.exit_code == 2 and message in result.output


def test_help_and_a_wrong_path_need_no_tensorflow(tmp_path: Path) -> None:
    """Nothing that fails early pays for the import of TensorFlow."""
    script = (
        "import sys; from emoscope.cli import run\n"
        f"status = run(['train', {str(tmp_path / 'nowhere')!r}, '--arch', 'gmp', '-o', {str(tmp_path / 'run')!r}])\n"
        "help = run(['train', '--help'])\n"
        "print(status, help, 'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "1 0 False False"
    assert "nowhere: no such file or folder" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


def epochs(count: int) -> list[Epoch]:
    scores = [
        (ValidationScore("votes", 1 / number, 0.5 + 0.01 * number), ValidationScore("labels", 1.0, 0.5))
        for number in range(1, count + 1)
    ]
    return [Epoch(number, 0.1, 1.0, 0.4, 500.0, pair) for number, pair in enumerate(scores, 1)]


def test_a_history_survives_csv(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(history_csv(epochs(3)))
    assert (
        path.read_text()
        .splitlines()[0]
        .endswith("val_loss_labels,val_accuracy_labels,val_balanced_labels,val_macro_f1_labels")
    )
    read = read_history(path, first="votes")
    assert [epoch.scores[0].task for epoch in read] == ["votes"] * 3
    assert [epoch.val_accuracy for epoch in read] == pytest.approx([0.51, 0.52, 0.53])
    assert read[2].scores[0].loss == 1 / 3, "a run that goes on compares its epochs with this one, to the last digit"
    path.write_text("epoch,lr\n1,x\n")
    with pytest.raises(DataError, match="not a training history"):
        read_history(path)


@pytest.mark.parametrize("count", [1, 12])
def test_curves_are_drawn(tmp_path: Path, count: int) -> None:
    draw_curves(epochs(count), tmp_path / "curves.png")
    picture = cv2.imread(str(tmp_path / "curves.png"))
    assert picture is not None and picture.shape[1] == 1200 and picture.std() > 5
