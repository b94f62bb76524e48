"""A file is whole or not there, and an older one stays until the new one is."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from emoscope.errors import ResultError
from emoscope.system.atomic import atomic_file, atomic_write


def test_text_and_bytes_stand_under_their_name_and_nothing_beside_them(tmp_path: Path):
    atomic_write(tmp_path / "new" / "a.txt", "grün\n")
    atomic_write(tmp_path / "new" / "b.bin", b"\x00")
    assert (tmp_path / "new" / "a.txt").read_text("utf-8") == "grün\n"
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a.txt", "b.bin"]


def test_the_draft_has_the_suffix_that_says_its_format(tmp_path: Path):
    with atomic_file(tmp_path / "net.keras") as draft:
        assert draft.suffix == ".keras" and draft.parent == tmp_path and draft.name.startswith(".")
        draft.touch()
    assert (tmp_path / "net.keras").exists()


def test_an_error_in_between_leaves_the_old_file(tmp_path: Path):
    atomic_write(tmp_path / "a", "old")
    with pytest.raises(ZeroDivisionError), atomic_file(tmp_path / "a") as draft:
        draft.write_text("half")
        raise ZeroDivisionError
    assert (tmp_path / "a").read_text() == "old" and list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_full_disk_is_one_line_with_its_cure(tmp_path: Path):
    told_of = r"a: cannot be written \(.*\): is the disk full\?: take another"
    with pytest.raises(ResultError, match=told_of) as told, atomic_file(tmp_path / "a", "take another"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "\n" not in str(told.value)
    (tmp_path / "file").touch()
    with pytest.raises(ResultError, match="cannot be written"):
        atomic_write(tmp_path / "file" / "a", "")
