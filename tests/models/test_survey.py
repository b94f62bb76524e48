"""The first look at a data set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from emoscope.errors import DataError
from emoscope.models.commands.data import data
from emoscope.models.data.load import records
from emoscope.models.explore.reservoir import Reservoir
from emoscope.models.explore.sheets import CELL, GAP, draw_sheet
from emoscope.models.explore.survey import survey
from emoscope.models.labels import EMOTIONS


@pytest.fixture
def flawed(tree: Path) -> Path:
    """One copy across splits under another label, one within, one broken file, one colour picture of another size."""
    shutil.copy(tree / "test" / "sad" / "PrivateTest_50.png", tree / "train" / "happy" / "Training_90.png")
    shutil.copy(tree / "train" / "fear" / "Training_20.png", tree / "train" / "fear" / "Training_91.png")
    (tree / "train" / "sad" / "broken.jpg").write_text("no picture")
    cv2.imwrite(str(tree / "train" / "angry" / "Training_92.png"), np.full((20, 30, 3), (9, 99, 199), np.uint8))
    return tree


def test_a_survey_counts(flawed: Path) -> None:
    found = survey(records(flawed, EMOTIONS), EMOTIONS)
    assert found.splits == ("train", "validation", "test")
    assert found.counts["train", "happy"] == 13 and found.counts["test", "sad"] == 4
    assert found.sizes == {(48, 48, "gray"): 142, (30, 20, "colour"): 1}
    assert found.unreadable == ("train/sad/broken.jpg",)
    across, within = sorted(found.copies, key=lambda group: len(set(group.splits)) < 2)
    assert across.conflict and set(across.labels) == {"sad", "happy"}
    assert not within.conflict and len(set(within.splits)) == 1
    assert found.copied_across("train", "test") == found.copied_across("test", "train") == 1


def test_the_command_tells_and_draws(flawed: Path, tmp_path: Path) -> None:
    out = tmp_path / "look"
    result = CliRunner().invoke(data, [str(flawed), "-o", str(out)])
    assert result.exit_code == 0, result.output
    for line in (
        "exact copies: 2 groups, 1 with conflicting labels",
        "1 picture of train also stands in test",
        "unreadable: 1",
        "30×20 colour: 1",
    ):
        assert line in result.output
    told = json.loads((out / "survey.json").read_text())
    assert told["counts"]["train"]["fear"] == 13 and told["unreadable"] == ["train/sad/broken.jpg"]
    assert {path.name for path in out.glob("*.png")} == {"balance.png", *(f"{label}.png" for label in EMOTIONS)}


def test_a_wrong_folder_stops(tree: Path) -> None:
    """Without --classes it is a class like others, of which test/ need not have a picture; an empty one is none."""
    (tree / "train" / "grumpy").mkdir()
    assert CliRunner().invoke(data, [str(tree), "--classes", ",".join(EMOTIONS)], catch_exceptions=False).exit_code == 0
    shutil.copy(tree / "train" / "sad" / "Training_50.png", tree / "train" / "grumpy")
    with pytest.raises(DataError, match="grumpy: unknown class"):
        CliRunner().invoke(data, [str(tree), "--classes", ",".join(EMOTIONS)], catch_exceptions=False)
    assert "\ngrumpy " in CliRunner().invoke(data, [str(tree)], catch_exceptions=False).output


def test_a_class_without_a_row_stops(tmp_path: Path) -> None:
    (tmp_path / "faces.csv").write_text("emotion,pixels\n" + "".join(f"{number},1 2 3 4\n" for number in range(6)))
    with pytest.raises(DataError, match=r"faces\.csv: no picture of neutral: add some"):
        CliRunner().invoke(data, [str(tmp_path / "faces.csv")], catch_exceptions=False)


def test_a_sheet_keeps_proportions(tmp_path: Path) -> None:
    draw_sheet([np.full((10, 20), 80, np.uint8), np.zeros((7, 7, 3), np.uint8)], tmp_path / "sheet.png", columns=2)
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None and sheet.shape == (CELL + 2 * GAP, 2 * CELL + 3 * GAP, 3)
    left, right = sheet[GAP:-GAP, GAP : GAP + CELL], sheet[GAP:-GAP, 2 * GAP + CELL : -GAP]
    assert (left[0] == 255).all() and (left[CELL // 4 : 3 * CELL // 4] == 80).all()
    assert (right == 0).all()


def test_a_reservoir_is_fair() -> None:
    """Each of 50 pictures is kept in about a fifth of 400 samples of 10."""
    kept = np.zeros(50)
    for seed in range(400):
        reservoir = Reservoir(10, seed)
        for number in range(50):
            reservoir.offer("sad", np.array([number], np.uint8))
        kept[[int(picture[0]) for picture in reservoir.kept["sad"]]] += 1
    assert kept.sum() == 4000
    assert kept.min() > 45 and kept.max() < 120
