"""`process --dataset`: one Parquet data set for all films, with a manifest that knows what became of each."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import pytest

from emoscope.cli import run
from tests.command import EMOSCOPE
from tests.realtime.media.films import make_film
from tests.realtime.tiny import gray
from tests.waiting import until

pytest.importorskip("pyarrow")
NAMES = ("a", "b", "c")


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Three films of different lengths, one of them with a namesake in a folder below, and a picture."""
    folder = tmp_path / "films"
    (folder / "below").mkdir(parents=True)
    for number, name in enumerate((*NAMES, "below/a")):
        make_film(folder / f"{name}.mp4", range(0, (8 + number) * 512, 512))
    cv2.imwrite(str(folder / "face.jpg"), gray())
    return folder


def process(*arguments: str | Path, model: str) -> int:
    return run(["process", *map(str, arguments), "--model", model, "--no-video", "--no-chart", "--jobs", "1"])


def table(folder: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet

    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(folder / "rows").to_pylist()
    return rows


def states(folder: Path, manifest: str = "manifest.sqlite") -> dict[str, tuple[str, int, str]]:
    with closing(sqlite3.connect(folder / manifest)) as sql:
        found = sql.execute("SELECT film, state, attempts, error FROM films ORDER BY position")
        return {Path(film).name: tuple(rest) for film, *rest in found}  # type: ignore[misc]


def test_the_rows_of_all_films_are_one_table_and_nothing_stands_beside_a_film(
    films: Path, tmp_path: Path, tiny: str
) -> None:
    before = sorted(films.rglob("*"))
    assert process(films, "-r", "--dataset", tmp_path / "set", model=tiny) == 0
    assert sorted(films.rglob("*")) == before
    assert sorted(path.name for path in (tmp_path / "set").iterdir()) == ["drafts", "manifest.sqlite", "rows"]
    assert not list((tmp_path / "set" / "drafts").iterdir())
    rows = table(tmp_path / "set")
    assert list(dict.fromkeys(row["film"] for row in rows)) == [
        str(films / name) for name in ("a.mp4", "b.mp4", "below/a.mp4", "c.mp4", "face.jpg")
    ]
    assert len({(row["model"], row["settings"]) for row in rows}) == 1 and rows[0]["model"].startswith("tiny-")
    assert len({row["source"] for row in rows}) == 5

    assert process(films / "b.mp4", "-o", tmp_path / "plain", model=tiny) == 0
    with (tmp_path / "plain" / "b.faces.csv").open(encoding="utf-8", newline="") as file:
        plain = list(csv.DictReader(file))
    ours = [row for row in rows if row["film"] == str(films / "b.mp4")]
    assert len(ours) == len(plain) == 9
    for row, other in zip(ours, plain, strict=True):
        assert {name: row[name] for name in ("frame", "time_s")} == {
            "frame": int(other["frame"]),
            "time_s": float(other["time_s"]),
        }
        assert all((row[name] is None) == (other[name] == "") for name in other)


def test_other_programs_read_the_folder_at_once(films: Path, tmp_path: Path, tiny: str) -> None:
    pandas = pytest.importorskip("pandas")
    assert process(films, "-r", "--dataset", tmp_path / "set", model=tiny) == 0
    rows = table(tmp_path / "set")
    frame = pandas.read_parquet(tmp_path / "set" / "rows")
    assert len(frame) == len(rows) and set(frame.columns) == set(rows[0])
    polars = pytest.importorskip("polars")
    frame = polars.read_parquet(tmp_path / "set" / "rows")
    assert frame.height == len(rows) and set(frame.columns) == set(rows[0])
    assert frame["settings"].dtype == polars.String


def test_it_goes_on_where_it_was_left(
    films: Path, tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (films / "b.mp4").write_bytes(b"nothing")
    assert process(films, "--dataset", tmp_path / "set", model=tiny) == 1
    assert states(tmp_path / "set")["b.mp4"][:2] == ("failed", 1)
    assert process(films, "--dataset", tmp_path / "set", model=tiny) == 1
    assert "--resume skips what is done, --overwrite does it again" in capsys.readouterr().err
    make_film(films / "b.mp4", range(0, 9 * 512, 512))
    make_film(films / "d.mp4", range(0, 5 * 512, 512))
    assert process(films, "--dataset", tmp_path / "set", "--resume", model=tiny) == 0
    assert "total: 2 done, 3 skipped" in capsys.readouterr().out
    assert states(tmp_path / "set")["b.mp4"] == ("done", 2, None)
    films_of = list(dict.fromkeys(Path(row["film"]).name for row in table(tmp_path / "set")))
    assert films_of == ["a.mp4", "b.mp4", "c.mp4", "face.jpg", "d.mp4"]


def test_a_film_of_several_names_is_done_once_whichever_run_did_it(films: Path, tmp_path: Path, tiny: str) -> None:
    (films / "z.mp4").symlink_to(films / "a.mp4")
    line = [str(films), "--dataset", str(tmp_path / "set"), "-o", str(tmp_path / "out"), "--model", tiny, "--no-video"]
    assert run(["process", *line, "--jobs", "1"]) == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert not [path for path in before if path.name.startswith("z")]
    assert run(["process", *line, "--jobs", "1", "--resume"]) == 0
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert {told[:2] for told in states(tmp_path / "set").values()} == {("done", 1)}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--every", "2"], "with --every 1, not 2"), (["--detector", "yunet"], "with --detector auto, not yunet")],
)
def test_other_settings_are_not_the_same_rows(
    arguments: list[str], told: str, films: Path, tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert process(films, "--dataset", tmp_path / "set", model=tiny) == 0
    for wish in ("--resume", "--overwrite"):
        assert process(films, "--dataset", tmp_path / "set", wish, *arguments, model=tiny) == 1
        assert told in capsys.readouterr().err
    assert process(films, "--dataset", tmp_path / "set", *arguments, model=tiny) == 0
    assert len({row["settings"] for row in table(tmp_path / "set")}) == 2
    assert process(films, "--dataset", tmp_path / "set", "--resume", *arguments, model=tiny) == 0


def test_other_classes_are_another_data_set(
    films: Path, tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert process(films, "--dataset", tmp_path / "set", model=tiny) == 0
    assert process(films, "--dataset", tmp_path / "set", model="gmp") == 1
    assert "holds rows with other columns" in capsys.readouterr().err


def test_a_film_that_has_changed_is_told_and_the_rest_is_done(
    films: Path, tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert process(films, "--dataset", tmp_path / "set", model=tiny) == 0
    before = table(tmp_path / "set")
    make_film(films / "a.mp4", range(0, 20 * 512, 512))
    make_film(films / "d.mp4", range(0, 5 * 512, 512))
    os.utime(films / "c.mp4", (1, 1))
    assert process(films, "--dataset", tmp_path / "set", "--resume", model=tiny) == 1
    assert "a.mp4: its rows were made from another state of the file" in capsys.readouterr().err
    assert table(tmp_path / "set")[: len(before)] == before and len(table(tmp_path / "set")) == len(before) + 5
    assert process(films, "--dataset", tmp_path / "set", "--overwrite", model=tiny) == 0
    assert len(table(tmp_path / "set")) == len(before) + 5 + 20 - 8


def test_rows_whose_file_is_gone_are_made_again(films: Path, tmp_path: Path, tiny: str) -> None:
    folder = tmp_path / "set"
    assert process(films, "--dataset", folder, model=tiny) == 0
    (part,) = (folder / "rows").rglob("*.parquet")
    whole = part.read_bytes()
    part.unlink()
    assert process(films, "--dataset", folder, "--resume", model=tiny) == 0
    assert part.read_bytes() == whole


def test_a_damaged_file_of_rows_ends_a_resumed_run_before_its_first_film(
    films: Path, tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "set"
    assert process(films, "--dataset", folder, model=tiny) == 0
    (part,) = (folder / "rows").rglob("*.parquet")
    part.write_bytes(part.read_bytes()[:-100])
    capsys.readouterr()
    assert process(films, "--dataset", folder, "--resume", model=tiny) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "damaged" in error and "move it away" in error


@pytest.mark.parametrize("manifest", ["gone", "empty"])
def test_rows_of_which_no_manifest_knows_end_a_run_before_its_first_film(
    manifest: str, films: Path, tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "set"
    assert process(films, "--dataset", folder, model=tiny) == 0
    (folder / "manifest.sqlite").unlink()
    if manifest == "empty":
        (folder / "manifest.sqlite").touch()
    capsys.readouterr()
    for _ in range(2):
        assert process(films / "c.mp4", "--dataset", folder, "--resume", model=tiny) == 1
        captured = capsys.readouterr()
        assert "of which no manifest knows" in captured.err and "total" not in captured.out + captured.err


def test_parts_of_an_array_do_every_film_once(films: Path, tmp_path: Path, tiny: str) -> None:
    for number in range(8):
        make_film(films / f"more{number}.mp4", range(0, 3 * 512, 512))
    for part in (1, 2, 3):
        assert process(films, "-r", "--dataset", tmp_path / "set", "--shard", f"{part}/3", model=tiny) == 0
    rows = table(tmp_path / "set")
    done = [set(states(tmp_path / "set", f"manifest-{part}-of-3.sqlite")) for part in (1, 2, 3)]
    assert all(done) and len({row["film"] for row in rows}) == 13 == len(list(films.rglob("*.*")))
    assert process(films, "-r", "--dataset", tmp_path / "one", model=tiny) == 0
    assert _sorted(rows) == _sorted(table(tmp_path / "one"))


def test_parts_without_a_data_set_do_every_film_once(films: Path, tmp_path: Path, tiny: str) -> None:
    for part in (1, 2):
        assert process(films, "-o", tmp_path / "out", "--shard", f"{part}/2", model=tiny) == 0
    assert len(list((tmp_path / "out").glob("*.faces.csv"))) == 4


def test_what_another_run_writes_is_skipped_and_told(
    films: Path, tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "manifest.lock").write_text('{"host": "elsewhere", "place": "elsewhere", "process": 7}')
    assert process(films, "--dataset", tmp_path / "set", model=tiny) == 0
    assert "process 7 on elsewhere is working on it; --shard i/n shares the work" in capsys.readouterr().out


def test_films_with_their_rows_in_a_data_set(films: Path, tmp_path: Path, tiny: str) -> None:
    wish = [
        "process",
        films,
        "-r",
        "--model",
        tiny,
        "--dataset",
        tmp_path / "set",
        "-o",
        tmp_path / "out",
        "--no-chart",
    ]
    assert run([*map(str, wish), "--preset", "ultrafast"]) == 0
    names = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert names == sorted(
        [f"{name}{end}" for name in (*NAMES, "below/a") for end in (".emoscope.mp4", ".summary.json")]
        + ["face.emoscope.png", "face.summary.json"]
    )
    (tmp_path / "out" / "b.emoscope.mp4").unlink()
    assert run([*map(str, wish), "--preset", "ultrafast", "--resume"]) == 0
    assert (tmp_path / "out" / "b.emoscope.mp4").exists()
    assert len(table(tmp_path / "set")) == 8 + 9 + 10 + 11 + 1


def test_a_run_that_was_killed_loses_no_film_that_was_done(films: Path, tmp_path: Path, tiny: str) -> None:
    make_film(films / "z.mp4", range(0, 4000 * 512, 512))
    command = [*EMOSCOPE, "process", str(films), "-r", "--model", tiny, "--no-video", "--no-chart", "--dataset"]
    with subprocess.Popen([*command, str(tmp_path / "set")], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run_:
        until(lambda: run_.poll() is not None or len(drafts(tmp_path / "set")) >= 5)
        assert run_.poll() is None
        run_.send_signal(signal.SIGKILL)
    made = {path.name: path.stat().st_mtime_ns for path in drafts(tmp_path / "set")}
    with closing(sqlite3.connect(tmp_path / "set" / "manifest.sqlite")) as sql:
        sql.execute("DELETE FROM films WHERE film LIKE '%/c.mp4'")  # as if the disk had not heard of it
        sql.commit()
    make_film(films / "z.mp4", range(0, 10 * 512, 512))
    done = subprocess.run([*command, str(tmp_path / "set"), "--resume"], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "") and "total: 1 done, 5 skipped" in done.stdout, made
    assert process(films, "-r", "--dataset", tmp_path / "one", model=tiny) == 0
    assert _sorted(table(tmp_path / "set")) == _sorted(table(tmp_path / "one"))


def drafts(folder: Path) -> list[Path]:
    """Rows of films that are done."""
    return list((folder / "drafts").glob("*.faces.parquet"))


def _sorted(rows: list[dict[str, Any]]) -> list[list[tuple[str, Any]]]:
    return sorted((sorted(row.items()) for row in rows), key=str)


def test_three_runs_at_once_do_every_film_once(films: Path, tmp_path: Path, tiny: str) -> None:
    """One writes the data set; the others leave it alone and say so, or come when it is done and find all done."""
    command = [*EMOSCOPE, "process", str(films), "-r", "--model", tiny, "--no-video", "--no-chart", "--jobs", "1"]
    wish = [*command, "--dataset", str(tmp_path / "set"), "--resume"]
    runs = [subprocess.Popen(wish, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    told = [run_.communicate(timeout=300) for run_ in runs]
    assert [(run_.returncode, err) for run_, (_, err) in zip(runs, told, strict=True)] == [(0, "")] * 3
    done = [line for out, _ in told for line in out.splitlines() if " frames/s" in line and ".mp4:" in line]
    assert sorted(line.partition(":")[0] for line in done) == ["a.mp4", "a.mp4", "b.mp4", "c.mp4"]
    assert {attempts for _, attempts, _ in states(tmp_path / "set").values()} == {1}
    assert len(table(tmp_path / "set")) == 8 + 9 + 10 + 11 + 1
    assert not list((tmp_path / "set").glob("*.lock"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no names that are no text")
@pytest.mark.parametrize("cluster", [(), ("--cluster", "local")], ids=["here", "cluster"])
def test_names_that_are_no_text_and_differ_in_one_byte_are_two_films(
    cluster: tuple[str, ...], tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if cluster:
        pytest.importorskip("distributed")
    folder = tmp_path / os.fsdecode(b"of\xe9")
    folder.mkdir()
    for number, name in enumerate((b"caf\xe8.mp4", b"caf\xe9.mp4")):
        make_film(folder / "clip.mp4", range(0, (4 + number) * 512, 512)).rename(folder / os.fsdecode(name))
    asked = (folder.parent, "-r", "--dataset", tmp_path / "set", "-o", tmp_path / "out", *cluster)
    assert process(*asked, model=tiny) == 0
    frames = Counter(Path(row["film"]).name for row in table(tmp_path / "set"))
    assert frames == {r"caf\xe8.mp4": 4, r"caf\xe9.mp4": 5}
    capsys.readouterr()
    assert process(*asked, "--resume", model=tiny) == 0
    assert capsys.readouterr().out.count("done before") == 2
