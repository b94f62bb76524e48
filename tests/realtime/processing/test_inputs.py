"""Inputs and results: what is taken, what it becomes, what must not be overwritten."""

from __future__ import annotations

import codecs
import errno
import io
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from emoscope.errors import ResultError, SourceError
from emoscope.media.kinds import is_picture
from emoscope.processing.inputs import Input, expand, left_out, names_in
from emoscope.processing.results import CHART, ROWS, SUMMARY, VIDEO, AtomicResults, Results, check_free, check_names
from tests.realtime.media.films import make_film

KINDS = (VIDEO, ROWS + ".csv", CHART, SUMMARY)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.mp4", "a.MOV", "c.jpg", "notes.txt", "b.emoscope.mp4", "b.timeline.png", "deep/d.mkv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def named(inputs: list[Input]) -> list[str]:
    return names([one.path for one in inputs])


def test_a_folder_gives_its_recordings_and_pictures_but_no_results(tree: Path) -> None:
    assert named(expand([str(tree)])) == ["a.MOV", "b.mp4", "c.jpg"]


def test_figures_of_explain_are_taken_from_no_folder_and_by_no_pattern_but_by_name(tree: Path) -> None:
    (tree / "c.explain-1-2.png").touch()
    assert named(expand([str(tree)])) == ["a.MOV", "b.mp4", "c.jpg"]
    assert named(expand([f"{tree}/c.*"])) == ["c.jpg"]
    assert named(expand([str(tree / "c.explain-1-2.png")])) == ["c.explain-1-2.png"]


def test_what_a_folder_holds_besides_is_named_and_counted_but_not_what_systems_leave_there(tree: Path) -> None:
    for name in ("._b.mp4", ".DS_Store", "Thumbs.db", "d.xcf", "e.cr2", "f.psd", "b.faces.csv", "b.summary.json"):
        (tree / name).touch()
    assert named(expand([str(tree)])) == ["a.MOV", "b.mp4", "c.jpg"]
    told = "not read, no picture or film by their names: 4 files (d.xcf, e.cr2, f.psd and 1 more) and 1 folder"
    assert left_out([str(tree), str(tree / "b.mp4")]) == [f"{tree}: {told}"]


def test_a_folder_below_that_cannot_be_read_is_told_and_the_rest_is_found(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, scan = tree / "closed", os.scandir
    closed.mkdir()
    (closed / "e.mp4").touch()

    def refusing(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert "e.mp4" not in named(expand([str(tree)], recursive=True))
    told = f"{closed}: cannot be read (Permission denied): what it holds is left out"
    assert left_out([str(tree), str(tree)], recursive=True).count(told) == 1


def test_a_pattern_may_reach_into_folders(tree: Path) -> None:
    assert named(expand([f"{tree}/**/*.m*"])) == ["b.mp4", "d.mkv"]


def test_a_named_file_is_tried_whatever_its_suffix_and_once(tree: Path) -> None:
    wanted = [str(tree / "notes.txt"), str(tree / "b.mp4"), str(tree / "deep" / ".." / "b.mp4"), str(tree / "gone.mp4")]
    assert named(expand(wanted)) == ["notes.txt", "b.mp4", "gone.mp4"]


def test_a_link_of_another_name_is_an_input_of_its_own(tree: Path) -> None:
    (tree / "e.mp4").symlink_to(tree / "b.mp4")
    (tree / "there").symlink_to(tree / "deep")
    wanted = [str(tree / "b.mp4"), str(tree / "e.mp4"), str(tree / "deep" / "d.mkv"), str(tree / "there" / "d.mkv")]
    assert named(expand(wanted)) == ["b.mp4", "e.mp4", "d.mkv"]


def test_a_file_with_brackets_in_its_name_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "take[1].mp4").touch()
    assert named(expand([str(tmp_path / "take[1].mp4")])) == ["take[1].mp4"]


@pytest.mark.parametrize("wanted", ["deep/../nothing*.mp4", "empty"])
def test_nothing_is_an_error(wanted: str, tree: Path) -> None:
    (tree / "empty").mkdir()
    with pytest.raises(SourceError, match="holds no recording and no picture"):
        expand([str(tree / wanted)])


def test_results_alone_are_an_error(tree: Path) -> None:
    with pytest.raises(SourceError, match="is a result of EmoScope itself"):
        expand([str(tree / "b.emoscope.mp4")])


def test_pictures_are_told_by_name() -> None:
    assert is_picture(Path("a.JPG")) and not is_picture(Path("a.gif")) and not is_picture(Path("a.mp4"))


def test_names_of_results(tmp_path: Path) -> None:
    results = Results(Path("films/take.1.mp4"), tmp_path, KINDS)
    assert names([results.final(kind) for kind in KINDS]) == [
        "take.1.emoscope.mp4",
        "take.1.faces.csv",
        "take.1.timeline.png",
        "take.1.summary.json",
    ]
    assert names([results.partial(kind) for kind in KINDS[:2]]) == [
        "take.1.emoscope.partial.mp4",
        "take.1.faces.partial.csv",
    ]


def test_two_inputs_of_one_name_are_an_error(tmp_path: Path) -> None:
    both = [Results(Path(folder) / "a.mp4", tmp_path, KINDS) for folder in ("one", "two")]
    with pytest.raises(ResultError, match=r"one/a.mp4 and two/a.mp4 would both become .*a.emoscope.mp4"):
        check_names(both)
    apart = [Results(Path(folder) / "a.mp4", tmp_path / folder, KINDS) for folder in ("one", "two")]
    check_names(apart)


def test_existing_results_need_leave(tmp_path: Path) -> None:
    results = Results(tmp_path / "a.mp4", tmp_path, KINDS)
    results.final(VIDEO).touch()
    results.final(SUMMARY).touch()
    with pytest.raises(ResultError, match=r"a.emoscope.mp4 and 1 more results exist already: --resume"):
        check_free([results])
    assert not results.whole
    for kind in KINDS:
        results.final(kind).touch()
    assert results.whole


def write(drafts: AtomicResults) -> None:
    for kind in KINDS:
        drafts.path(kind).write_text("new")


def test_drafts_get_their_names_when_they_are_whole(tmp_path: Path) -> None:
    results = Results(tmp_path / "a.mp4", tmp_path, KINDS)
    results.final(VIDEO).write_text("old")
    results.partial(VIDEO).write_text("older")
    with AtomicResults(results) as drafts:
        write(drafts)
        assert results.final(VIDEO).read_text() == "old"
        assert names(drafts.finish()) == names([results.final(kind) for kind in KINDS])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names([results.final(kind) for kind in KINDS]))
    assert results.final(VIDEO).read_text() == "new"


def test_interrupted_drafts_say_partial_and_leave_older_results_alone(tmp_path: Path) -> None:
    results = Results(tmp_path / "a.mp4", tmp_path, KINDS)
    results.final(VIDEO).write_text("old")
    with AtomicResults(results) as drafts:
        write(drafts)
        drafts.interrupt()
    assert results.final(VIDEO).read_text() == "old"
    assert all(results.partial(kind).read_text() == "new" for kind in KINDS)
    assert not results.final(SUMMARY).exists()


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    results = Results(tmp_path / "a.mp4", tmp_path, KINDS)
    with pytest.raises(ZeroDivisionError), AtomicResults(results) as drafts:
        write(drafts)
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_an_animation_is_a_recording_whatever_its_name(tmp_path: Path) -> None:
    moving = make_film(tmp_path / "moving.apng", range(5), codec="apng", pixels="rgb24", tick=Fraction(1, 25))
    still = tmp_path / "still.png"
    still.write_bytes(make_film(tmp_path / "one.apng", [0, 1], codec="apng", pixels="rgb24").read_bytes()[:33])
    assert not is_picture(moving.rename(tmp_path / "moving.png"))
    assert is_picture(still) and is_picture(tmp_path / "missing.png")


def test_a_folder_is_searched_with_all_below_it_on_request(tree: Path) -> None:
    found = expand([str(tree)], recursive=True)
    assert named(found) == ["a.MOV", "b.mp4", "c.jpg", "d.mkv"]
    assert [str(one.below) for one in found] == [".", ".", ".", "deep"]


def test_files_that_differ_in_their_suffix_alone_keep_it(tree: Path) -> None:
    (tree / "a.JPG").touch()
    assert [(one.path.name, one.name) for one in expand([str(tree)])] == [
        ("a.JPG", "a.JPG"),
        ("a.MOV", "a.MOV"),
        ("b.mp4", ""),
        ("c.jpg", ""),
    ]


@pytest.mark.parametrize("written", ["a.mp4\nmy film.mp4\n\n", "a.mp4\0my film.mp4\0"])
def test_a_list_names_inputs(written: str, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(written)
    assert list(names_in(tmp_path / "list.txt")) == ["a.mp4", "my film.mp4"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("written", ["ä.mp4\r\nmy film.mp4\r\n", "ä.mp4\0my film.mp4\0"])
def test_a_list_may_be_written_as_windows_does(
    encoding: str, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = written.encode(encoding)
    (tmp_path / "list.txt").write_bytes(data)
    assert list(names_in(tmp_path / "list.txt")) == ["ä.mp4", "my film.mp4"]
    given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(data)), "utf-8")
    monkeypatch.setattr("sys.stdin", given)
    assert list(names_in(Path("-"))) == ["ä.mp4", "my film.mp4"]
    assert not given.buffer.closed


def test_big_endian_and_half_a_letter(tmp_path: Path) -> None:
    data = codecs.BOM_UTF16_BE + "ä.mp4".encode("utf-16-be")
    (tmp_path / "list.txt").write_bytes(data)
    assert list(names_in(tmp_path / "list.txt")) == ["ä.mp4"]
    (tmp_path / "list.txt").write_bytes(data[:-1])
    with pytest.raises(SourceError, match=r"list\.txt: no whole text .*: write it again, as UTF-8"):
        list(names_in(tmp_path / "list.txt"))


def test_names_that_are_no_text_are_kept_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xe4.mp4\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"\xe4.mp4\n")), "utf-8"))
    for listing in (tmp_path / "list.txt", Path("-")):
        assert list(names_in(listing)) == [os.fsdecode(b"\xe4.mp4")]


def test_an_address_of_no_known_kind_is_told() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(SourceError, match=r"nowhere://host/films: an address that cannot be read .*: mount it"):
        expand(["nowhere://host/films"])


def test_a_list_that_names_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\n")
    with pytest.raises(SourceError, match="names no input"):
        next(names_in(tmp_path / "list.txt"))
    with pytest.raises(SourceError, match="cannot be read"):
        next(names_in(tmp_path / "gone.txt"))
