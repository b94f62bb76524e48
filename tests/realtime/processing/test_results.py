"""Names of results: in which order they are given, and that names the system does not take are told first."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from emoscope.errors import ResultError
from emoscope.processing.record import path_of
from emoscope.processing.results import ROWS, SUMMARY, AtomicResults, Results, check_names


def results(folder: Path, stem: str = "clip") -> Results:
    return Results(folder / f"{stem}.mp4", folder, (f"{ROWS}.csv", SUMMARY))


def test_the_summary_goes_first_and_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed between two names must not leave an old film beside a new summary."""
    old, rows = results(tmp_path), f"{ROWS}.csv"
    for kind in old.kinds:
        old.final(kind).write_text("old")
    order: list[str] = []
    rename = Path.replace

    def watched(path: Path, target: Path) -> Path:
        assert not old.final(SUMMARY).exists()
        order.append(target.name)
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    with AtomicResults(old) as drafts:
        for kind in (SUMMARY, rows):
            drafts.path(kind).write_text("new")
        drafts.finish()
    assert order == ["clip.faces.csv", "clip.summary.json"]


@pytest.mark.parametrize(("overwrite", "film"), [(True, "clip.mp4"), (False, "clip.mp4"), (True, "other.mp4")])
def test_a_new_table_takes_the_place_of_one_in_another_format(overwrite: bool, film: str, tmp_path: Path) -> None:
    new = results(tmp_path)
    others = [tmp_path / name for name in ("clip.faces.parquet", "clip.faces.jsonl")]
    strangers = [tmp_path / name for name in ("clip.faces.txt", "clip.2.faces.parquet")]
    for path in (*others, *strangers):
        path.write_text("old")
    made = {"made": {"source": {"path": path_of(tmp_path / film)}}}
    new.final(SUMMARY).write_text(json.dumps(made))
    for fails in (True, False):
        with suppress(ZeroDivisionError), AtomicResults(new) as drafts:
            for kind in new.kinds:
                drafts.path(kind).write_text("new")
            _ = 1 / (not fails)
            drafts.finish(overwrite)
        gone = overwrite and film == "clip.mp4" and not fails
        assert [path.exists() for path in others] == [not gone] * 2
        assert all(path.exists() for path in strangers)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="cannot be written"), results(tmp_path / "gone").lease():
        pass


@pytest.mark.parametrize("length", [238, 245])
def test_a_name_too_long_for_its_results_is_told_before_work_starts(length: int, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="too long a name"):
        check_names([results(tmp_path, "x" * length)])
