"""`collect` and `status` from the outside: what they write and say of data sets and of tables beside films."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from emoscope.cli import run
from tests.realtime.archive.tables import write_table
from tests.realtime.media.films import make_film

NAMES = ("films", "faces", "shares", "transitions", "together", "courses")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    for name, faces in {"a": ("hhhhss", "..hhhh"), "b": ("snsnsn",), "deep/a": ("nnnnhh", "hhhhhh")}.items():
        write_table(tmp_path / "tables" / f"{name}.faces.csv", dict(enumerate(faces, start=1)))
    return tmp_path / "tables"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tables_and_a_page_of_all_films(tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["collect", str(tables), "-o", str(tmp_path / "out")]) == 0
    assert "3 films, 5 faces" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["collected.html", *(f"{name}.csv" for name in NAMES)]
    )
    films = rows(tmp_path / "out" / "films.csv")
    assert [Path(film["film"]).name for film in films] == ["a", "b", "a"]
    assert [float(film["share_happy"]) for film in films] == pytest.approx([0.8, 0, 8 / 12], abs=1e-6)
    shares = {row["emotion"]: row for row in rows(tmp_path / "out" / "shares.csv")}
    assert float(shares["happy"]["mean_share"]) == pytest.approx((0.8 + 8 / 12) / 3, abs=1e-6)
    assert shares["happy"]["interval"] == "bootstrap" and shares["happy"]["films"] == "3"
    page = (tmp_path / "out" / "collected.html").read_text("utf-8")
    assert page.count('src="data:image/svg+xml;base64,') == 4 and not re.search(r'(src|href)="(?!data:)', page)
    assert "What 3 films show" in page and "Of fewer than 10 films" in page


def test_a_data_set_says_the_same_as_the_tables_of_its_films(tmp_path: Path, tiny: str) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "films").mkdir()
    for number, name in enumerate("abc"):
        make_film(tmp_path / "films" / f"{name}.mp4", range(0, (9 + number) * 512, 512))
    how = ["process", str(tmp_path / "films"), "--model", tiny, "--no-video", "--no-chart", "--jobs", "1"]
    assert run([*how, "-o", str(tmp_path / "tables")]) == 0
    assert run([*how, "--dataset", str(tmp_path / "set")]) == 0
    for source in ("tables", "set"):
        assert run(["collect", str(tmp_path / source), "--format", "parquet"]) == 0
    import pyarrow.parquet

    for name in NAMES:
        one, two = (
            pyarrow.parquet.read_table(tmp_path / source / "collected" / f"{name}.parquet").to_pylist()
            for source in ("tables", "set")
        )
        for row in one + two:
            if "film" in row:
                row["film"] = Path(row["film"]).stem
        assert one == two and (one or name == "faces")


def test_spans_get_a_file_a_film_and_names_of_their_own(tables: Path, tmp_path: Path) -> None:
    assert run(["collect", str(tables), "-o", str(tmp_path / "out"), "--export", "vtt,eaf"]) == 0
    names = sorted(path.name for path in (tmp_path / "out" / "spans").iterdir())
    assert len(names) == 6 and {"a.eaf", "a.vtt", "b.eaf", "b.vtt"} < set(names)


def test_courses_around_events(tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "events.csv").write_text("film,time_s,event\na,0.2,<b>ask</b>\nb,0.2,<b>ask</b>\nnobody,1,x\n")
    where = ["-o", str(tmp_path / "out"), "--events", str(tmp_path / "events.csv")]
    assert run(["collect", str(tables), *where, "--before", "0.2", "--after", "0.3", "--step", "0.1"]) == 0
    courses = rows(tmp_path / "out" / "courses.csv")
    assert len(courses) == 5 * 3 and {row["event"] for row in courses} == {"<b>ask</b>"}
    assert {row["films"] for row in courses} == {"3"}
    page = (tmp_path / "out" / "collected.html").read_text("utf-8")
    assert "<b>" not in page and "&lt;b&gt;ask" in page
    assert "events of films that are not among these: nobody" in capsys.readouterr().err


def test_films_of_tables_are_found_by_their_names(
    tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from xml.etree import ElementTree

    (tmp_path / "films").mkdir()
    films = [make_film(tmp_path / "films" / f"s01.{name}.mp4", range(0, 9 * 512, 512)) for name in "ab"]
    how = ["--model", tiny, "--no-video", "--no-chart", "--jobs", "1"]
    assert run(["process", str(tmp_path / "films"), *how, "-o", str(tmp_path / "tables")]) == 0
    (tmp_path / "events.csv").write_text("film,time_s,event\ns01.a.mp4,0.1,ask\ns01.b,0.1,ask\n")
    asked = ["--events", str(tmp_path / "events.csv"), "--export", "vtt,eaf", "-o", str(tmp_path / "out")]
    assert run(["collect", str(tmp_path / "tables"), *asked]) == 0
    assert "not among these" not in capsys.readouterr().err
    spans = tmp_path / "out" / "spans"
    assert sorted(path.name for path in spans.iterdir()) == ["s01.a.eaf", "s01.a.vtt", "s01.b.eaf", "s01.b.vtt"]
    for film in films:
        (media,) = ElementTree.parse(spans / f"{film.stem}.eaf").iter("MEDIA_DESCRIPTOR")
        assert media.get("MEDIA_URL") == film.resolve().as_uri()
        assert media.get("RELATIVE_MEDIA_URL") == f"./{film.name}"


def test_a_film_that_was_done_again_in_another_format_counts_once(
    tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    film = str(make_film(tmp_path / "film.mp4", range(0, 9 * 512, 512)))
    how = ["process", film, "--model", tiny, "--no-video", "--no-chart", "-o", str(tmp_path / "tables")]
    assert run(how) == 0 and run([*how, "--rows", "jsonl", "--overwrite"]) == 0
    capsys.readouterr()
    assert run(["collect", str(tmp_path / "tables"), "-o", str(tmp_path / "out")]) == 0
    assert "1 film, " in capsys.readouterr().out
    (tmp_path / "tables" / "film.faces.csv").write_text("")
    assert run(["collect", str(tmp_path / "tables"), "-o", str(tmp_path / "out")]) == 1
    assert "two tables of one film" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["gone"], 1, "gone: no such file"),
        (["tables", "--step", "100"], 1, "0 steps of 100 s"),
        (["tables", "--export", "doc"], 2, "'doc' is none of eaf, vtt"),
        (["tables", "--events", "gone.csv"], 1, "gone.csv: cannot be read"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_collected_is_told(
    arguments: list[str],
    status: int,
    told: str,
    tables: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["collect", *arguments]) == status
    assert told in capsys.readouterr().err
    assert not (tmp_path / "tables" / "collected").exists()


def test_status_of_a_data_set(tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "films").mkdir()
    make_film(tmp_path / "films" / "a.mp4", range(0, 9 * 512, 512))
    (tmp_path / "films" / "b.mp4").write_bytes(b"nothing")
    how = ["process", str(tmp_path / "films"), "--model", tiny, "--no-video", "--no-chart", "--jobs", "1"]
    assert run([*how, "--dataset", str(tmp_path / "set")]) == 1
    capsys.readouterr()
    assert run(["status", str(tmp_path / "set")]) == 0
    told = capsys.readouterr().out
    assert "1 done, 1 failed, 0 running, 0 waiting, of 2" in told and "b.mp4: not a recording" in told
    assert "no run is at work: process --resume goes on" in told
    assert run(["status", str(tmp_path / "set"), "--list", "failed"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'films' / 'b.mp4'}\n"
    assert run(["status", str(tmp_path / "set"), "--json"]) == 0
    states = json.loads(capsys.readouterr().out)["states"]
    assert states == {"done": 1, "failed": 1, "running": 0, "queued": 0, "waiting": 0}
    assert run(["status", str(tmp_path / "films")]) == 1
    assert "holds no manifest" in capsys.readouterr().err


def test_status_while_runs_are_at_work(tmp_path: Path) -> None:
    from emoscope.archive.layout import Layout
    from emoscope.archive.manifest import Mark
    from emoscope.archive.status import status_of
    from emoscope.system.lease import Lease
    from tests.realtime.archive.films import finish, opened, path_of

    pytest.importorskip("pyarrow")
    layouts = [Layout(tmp_path, (part, 2)) for part in (1, 2)]
    for layout in layouts:
        layout.make()
    with Lease(layouts[0].lock, "one"), Lease(layouts[1].lock, "two"):
        for layout in layouts:
            with opened(layout) as manifest:
                for number in range(5):
                    manifest.list_film(path_of(number), path_of(number), "", "", Mark(1, 1))
                for film in manifest.due(3):
                    manifest.start(film.id)
                finish(manifest, layout, 0)
                manifest.all_listed()
                manifest.commit()
                status = status_of(tmp_path)
        assert (status.states["done"], status.states["waiting"], len(status.runs)) == (2, 6, 2)
        assert [one.film for one in status.running] == [path_of(1), path_of(2)] and status.running[0].run
        assert status.left_s is not None and status.left_s > 0
    assert status_of(tmp_path).runs == []


def test_one_film_of_one_face_is_told_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(tmp_path / "a.faces.csv", {1: "hhss"})
    assert run(["collect", str(tmp_path)]) == 0
    assert "1 film, 1 face, " in capsys.readouterr().out
