"""Class folders that are called by numbers: nobody guesses what they mean, and what is said is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from emoscope.errors import DataError, SettingsError
from emoscope.models import train
from emoscope.models.asking import plan
from emoscope.models.commands.data import data as survey
from emoscope.models.commands.evaluate import evaluate
from emoscope.models.data.load import labels_of, load
from emoscope.models.data.numbers import ORDERS, meanings
from emoscope.models.labels import EIGHT, EMOTIONS, FER2013_ORDER
from emoscope.network.contract import InputSpec

GRAY = InputSpec(48, 48)


@pytest.fixture
def numbered(tree: Path) -> Path:
    """The same pictures, in folders as FER2013 numbers its classes."""
    for split in ("train", "test"):
        for number, label in enumerate(FER2013_ORDER):
            (tree / split / label).rename(tree / split / f"{number}")
    return tree


def test_every_order_names_each_emotion_once() -> None:
    for order in ORDERS.values():
        assert len(set(order.values())) == len(order) and set(order.values()) in ({*EMOTIONS}, {*EIGHT})


def test_numbers_are_asked_about(numbered: Path) -> None:
    asked = (
        r"classes are numbers.* --numbers fer2013 \(0 angry, .*\) or affectnet \(0 neutral.*--classes 0,1,2,3,4,5,6$"
    )
    with pytest.raises(DataError, match=asked):
        plan("gmp", numbered, {})
    with pytest.raises(DataError, match=asked):
        load(numbered, GRAY, complete=False)
    told = CliRunner().invoke(survey, [str(numbered)])
    assert told.exit_code == 0 and "say --numbers fer2013 (0 angry" in told.stderr and "raf-db" not in told.stderr
    kept = plan("gmp", numbered, {"classes": "0,1,2,3,4,5,6"})
    assert kept.labels == ("0", "1", "2", "3", "4", "5", "6")


def test_what_is_said_is_taken(numbered: Path) -> None:
    made = plan("gmp", numbered, {"numbers": "fer2013"})
    assert made.labels == EMOTIONS
    train = made.dataset()[0].split("train")
    for name, number in zip(train.names, train.classes(), strict=True):
        assert FER2013_ORDER[int(str(name).split("/")[1])] == EMOTIONS[number], "pictures keep their real names"
    assert labels_of(numbered, "affectnet") == EMOTIONS
    assert labels_of(numbered, "0=grin,1=Happiness,2=c,3=d,4=e,5=f,6=g")[:2] == ("happy", "c")
    done = CliRunner().invoke(evaluate, ["gmp", str(numbered), "--numbers", "FER2013"], catch_exceptions=False)
    assert done.exit_code == 0 and "surprise" in done.output


def test_what_cannot_be_meant_is_told(numbered: Path) -> None:
    with pytest.raises(DataError, match=r"0: --numbers says 1 surprise, .*, and nothing of 0"):
        labels_of(numbered, "raf-db")
    for wrong in ("rafdb", "0:happy", "0=", "zero=happy"):
        with pytest.raises(SettingsError, match="and no list like 0=happy,1=sad"):
            meanings(wrong)
    result = CliRunner().invoke(evaluate, ["gmp", str(numbered), "--numbers", "mine"])
    assert result.exit_code == 2 and "is none of fer2013, raf-db" in result.output


def test_a_run_is_judged_on_folders_of_numbers(numbered: Path, tmp_path: Path) -> None:
    """On its own as it was told, on others as is said then."""
    small = {"arch": "gmp", "size": 16, "width": 0.25, "batch": 16, "epochs": 1}
    lines: list[str] = []
    run = train(numbered, tmp_path / "run", numbers="fer2013", tell=lines.append, **small)
    assert any(line.endswith("--numbers fer2013") for line in lines), "evaluate is told to be typed so"
    assert run.evaluate().labels == EMOTIONS
    assert run.evaluate(numbered, numbers="fer2013").figures.accuracy == run.evaluate().figures.accuracy
    with pytest.raises(DataError, match="classes are numbers"):
        run.evaluate(numbered)
