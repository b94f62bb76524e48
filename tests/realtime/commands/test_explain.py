"""`emoscope explain` from the outside: files, lines, exit status."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.cli import run
from emoscope.system.bundled import assets
from tests.realtime.tiny import gray, write_bundle


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frame of the bundled clip."""
    path = tmp_path_factory.mktemp("frames") / "person.png"
    _, frame = cv2.VideoCapture(str(assets() / "demo.mp4")).read()
    cv2.imwrite(str(path), frame)
    return path


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    (tmp_path / "model").mkdir()
    return str(write_bundle(tmp_path / "model"))


def test_a_person_is_explained_with_the_shipped_model(person: Path, tmp_path: Path) -> None:
    assert run(["explain", str(person), "-o", str(tmp_path / "out"), "--report"]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "emoscope-report.html", "person.explain-1.png",
    ]  # fmt: skip
    assert "What it must not be used for" in (tmp_path / "out" / "emoscope-report.html").read_text("utf-8")


def test_a_picture_without_a_face_is_said_and_the_others_done(
    person: Path, tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "empty.png"), gray())
    (tmp_path / "broken.png").write_text("no picture")
    pictures = [str(tmp_path / "empty.png"), str(tmp_path / "broken.png"), str(person)]
    assert run(["explain", *pictures, "-o", str(tmp_path / "out"), "--model", tiny, "--format", "pdf"]) == 1
    out, err = capsys.readouterr()
    empty, broken = (line.split("/")[-1] for line in err.splitlines())
    assert empty == "empty.png: no face found; give a larger picture, or --crop for a bare face"
    assert broken.startswith("broken.png: not a picture; EmoScope reads AVIF, BMP, GIF")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["person.explain-1.pdf"]
    assert out.startswith(str(tmp_path / "out" / "person.explain-1.pdf"))


def test_a_bare_crop_needs_no_face(tiny: str, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "bare.png"), np.full((48, 48), 200, np.uint8))
    assert run(["explain", str(tmp_path / "bare.png"), "--crop", "--model", tiny]) == 0
    assert (tmp_path / "bare.explain-1.png").is_file()


def test_what_earlier_runs_left_in_a_folder_is_explained_by_name_only(tiny: str, tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    for name in ("a.png", "a.emoscope.png", "film.timeline.png"):
        cv2.imwrite(str(tmp_path / "album" / name), np.full((48, 48), 200, np.uint8))
    how = ["-o", str(tmp_path / "out"), "--crop", "--model", tiny]
    assert run(["explain", str(tmp_path / "album"), *how]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.explain-1.png"]
    assert run(["explain", str(tmp_path / "album" / "a.emoscope.png"), *how]) == 0
    assert (tmp_path / "out" / "a.emoscope.explain-1.png").is_file()


def test_nothing_is_replaced_unless_that_is_asked_for(
    tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "bare.png"), np.full((48, 48), 200, np.uint8))
    command = ["explain", str(tmp_path / "bare.png"), "--crop", "--model", tiny, "--report"]
    for name in ("bare.explain-1.png", "emoscope-report.html"):
        (tmp_path / name).write_text("mine")
    assert run(command) == 1
    told = "bare.explain-1.png and 1 more exist already: --overwrite does it again, another -o keeps both"
    assert capsys.readouterr().err == f"emoscope: {tmp_path / told}\n"
    assert (tmp_path / "bare.explain-1.png").read_text() == "mine"
    assert run([*command, "--overwrite"]) == 0
    assert (tmp_path / "bare.explain-1.png").read_bytes().startswith(b"\x89PNG")
    assert "mine" not in (tmp_path / "emoscope-report.html").read_text("utf-8")[:10]


def test_results_of_one_name_are_an_error_before_any_work(
    tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("png", "jpg"):
        cv2.imwrite(str(tmp_path / f"a.{kind}"), gray())
    arguments = [str(tmp_path / "a.png"), str(tmp_path / "a.jpg"), "--crop", "--model", tiny]
    assert run(["explain", *arguments]) == 1
    assert "would give results of one name: rename one of them" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.explain-*"))


def test_unknown_layers_name_those_there_are(tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), gray())
    assert run(["explain", str(tmp_path / "a.png"), "--crop", "--model", tiny, "--layer", "conv7"]) == 1
    assert "no layer 'conv7'; it has conv1, pool1" in capsys.readouterr().err
