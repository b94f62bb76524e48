"""The folder reader: forgiving about names, strict about classes."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from emoscope.errors import DataError
from emoscope.models.data.folders import read_folder
from emoscope.models.data.load import labels_of, load
from emoscope.models.data.splitting import Splitting
from emoscope.models.data.telling import what_was_held_out
from emoscope.models.labels import EMOTIONS
from emoscope.network.contract import InputSpec


def put(path: Path, shape: tuple[int, ...] = (8, 6)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full(shape, 77, np.uint8))


def test_official_names_decide_the_split(tree: Path) -> None:
    records = list(read_folder(tree, EMOTIONS))
    splits = [record.split for record in records]
    assert (splits.count("train"), splits.count("validation"), splits.count("test")) == (84, 28, 28)
    assert all(f"/{record.label}/" in record.name for record in records)


def test_other_names_and_cases_are_understood(tmp_path: Path) -> None:
    for folder in ("Anger", "HAPPINESS", "surprised"):
        put(tmp_path / folder / "a.png")
    found = {record.label for record in read_folder(tmp_path, ("happy", "surprise", "angry"))}
    assert found == {"happy", "surprise", "angry"}


def test_an_undivided_folder_names_no_split(tmp_path: Path) -> None:
    put(tmp_path / "sad" / "a.png")
    assert [record.split for record in read_folder(tmp_path, ("sad",))] == [""]


def test_colour_stays_colour_and_a_broken_file_has_no_picture(tmp_path: Path) -> None:
    put(tmp_path / "sad" / "a.png", (8, 6, 3))
    (tmp_path / "sad" / "b.jpg").write_text("no picture")
    (tmp_path / "sad" / "c.jpg").touch()
    pictures = [record.picture for record in read_folder(tmp_path, ("sad",))]
    assert pictures[0] is not None and pictures[0].shape == (8, 6, 3)
    assert pictures[1:] == [None, None]


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (("sad", "grumpy"), "grumpy: unknown class; known are happy, sad"),
        (("sad",), "no folder for happy"),
    ],
)
def test_wrong_classes_are_named(tmp_path: Path, folders: tuple[str, ...], message: str) -> None:
    for folder in folders:
        put(tmp_path / folder / "a.png")
    with pytest.raises(DataError, match=message):
        list(read_folder(tmp_path, ("happy", "sad")))


def test_an_empty_class_stops(tmp_path: Path) -> None:
    (tmp_path / "sad").mkdir()
    with pytest.raises(DataError, match="sad: no pictures in this class"):
        list(read_folder(tmp_path, ("sad",)))
    (tmp_path / "sad" / "broken.png").write_text("no picture")
    with pytest.raises(DataError, match="sad: no pictures in this class that can be read"):
        list(read_folder(tmp_path, ("sad",)))


def test_other_classes_are_yielded_where_they_are_wanted(tmp_path: Path) -> None:
    for folder in ("Happiness", "Contemptuous", "bored"):
        put(tmp_path / folder / "a.png")
    found = [record.label for record in read_folder(tmp_path, ("happy", "sad"), complete=False, others=True)]
    assert found == ["contempt", "happy", "bored"]
    assert labels_of(tmp_path) == ("happy", "contempt", "bored")


def test_classes_are_the_folders_where_they_are_not_the_seven(tree: Path, tmp_path: Path) -> None:
    assert labels_of(tree) == EMOTIONS
    shutil.rmtree(tree / "train" / "disgust")
    assert "disgust" in labels_of(tree), "test/ has it"
    shutil.rmtree(tree / "test" / "disgust")
    assert labels_of(tree) == tuple(label for label in EMOTIONS if label != "disgust")
    (tmp_path / "nothing").mkdir()
    assert labels_of(tmp_path / "nothing") == EMOTIONS


def test_an_archive_is_read_as_it_was_downloaded(tree: Path, tmp_path: Path) -> None:
    """One level deeper, without entries for its folders, with what macOS adds."""
    with zipfile.ZipFile(tmp_path / "fer.zip", "w") as archive:
        for path in tree.rglob("*.png"):
            archive.write(path, f"archive/{path.relative_to(tree).as_posix()}")
        archive.writestr("__MACOSX/archive/train/sad/._Training_50.png", b"")
    (tmp_path / "deeper" / "archive").mkdir(parents=True)
    tree.rename(tmp_path / "deeper" / "archive" / "fer2013")
    zipped, deeper = (list(read_folder(tmp_path / name, EMOTIONS)) for name in ("fer.zip", "deeper"))
    assert [(one.name, one.split, one.label, one.digest) for one in zipped] == [
        (one.name, one.split, one.label, one.digest) for one in deeper
    ]
    assert len(zipped) == 140
    (tmp_path / "cut.zip").write_bytes((tmp_path / "fer.zip").read_bytes()[:5000])
    with pytest.raises(DataError, match=r"cut\.zip: not a whole \.zip archive"):
        list(read_folder(tmp_path / "cut.zip", EMOTIONS))


@pytest.mark.parametrize(
    ("files", "labels"),
    [
        (("KA.AN1.39.png", "KA.HA2.30.png", "YM.SU1.3.png", "YM.DI1.3.png"), ("angry", "happy", "surprise", "disgust")),
        (("AF01/AF01AFS.png", "AF01/AF01ANHL.png", "BM02/BM02NES.png"), ("fear", "angry", "neutral")),
    ],
)
def test_file_names_tell_the_class_where_folders_do_not(
    tmp_path: Path, files: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    for name in files:
        put(tmp_path / "set" / name)
    (tmp_path / "set" / "README").write_text("not a picture")
    found = {record.name: record.label for record in read_folder(tmp_path, EMOTIONS, complete=False)}
    assert found == dict(zip(files, labels, strict=True))
    assert set(labels_of(tmp_path)) == set(labels)


def test_every_kind_of_picture_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    """A JPEG under other names, a GIF, a WebP, an AVIF; what is none is counted, what the system left is not."""
    picture = np.random.default_rng(0).integers(0, 255, (20, 20, 3)).astype(np.uint8)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    (tmp_path / "sad").mkdir()
    for name in ("a.heic", "b.jfif", "c.gif"):
        (tmp_path / "sad" / name).write_bytes(jpeg)
    image = PIL.Image.fromarray(picture)
    for name in ("d.gif", "e.webp"):
        image.save(tmp_path / "sad" / name)
    (tmp_path / "sad" / "f.txt").write_text("notes")
    (tmp_path / "sad" / "Thumbs.db").touch()
    records = {record.name: record.picture for record in read_folder(tmp_path, ("sad",))}
    assert records.pop("sad/f.txt") is None and len(records) == 5
    assert all(picture is not None and picture.shape[:2] == (20, 20) for picture in records.values())


def test_what_lies_beside_the_classes_is_none(tmp_path: Path) -> None:
    """Notes, empty folders, what a run or a look left there, and lists beside the one folder with everything."""
    for folder in ("grin", "frown", "run/evaluation", "look"):
        put(tmp_path / "all" / "images" / folder / "a.png")
    (tmp_path / "all" / "images" / "notes").mkdir()
    for name in ("run/contract.json", "look/survey.json", "notes/read.me"):
        (tmp_path / "all" / "images" / name).touch()
    (tmp_path / "all" / "images" / "empty").mkdir()
    (tmp_path / "all" / "train_labels.csv").write_text("image,label\n")
    assert labels_of(tmp_path / "all") == ("frown", "grin")
    found = [record.name for record in read_folder(tmp_path / "all", ("frown", "grin"), others=True)]
    assert found == ["frown/a.png", "grin/a.png"]


def test_a_split_that_is_only_judged_on_need_not_have_every_class(tmp_path: Path) -> None:
    for file in ("FER2013Train/Grin/a", "FER2013Train/Grin/b", "FER2013Train/frown/a", "test_set/grin/a"):
        put(tmp_path / f"{file}.png")
    (tmp_path / "test_set" / "frown").mkdir()
    assert labels_of(tmp_path) == ("frown", "grin")
    found = [(record.split, record.label) for record in read_folder(tmp_path, ("frown", "grin"))]
    assert sorted(found) == [("test", "grin"), ("train", "frown"), ("train", "grin"), ("train", "grin")]
    told = list(what_was_held_out(load(tmp_path, InputSpec(8, 8), ("frown", "grin"), Splitting(groups="none"))))
    assert told == [f"no picture of frown in {split}: figures are of the others" for split in ("test", "validation")]


def test_pictures_without_folders_of_classes_are_told(tmp_path: Path) -> None:
    put(tmp_path / "grin" / "a.png")
    with pytest.raises(DataError, match="no folders of classes in it: pictures belong into one for each, happy/, sad/"):
        list(read_folder(tmp_path / "grin", ("happy", "sad")))
