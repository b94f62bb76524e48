"""What is held out: a share of every class, whole groups, by a seed, and never what a network has learnt from."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models.data.dataset import Split
from emoscope.models.data.groups import check, grouped, owners
from emoscope.models.data.load import load
from emoscope.models.data.membership import Membership, read_split, split_csv, together
from emoscope.models.data.near_copies import near_copies
from emoscope.models.data.splitting import Splitting, completed, held_out
from emoscope.models.data.telling import what_was_held_out
from emoscope.models.evaluation.classifier import Classifier
from emoscope.models.evaluation.judge import Judge, Question
from emoscope.models.labels import EMOTIONS
from emoscope.network.contract import Contract, HeldOut, InputSpec

GRAY = InputSpec(48, 48)


@pytest.fixture
def undivided(tree: Path) -> Path:
    """Twelve pictures a class in one folder of classes."""
    for path in tree.glob("train/*/*.png"):
        path.rename(path.with_name(path.name.replace("Training_", "face")))
    return tree / "train"


def test_every_class_gives_its_share_and_keeps_a_group() -> None:
    classes = np.repeat([0, 1, 2, 3], [100, 31, 2, 1])
    aside = held_out(classes, np.arange(len(classes)), 0.2, seed=3)
    assert np.bincount(classes[aside], minlength=4).tolist() == [20, 6, 1, 0]
    again, other = (held_out(classes, np.arange(len(classes)), 0.2, seed) for seed in (3, 4))
    assert (aside == again).all() and (aside != other).any()


def test_groups_stay_whole_and_shares_are_met() -> None:
    random = np.random.default_rng(0)
    classes, groups = random.integers(0, 3, 900), random.integers(0, 60, 900)
    aside = held_out(classes, groups, 0.25, seed=0)
    assert not set(groups[aside]) & set(groups[~aside])
    shares = np.bincount(classes[aside]) / np.bincount(classes)
    assert (abs(shares - 0.25) < 0.05).all()


def test_folds_part_everything_once(undivided: Path) -> None:
    tests = []
    for fold in (1, 2, 3, 4):
        splitting = Splitting(seed=5, groups="none", folds=4, fold=fold)
        data = load(undivided, GRAY, splitting=splitting)
        tests.append(set(data.split("test").names))
        assert not tests[-1] & set(data.split("train").names)
        assert np.bincount(data.split("test").classes()).tolist() == [3] * 7
    assert sum(map(len, tests)) == len(set.union(*tests)) == 84
    with pytest.raises(DataError, match="splits of its own"):
        completed({"train": data.split("train")}, Splitting(folds=4, fold=1))


def shifted(picture: np.ndarray, by: int) -> np.ndarray:
    matrix = np.array([[1, 0, by], [0, 1, -by]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), np.uint8)


def smooth(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 256, (9, 9)).astype(np.uint8)
    return np.asarray(cv2.resize(noise, (48, 48), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_near_copies_are_found_and_strangers_are_not() -> None:
    """Moved, darkened, noisy, rescaled: all one. Flat pictures of one shade are copies, of two they are none."""
    one = smooth(0)
    noisy = np.clip(one + np.random.default_rng(1).normal(0, 4, one.shape), 0, 255).astype(np.uint8)
    small = cv2.resize(cv2.resize(one, (36, 36)), (48, 48))
    family = [one, shifted(one, 1), shifted(one, 2), (one * 0.6).astype(np.uint8), noisy, small]
    others = [smooth(seed) for seed in range(1, 30)]
    flat = [np.full((48, 48), shade, np.uint8) for shade in (9, 9, 90)]
    groups = near_copies(np.stack([*family, *others, *flat])[..., None])
    assert len(set(groups[:6])) == 1
    assert len(set(groups[5:35])) == 30
    assert groups[35] == groups[36] != groups[37]


def test_frames_of_a_film_do_not_stand_on_both_sides(shared: Path) -> None:
    """Twenty shifted copies a class: there is nothing to hold out, and it is said."""
    with pytest.raises(DataError, match="nothing can be held out for test: all pictures of each class are near-copies"):
        load(shared / "cases" / "training" / "frames", GRAY)


@pytest.mark.parametrize(
    ("names", "how", "expected"),
    [
        (["anger/S010_004_00000017.png", "sad/S011_001_00000009.png"], "auto", ["S010", "S011"]),
        (["KA.AN1.39.tiff", "YM.SU3.60.tiff"], "auto", ["KA", "YM"]),
        (["sad/AF01SAS.JPG", "happy/BM35HAFL.JPG"], "auto", ["F01", "M35"]),
        (["happy/Rafd090_01_Caucasian_female_happy_frontal.jpg"], "auto", ["01"]),
        (["happy/S010.png", "sad/1.png"], "auto", ["", ""]),
        (["happy/anna/1.jpg", "sad/ben/1.jpg", "sad/2.jpg"], "subject", ["anna", "ben", ""]),
        (["train/happy/anna/1.jpg", "test/sad/a/b/1.jpg"], "folder", ["anna", "a/b"]),
        (["happy/S010_004_00000017.png"], "subject", ["S010"]),
        (["happy/subject07_1.jpg", "sad/p3-b.jpg"], "subject", ["07", "3"]),
        (["happy/x12y.jpg", "sad/y.jpg"], r"x(\d+)", ["12", ""]),
        (["happy/anna/1.jpg"], "copies", [""]),
    ],
)
def test_whose_a_picture_is(names: list[str], how: str, expected: list[str]) -> None:
    assert owners(names, how)[0] == expected


def test_a_table_says_whose_a_picture_is(tmp_path: Path) -> None:
    (tmp_path / "who.csv").write_text("file,subject\nsad/1.png,anna\n2.png,ben\n")
    assert owners(["sad/1.png", "happy/2.png", "happy/3.png"], str(tmp_path / "who.csv"))[0] == ["anna", "ben", ""]


@pytest.mark.parametrize(
    ("how", "message"),
    [("person", "no way to group"), ("s(\\d", "no regular expression"), ("s\\d+_", "no way to group")],
)
def test_what_is_no_way_to_group_is_said(how: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check(how)


def test_what_was_kept_together_is_told(undivided: Path) -> None:
    """One person has three pictures under CK+'s names; the rest have one each, and one is there twice."""
    for number, path in enumerate(sorted(undivided.glob("*/*.png"))):
        person = 10 if number < 3 else 11 + number
        path.rename(path.with_name(f"S{person:03d}_001_{number:08d}.png"))
    copied = sorted(undivided.glob("*/*.png"))[-1]
    shutil.copy(copied, copied.with_name("S999_001_00000001.png"))
    data = load(undivided, GRAY)
    pictures = len(list(undivided.glob("*/*.png")))
    told = list(what_was_held_out(data))
    assert len(told) == 1 and f"{pictures} pictures of {pictures - 2} people, by CK+'s file names" in told[0]
    assert "pictures that are near-copies of others" in told[0]
    assert not load(undivided, GRAY, splitting=Splitting(groups="none")).together


def test_groups_that_say_nothing_are_refused(split: Split) -> None:
    with pytest.raises(DataError, match=r"says nothing of any picture, such as 0\.png"):
        grouped(split, "subject")


def test_one_persons_pictures_stay_on_one_side(undivided: Path) -> None:
    for number, path in enumerate(sorted(undivided.glob("*/*.png"))):
        path.rename(path.with_name(f"S{number % 12:03d}_001_{number:08d}.png"))
    data = load(undivided, GRAY, splitting=Splitting(groups="auto"))
    people = [{str(name).split("/")[1][:4] for name in data.split(part).names} for part in data.splits]
    assert not set.intersection(*people) and sum(map(len, people)) == 12


def test_where_a_picture_stood_survives_csv(undivided: Path, tmp_path: Path) -> None:
    data = load(undivided, GRAY)
    (tmp_path / "split.csv").write_text(split_csv(data))
    learnt = read_split(tmp_path / "split.csv")
    assert learnt is not None
    assert learnt.learnt(data.split("train")).all() and not learnt.learnt(data.split("test")).any()
    (tmp_path / "split.csv").write_text("a,b\n1,2\n")
    assert read_split(tmp_path / "split.csv") is None and read_split(tmp_path / "none.csv") is None


def test_what_any_network_learnt_from_is_no_test() -> None:
    one, other = Membership({"a": "train", "b": "test", "c": "validation"}), Membership({"a": "test", "c": "test"})
    assert together([one, other]).splits == {"a": "train", "b": "test", "c": "validation"}


def judged(path: Path, seed: int | None, held_out: HeldOut | None, **learnt: object) -> tuple[Split, list[str]]:
    """The pictures that a network with this past is judged on, and what is said about them."""
    contract = Contract(EMOTIONS, GRAY, held_out=held_out)
    network = Classifier("run", contract, 0, lambda batch: np.ones((len(batch), 7), np.float32) / 7, **learnt)
    told: list[str] = []
    return Judge(Question(path, seed=seed), [network], told.append).pictures(network), told


def test_a_network_is_judged_on_what_its_own_run_held_out(undivided: Path) -> None:
    data = load(undivided, GRAY, splitting=Splitting(seed=7, test=0.3))
    held_out = HeldOut(data.pictures_sha256, seed=7, test=0.3, groups="auto")
    split, told = judged(undivided, None, held_out)
    assert (split.names == data.split("test").names).all() and not told


def test_pictures_that_stood_in_training_are_counted(undivided: Path) -> None:
    data = load(undivided, GRAY, splitting=Splitting(seed=7))
    held_out = HeldOut(data.pictures_sha256, seed=7, groups="auto")
    learnt = Membership({str(digest): name for name, part in data.splits.items() for digest in part.digests})
    split, told = judged(undivided, None, held_out, learnt=learnt)
    assert (split.names == data.split("test").names).all() and not told
    other, told = judged(undivided, 8, held_out, learnt=learnt)
    seen = len(set(other.digests) & set(data.split("train").digests))
    assert told == [f"run has learnt from {seen} of the 14 pictures it is judged on: --leak-free leaves them out"]


def test_a_data_set_that_has_changed_is_held_against_the_run(undivided: Path, draw: object) -> None:
    """Where the run's folder is there, new pictures are for the test and old ones stay where they were."""
    data = load(undivided, GRAY, splitting=Splitting(seed=7))
    held_out = HeldOut(data.pictures_sha256, seed=7, groups="auto")
    learnt = Membership({str(digest): name for name, part in data.splits.items() for digest in part.digests})
    cv2.imwrite(str(undivided / "sad" / "another.png"), draw(5, 999))  # type: ignore[operator]
    split, told = judged(undivided, None, held_out, learnt=learnt)
    assert set(split.names) == {*data.split("test").names, "sad/another.png"} and not told
    _, told = judged(undivided, None, held_out)
    assert len(told) == 1 and "it may have learnt from some that are held out now" in told[0]


def test_networks_of_different_runs_are_told_apart(undivided: Path) -> None:
    told: list[str] = []
    base = Classifier("a", Contract(EMOTIONS, GRAY), 0, lambda batch: np.ones((len(batch), 7), np.float32) / 7)
    networks = []
    for seed in (1, 2):
        past = HeldOut(load(undivided, GRAY, splitting=Splitting(seed)).pictures_sha256, seed=seed, groups="auto")
        networks.append(replace(base, name=str(seed), contract=base.contract.with_(held_out=past)))
    judge = Judge(Question(undivided), networks, told.append)
    for network in networks:
        judge.pictures(network)
    assert told == ["the networks are judged on different pictures, each on those that its own run held out"]


def test_what_is_only_judged_on_need_not_be_parted(shared: Path) -> None:
    frames = shared / "cases" / "training" / "frames"
    data = load(frames, GRAY, complete=False)
    assert {name: len(split) for name, split in data.splits.items()} == {"test": 140}


def test_one_picture_that_was_learnt_from_parts_nothing_else(undivided: Path) -> None:
    whole = load(undivided, GRAY)
    known = {str(whole.split("train").digests[0]): "train"}
    data = load(undivided, GRAY, complete=False, known=known)
    assert {name: len(split) for name, split in data.splits.items()} == {"train": 1, "test": 83}


@pytest.mark.parametrize(("people", "each"), [(5, 3), (3, 20)])
def test_one_of_few_people_with_many_pictures_each_is_held_out(people: int, each: int) -> None:
    """JAFFE in two folds: five people with three pictures of every class, of which a tenth is wanted."""
    classes = np.tile(np.repeat(np.arange(7), each), people)
    whose = np.repeat(np.arange(people), 7 * each)
    aside = held_out(classes, whose, 0.1, 0)
    assert len(set(whose[aside])) == 1 and aside.sum() == 7 * each
    assert not held_out(classes, np.zeros_like(whose), 0.1, 0).any(), "one person's are never parted"
