"""Films and results on servers: one in memory stands for all of them, and one that fails for the rest."""

from __future__ import annotations

import errno
import io
import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emoscope.cli import run
from emoscope.errors import SourceError, SystemLibraryError
from emoscope.system import address
from emoscope.system.address import ServerPath, is_address, place_of
from tests.realtime.media.films import look, make_film
from tests.realtime.tiny import write_bundle

fsspec = pytest.importorskip("fsspec")
from fsspec.implementations.memory import MemoryFileSystem  # noqa: E402

FRAMES = 60
AWAY = 4096


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server with two films, one in a folder of its own; the machine's cache is the test's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    film = make_film(tmp_path / "clip.mp4", range(0, FRAMES * 512, 512), size=(160, 120), sound=("aac",))
    memory = fsspec.filesystem("memory")
    memory.put_file(str(film), "/films/a.mp4")
    memory.put_file(str(film), "/films/deep/b.mp4")
    yield memory
    memory.rm("/", recursive=True)


def process(tmp_path: Path, *arguments: str) -> int:
    model = write_bundle(tmp_path)
    return run(["process", *arguments, "--model", str(model), "--jobs", "1", "--preset", "ultrafast", "--no-chart"])


def test_it_is_told_apart_like_any_path() -> None:
    one = place_of("memory://films/deep/a.mp4")
    assert isinstance(one, ServerPath) and str(one) == os.fspath(one) == "memory://films/deep/a.mp4"
    assert (one.name, one.stem, one.suffix, str(one.parent)) == ("a.mp4", "a", ".mp4", "memory://films/deep")
    assert str(one.parent / "b.csv") == str(one.with_name("b.csv")) == "memory://films/deep/b.csv"
    assert pickle.loads(pickle.dumps(one)) == one == one.absolute() and one.parent != one
    assert place_of("file:///films/a.mp4") == Path("/films/a.mp4") and place_of("C:/a.mp4") == Path("C:/a.mp4")
    assert is_address("s3://a/b") and not is_address("file:///b") and not is_address("a:b")


def test_films_of_a_server_go_to_a_server_as_whole_files(server: Any, tmp_path: Path) -> None:
    assert process(tmp_path, str(tmp_path / "clip.mp4"), "-o", str(tmp_path / "here")) == 0
    assert process(tmp_path, "memory://films", "-r", "-o", "memory://out") == 0
    names = ["a.emoscope.mp4", "a.faces.csv", "a.summary.json"]
    assert server.find("/out") == [
        *(f"/out/{name}" for name in names),
        *(f"/out/deep/b{name[1:]}" for name in names),
    ]
    assert server.cat_file("/out/a.faces.csv") == (tmp_path / "here" / "clip.faces.csv").read_bytes()
    assert server.cat_file("/out/a.emoscope.mp4") == (tmp_path / "here" / "clip.emoscope.mp4").read_bytes()
    made = json.loads(server.cat_file("/out/a.summary.json"))["made"]["source"]
    assert made["path"] == "memory://films/a.mp4" and made["bytes"] == (tmp_path / "clip.mp4").stat().st_size
    assert made["modified_ns"] > 0 and len(made["quick_sha256"]) == 64
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()], "nothing is left on this machine"


@pytest.mark.parametrize(
    "arguments",
    [
        ("memory://nowhere/x.mp4",),
        ("memory://films/a.mp4", "memory://nowhere/x.mp4"),
        ("memory://films/a.mp4", "-o", "memory://nowhere/out"),
    ],
)
def test_a_bucket_that_is_missing_is_noticed_before_anything_is_done(
    arguments: tuple[str, ...],
    server: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(address, "BUCKETS", {"memory"})
    before = server.find("/")
    assert process(tmp_path, *arguments) == 1
    told = capsys.readouterr()
    assert told.err == "emoscope: memory://nowhere: there is no such bucket: correct its name, or make it first\n"
    assert told.out == "" and server.find("/") == before


def test_a_pattern_names_films_of_a_server(server: Any, tmp_path: Path) -> None:
    assert process(tmp_path, "memory://films/*/*.mp4", "--no-video") == 0
    assert sorted(server.find("/films/deep")) == [
        f"/films/deep/b{end}" for end in (".faces.csv", ".mp4", ".summary.json")
    ]


def test_resume_knows_what_is_done_and_what_has_changed(
    server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ("memory://films/a.mp4", "-o", "memory://out", "--no-video")
    assert process(tmp_path, *line) == 0
    assert process(tmp_path, *line) == 1
    assert "memory://out/a.faces.csv and 1 more results exist already" in capsys.readouterr().err
    assert process(tmp_path, *line, "--resume") == 0
    assert "done before: memory://out/a.summary.json" in capsys.readouterr().out
    server.pipe_file("/films/a.mp4", server.cat_file("/films/a.mp4") + b"more")
    assert process(tmp_path, *line, "--resume") == 1
    assert "was made from another state of the file" in capsys.readouterr().err


def test_rows_of_films_on_a_server_go_into_a_data_set(server: Any, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    line = ("memory://films", "-r", "--dataset", str(tmp_path / "set"), "--no-video")
    assert process(tmp_path, *line) == process(tmp_path, *line, "--resume") == 0
    rows = pandas.read_parquet(tmp_path / "set" / "rows")
    assert sorted(rows.film.unique()) == ["memory://films/a.mp4", "memory://films/deep/b.mp4"]
    assert len(rows) == 2 * FRAMES


def test_a_data_set_on_a_server_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert process(tmp_path, "memory://films/a.mp4", "--dataset", "memory://set") == 2
    assert "name a folder, and copy it when it is done" in capsys.readouterr().err


class Failing(MemoryFileSystem):  # type: ignore[misc]
    """A server that is away from a place in a file on, or when something is handed over; it keeps what others keep."""

    protocol = "failing"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(MemoryFileSystem._strip_protocol(path.replace("failing://", "memory://")))

    def _open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        class Away(io.BytesIO):
            def read(self, count: int | None = -1) -> bytes:
                if self.tell() > AWAY:
                    raise TimeoutError("the server does not answer")
                return super().read(count)

        return Away(self.store[path].getvalue())

    def put_file(self, *_: Any, **__: Any) -> None:
        raise RuntimeError("no room")


def test_a_server_that_goes_away_is_no_damage_of_the_film(
    server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fsspec.register_implementation("failing", Failing, clobber=True)
    assert process(tmp_path, "failing://films/a.mp4", "-o", str(tmp_path / "out")) == 1
    told = capsys.readouterr().err
    assert "failing://films/a.mp4" in told and "TimeoutError: the server does not answer" in told
    assert "damage" not in told and "report" not in told and not list((tmp_path / "out").iterdir())
    assert process(tmp_path, str(tmp_path / "clip.mp4"), "-o", "failing://out") == 1
    told = capsys.readouterr().err
    assert "cannot be written (RuntimeError: no room)" in told and "report" not in told


def test_what_a_server_says_has_a_number(server: Any) -> None:
    with pytest.raises(FileNotFoundError, match=r"memory://films/gone\.mp4") as gone:
        place_of("memory://films/gone.mp4").stat()
    assert gone.value.errno == errno.ENOENT
    assert not place_of("memory://films/gone.mp4").exists() and place_of("memory://films").is_dir()


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("nowhere://a/b.mp4", SourceError, "Protocol not known: nowhere.*: mount it as a folder"),
        ("s3://a/b.mp4", SystemLibraryError, r's3:// needs a package .*pip install "emoscope\[s3\]"'),
    ],
)
def test_what_cannot_be_reached_is_told(
    name: str, error: type[Exception], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)
    with pytest.raises(error, match=told):
        place_of(name)


def test_a_password_is_not_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    from emoscope.processing.record import path_of

    monkeypatch.setattr("emoscope.system.address._system", lambda name: None)
    assert path_of(place_of("sftp://me:secret@host/a.mp4")) == "sftp://…@host/a.mp4"


def test_a_film_that_moves_is_read_from_a_server(server: Any, tmp_path: Path) -> None:
    process(tmp_path, "memory://films/a.mp4", "-o", str(tmp_path / "out"))
    assert look(tmp_path / "out" / "a.emoscope.mp4").times == look(tmp_path / "clip.mp4").times
