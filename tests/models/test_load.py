"""From records to arrays: sizes, colours, held-out pictures, copies."""

from __future__ import annotations

import shutil
import weakref
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from emoscope.errors import DataError
from emoscope.models.data import folders, store
from emoscope.models.data.cutting import fit
from emoscope.models.data.dataset import Split, joined
from emoscope.models.data.duplicates import standing_in, without_test_copies
from emoscope.models.data.load import load, records, with_votes
from emoscope.models.data.splitting import Splitting, set_aside
from emoscope.models.data.telling import what_was_read
from emoscope.models.data.votes import key
from emoscope.models.explore.survey import survey
from emoscope.models.labels import EMOTIONS
from emoscope.network.contract import InputSpec

GRAY = InputSpec(48, 48)


def test_official_splits_are_kept(tree: Path) -> None:
    data = load(tree, GRAY)
    assert {name: len(split) for name, split in data.splits.items()} == {"train": 84, "validation": 28, "test": 28}
    train = data.split("train")
    assert train.images.shape == (84, 48, 48, 1) and train.targets.shape == (84, 1, 7)
    assert [f"/{data.labels[number]}/" in name for number, name in zip(train.classes(), train.names, strict=True)]


def test_votes_on_other_pictures_are_refused(tree: Path) -> None:
    with pytest.raises(DataError, match="no picture of the data set has votes"):
        with_votes(load(tree, GRAY), {"sad/other.jpg": np.ones(7, np.float32)}, ("votes",))


def test_an_undivided_folder_is_split_by_class_and_seed(tree: Path) -> None:
    for path in tree.glob("train/*/*.png"):
        path.rename(path.with_name(path.name.replace("Training_", "face")))
    first, again, other = (load(tree / "train", GRAY, splitting=Splitting(seed)) for seed in (1, 1, 2))
    assert {name: len(split) for name, split in first.splits.items()} == {"train": 63, "validation": 7, "test": 14}
    assert np.bincount(first.split("test").classes()).tolist() == [2] * 7
    assert (first.split("test").names == again.split("test").names).all()
    assert (first.split("test").names != other.split("test").names).any()
    assert not standing_in(first.split("test"), first.split("train")).any()


def test_an_unreadable_picture_is_listed_and_skipped(tree: Path) -> None:
    (tree / "train" / "sad" / "broken.jpg").write_text("no picture")
    data = load(tree, GRAY)
    assert data.unreadable == ("train/sad/broken.jpg",)
    assert len(data.split("train")) == 84


def test_what_decoders_say_of_damaged_files_is_counted_and_named_and_not_printed(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """libjpeg goes on where bytes are too many, libpng stops at a wrong sum, not at a wrong profile; all print."""
    face = np.random.default_rng(0).integers(0, 255, (48, 48), np.uint8)
    jpeg, png = (cv2.imencode(suffix, face)[1].tobytes() for suffix in (".jpg", ".png"))
    (tree / "train/sad/padded.jpg").write_bytes(jpeg[:-2] + bytes(17) + jpeg[-2:])
    (tree / "train/sad/broken.png").write_bytes(png[:90] + bytes([png[90] ^ 1]) + png[91:])
    PIL.Image.fromarray(face).save(tree / "train/sad/profile.png", icc_profile=bytes(200))
    data = load(tree, GRAY)
    assert (data.flawed, data.unreadable) == (("train/sad/padded.jpg",), ("train/sad/broken.png",))
    assert "train/sad/profile.png" in data.split("train").names
    assert survey(records(tree), EMOTIONS).flawed == data.flawed
    assert "kept, could only be read with errors (1): train/sad/padded.jpg" in list(what_was_read(data))
    assert capfd.readouterr().err == ""


def test_of_a_file_that_holds_several_pictures_the_first_is_read_and_that_is_told(tree: Path) -> None:
    pages = [PIL.Image.fromarray(np.full((48, 48), value, np.uint8)) for value in (9, 99)]
    names = ("train/happy/moving.gif", "train/sad/scan.tif")
    for name in names:
        pages[0].save(tree / name, save_all=True, append_images=pages[1:])
    pages[0].save(tree / "train/sad/single.tif")
    data = load(tree, GRAY)
    assert data.further == names and data.unreadable == ()
    assert survey(records(tree), EMOTIONS).further == data.further
    assert f"read the first picture of files that hold several (2): {', '.join(names)}" in list(what_was_read(data))


def test_the_checksum_sees_one_changed_pixel(tree: Path) -> None:
    before = load(tree, GRAY).checksum
    assert load(tree, GRAY).checksum == before
    victim, donor = tree / "train" / "sad" / "Training_50.png", tree / "train" / "happy" / "Training_30.png"
    shutil.copy(donor, victim)
    assert load(tree, GRAY).checksum != before


@pytest.mark.parametrize(
    ("channels", "expected"), [("gray", [[[29]]]), ("rgb", [[[0, 0, 255]]]), ("bgr", [[[255, 0, 0]]])]
)
def test_colour_becomes_what_the_network_asks_for(channels: str, expected: list[list[list[int]]]) -> None:
    blue = np.zeros((5, 9, 3), np.uint8)
    blue[..., 0] = 255
    assert fit(blue, InputSpec(1, 1, channels)).tolist() == expected


def test_gray_is_repeated_for_a_colour_network() -> None:
    assert fit(np.full((4, 4), 9, np.uint8), InputSpec(2, 3, "rgb")).tolist() == [[[9, 9, 9]] * 3] * 2


def test_shrinking_averages() -> None:
    checks = np.indices((4, 4)).sum(axis=0) % 2 * 200
    assert fit(checks.astype(np.uint8), InputSpec(2, 2))[..., 0].tolist() == [[100, 100], [100, 100]]


def test_set_aside_takes_a_share_of_every_class(split: Split) -> None:
    kept, aside = set_aside(split, 0.2, seed=0)
    assert np.bincount(aside.classes()).tolist() == [2, 4]
    assert sorted([*kept.names, *aside.names]) == sorted(split.names)


def test_votes_stand_beside_labels(tree: Path) -> None:
    data = load(tree, GRAY)
    name = key(data.split("train").names[0])
    voted = with_votes(data, {name: np.full(7, 0.1, np.float32)}, ("votes", "labels")).split("train")
    assert voted.targets.shape == (84, 2, 7)
    assert voted.targets[0, 0].tolist() == pytest.approx([0.1] * 7) and voted.targets[1, 0].sum() == 0
    assert (voted.targets[:, 1] == data.split("train").targets[:, 0]).all()
    assert voted.decided(1).all() and not voted.decided(0).any()


def test_copies_of_test_pictures_leave_training(tree: Path) -> None:
    shutil.copy(tree / "test" / "sad" / "PrivateTest_50.png", tree / "train" / "happy" / "Training_99.png")
    data = load(tree, GRAY)
    assert standing_in(data.split("test"), data.split("train")).sum() == 1
    clean, dropped = without_test_copies(data)
    assert dropped == 1
    assert "train/happy/Training_99.png" not in clean.split("train").names
    assert len(clean.split("train")) == 84


def test_what_is_not_there_is_named(tmp_path: Path, split: Split, tree: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        load(tmp_path / "nowhere", GRAY)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError, match="neither a folder"):
        load(tmp_path / "notes.txt", GRAY)
    data = load(tree, GRAY)
    with pytest.raises(DataError, match="no test split; it has train, validation"):
        replace(data, splits={name: data.splits[name] for name in ("train", "validation")}).split("test")


@pytest.mark.parametrize("reads", [lambda tree: load(tree, GRAY), lambda tree: survey(records(tree), EMOTIONS)])
def test_pictures_are_forgotten_once_they_are_small(reads: object, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the files are, no more than the last few are in memory."""
    alive: list[weakref.ref[Large]] = []
    most = 0

    class Large(np.ndarray):  # a plain array's memory cannot be watched
        pass

    def read(*_: object) -> np.ndarray:
        nonlocal most
        picture = np.zeros((300, 300), np.uint8).view(Large)
        alive.append(weakref.ref(picture))
        most = max(most, sum(one() is not None for one in alive))
        return picture

    monkeypatch.setattr(folders, "picture_of", read)
    reads(tree)
    assert len(alive) == 140 and most <= 3


def test_many_pictures_are_kept_in_a_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = load(tree, GRAY)
    monkeypatch.setattr(store, "IN_MEMORY", 10 * 48 * 48)
    paged = load(tree, GRAY)
    train, other = held.split("train"), paged.split("train")
    assert isinstance(other.images, np.memmap) and other.images.shape == train.images.shape
    assert paged.checksum == held.checksum and (other.images == train.images).all()
    few, many = np.arange(4, 9), np.arange(40, 4, -1)
    assert not isinstance(other.take(few).images, np.memmap) and isinstance(other.take(many).images, np.memmap)
    for numbers in (few, many, train.classes() == 3):
        assert (other.take(numbers).images == train.images[numbers]).all()
    assert (joined([other, other]).images == np.concatenate([train.images] * 2)).all()


def test_classes_that_are_not_named_are_left_out(tree: Path, tmp_path: Path) -> None:
    """Of a folder, and of a CSV file with contempt, which the seven leave out."""
    some = load(tree, GRAY, ("happy", "sad"))
    assert len(some.split("train")) == 24 and some.strange == dict.fromkeys(set(EMOTIONS) - {"happy", "sad"}, 20)
    rows = [f"{number},{' '.join(['9'] * 16)},{usage}" for usage in ("Training", "PublicTest", "PrivateTest")
            for number in range(8) if (number, usage) != (7, "Training")]  # fmt: skip
    (tmp_path / "rows.csv").write_text("\n".join(("emotion,pixels,Usage", *rows)))
    seven = load(tmp_path / "rows.csv", GRAY, EMOTIONS)
    assert len(seven.split("train")) == 7 and seven.strange == {"contempt": 2}
