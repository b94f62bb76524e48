"""In which encoding a text was written, by its beginning, and what reads such texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoscope.archive.events import read_events
from emoscope.archive.tables import films_of
from emoscope.errors import DataError, SourceError
from emoscope.models.data.fer_csv import is_fer_csv
from emoscope.models.data.groups import owners
from emoscope.models.data.tree import OnDisk
from emoscope.models.data.votes import read_votes
from emoscope.system.texts import encoding_of, open_text
from tests.realtime.archive.tables import write_table

WINDOWS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


def test_the_beginning_tells_the_encoding() -> None:
    assert encoding_of(b"") == encoding_of("ä.mp4\n".encode()) == "utf-8"
    assert encoding_of(b"\xe4.mp4\n", "cp1252") == "cp1252"
    for encoding in ("utf-16-le", "utf-16-be"):
        assert encoding_of(r"C:\f.mp4".encode(encoding)) == encoding
        assert encoding_of("視頻.mp4\r\n視頻視頻視頻.mp4\r\n".encode(encoding)) == encoding
    assert encoding_of("視頻.mp4\r\n".encode("utf-16")) == "utf-16"


@pytest.mark.parametrize("names", [b"a\0b\0", b"abc\0def\0ghi\0", b"film1\0film2\0", b"a.mp4\0" * 50])
def test_zeros_behind_names_are_no_second_bytes(names: bytes) -> None:
    assert encoding_of(names) == "utf-8"


@pytest.mark.parametrize("encoding", WINDOWS)
def test_tables_of_windows_are_read(encoding: str, tmp_path: Path) -> None:
    def write(text: str) -> Path:
        (tmp_path / "a.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
        return tmp_path / "a.csv"

    assert read_events(write("film,time_s,event\nä.mp4,0.5,x\n")).moments == {"ä.mp4": [(0.5, "x")]}
    votes = read_votes(write("file,happy,sad\nhappy/ä.jpg,3,1\n"), ("happy", "sad"))
    assert votes["happy/ä.jpg"].tolist() == [0.75, 0.25]
    assert is_fer_csv(OnDisk(write("emotion,pixels,Usage\n0,1 2 3 4,Training\n")))
    assert owners(["happy/ä.jpg"], str(write("happy/ä.jpg,anna\n")))[0] == ["anna"]
    with open_text(write("ä\n")) as file:
        assert file.read() == "ä\r\n"
    table = write_table(tmp_path / "film.faces.csv", {1: "hs"})
    table.write_bytes(table.read_text("utf-8").encode(encoding))
    assert next(films_of([table])).emotions.tolist() == [0, 1]


def test_what_is_no_text_is_told_in_a_line_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("film,time_s,event\nä.mp4,0.5,x\n".encode("cp1252"))
    with pytest.raises(SourceError, match=r"a\.csv: no whole text .*: write it again, as UTF-8$"):
        read_events(tmp_path / "a.csv")
    with pytest.raises(DataError, match=r"a\.csv: no whole text .*: write it again, as UTF-8$"):
        read_votes(tmp_path / "a.csv", ("happy", "sad"))
