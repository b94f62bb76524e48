"""Names of results: drafts are held against other runs, and names that the system does not take are told first."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoscope.errors import ResultError
from emoscope.processing.results import ROWS, SUMMARY, Drafts, Results, check_free


def results(folder: Path, stem: str = "clip") -> Results:
    return Results(folder / f"{stem}.mp4", folder, (f"{ROWS}.csv", SUMMARY))


def test_a_draft_belongs_to_one_run_until_it_ends(tmp_path: Path) -> None:
    with Drafts(results(tmp_path)) as first:
        first.path(SUMMARY).write_text("first")
        with (
            pytest.raises(ResultError, match=r"clip.summary.json.part: another run is writing this result"),
            Drafts(results(tmp_path)) as second,
        ):
            second.path(SUMMARY)
        assert first.finish() == [tmp_path / "clip.summary.json"]
    assert (tmp_path / "clip.summary.json").read_text() == "first"
    with Drafts(results(tmp_path)) as third:
        assert third.path(SUMMARY).read_text() == ""


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="cannot be written"), Drafts(results(tmp_path / "gone")) as drafts:
        drafts.path(SUMMARY)


@pytest.mark.parametrize("length", [238, 245])
def test_a_name_too_long_for_its_results_is_told_before_work_starts(length: int, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="too long a name"):
        check_free([results(tmp_path, "x" * length)], overwrite=False, resume=False)
