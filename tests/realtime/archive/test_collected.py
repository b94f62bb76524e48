"""What is said of many films, held against hand-made films whose numbers can be counted."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emoscope.archive.collected import Collected, short_names
from emoscope.archive.events import Events, TimeWindow, read_events
from emoscope.archive.film_figures import FilmFigures
from emoscope.archive.intervals import Mean, bootstrap, interval, t_quantile
from emoscope.archive.span_files import eaf, spans_of, vtt
from emoscope.archive.tables import films_of
from emoscope.errors import SourceError
from emoscope.report.rows import FORMATS, CsvRows, JsonRows
from emoscope.report.summary import Summary
from emoscope.types import Face, Prediction, Reading
from tests.realtime.archive.tables import write_table
from tests.realtime.tiny import LABELS, face
from tests.realtime.tiny import reading as tiny_reading

HAPPY, SAD, NEUTRAL = range(3)


def film(tmp_path: Path, *faces: str, name: str = "film") -> FilmFigures:
    path = write_table(tmp_path / f"{name}.faces.csv", dict(enumerate(faces, start=1)))
    return FilmFigures(next(films_of([path])))


def collected(*films: FilmFigures, window: TimeWindow | None = None) -> Collected:
    found = Collected(LABELS, window or TimeWindow(0, 1, 0.5))
    for one in films:
        found.add(one)
    return found


def test_time_and_changes_of_a_face(tmp_path: Path) -> None:
    (one,) = film(tmp_path, "hhh.su.ssnn").faces
    assert one.seconds == pytest.approx([0.3, 0.3, 0.2]) and one.unreadable_s == pytest.approx(0.1)
    # happy → sad over a gap of a frame; sad → unreadable is no change; sad → neutral is.
    assert one.followed.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert [(span.emotion, round(span.start_s, 3), round(span.end_s, 3)) for span in one.spans] == [
        ("happy", 0.0, 0.3),
        ("sad", 0.4, 0.5),
        ("sad", 0.7, 0.9),
        ("neutral", 0.9, 1.1),
    ]


def test_a_face_that_was_gone_for_long_has_not_changed(tmp_path: Path) -> None:
    assert film(tmp_path, "hh......ss").followed.sum() == 0
    assert film(tmp_path, "hh....ss").followed.sum() == 1


@pytest.mark.parametrize("form", FORMATS)
def test_a_face_whose_rest_nobody_knows_counts_with_its_plain_answer(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"film.faces.{form}"
    known = replace(tiny_reading(face(track=1), best=SAD), plain=tiny_reading(best=HAPPY).prediction)
    with FORMATS[form](path, LABELS, relative=True) as rows:
        rows.add(0, 0.0, [known, tiny_reading(face(track=2), best=NEUTRAL)])
        rows.add(1, 0.1, [])
    (found,) = films_of([path])
    assert found.faces.tolist() == [1, 2, -1]
    assert found.emotions.tolist() == [SAD, NEUTRAL, -1]
    np.testing.assert_array_equal(found.probabilities[:2].argmax(1), [SAD, NEUTRAL])
    assert np.isnan(found.probabilities[2]).all()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("first", ["own", "plain"])
def test_answers_with_and_without_peoples_own_rest_are_not_counted_together(
    first: str, form: str, tmp_path: Path
) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    for name in ("own", "plain"):
        with FORMATS[form](tmp_path / f"{name}.faces.{form}", LABELS, relative=name == "own") as rows:
            rows.add(0, 0.0, [tiny_reading(face(track=1), best=SAD)])
    paths = sorted(tmp_path.iterdir(), key=lambda path: not path.name.startswith(first))
    with pytest.raises(SourceError, match=r"plain was processed without --baseline, and others with it: collect them"):
        list(films_of(paths))


def test_the_figures_of_a_film_are_those_of_its_summary(tmp_path: Path) -> None:
    random, summary = np.random.default_rng(3), Summary(LABELS)
    path, time_s = tmp_path / "film.faces.csv", 0.0
    with CsvRows(path, LABELS) as rows:
        for frame in range(400):
            seen = [reading(track, random) for track in (1, 2, 3) if random.random() < 0.8]
            rows.add(frame, time_s, seen)
            summary.add(round(time_s, 6), seen)
            time_s += float(random.choice([0.02, 0.04, 0.9], p=[0.5, 0.45, 0.05]))
    summary.close()
    told, ours = summary.as_json(), FilmFigures(next(films_of([path])))
    assert ours.shares == pytest.approx(list(told["share_of_time"].values()), abs=2e-6)
    assert [one.face for one in ours.faces] == [one["face"] for one in told["faces"]]
    for mine, other in zip(ours.faces, told["faces"], strict=True):
        assert int(mine.followed.sum()) == other["changes"]
        assert mine.seen_s == pytest.approx(other["seen_s"], abs=1e-5)
        assert mine.unreadable_s == pytest.approx(other["unreadable_s"], abs=1e-5)
        longest = sorted((span.seconds for span in mine.spans), reverse=True)[:5]
        assert longest == pytest.approx([span["seconds"] for span in other["longest_spans"]], abs=1e-5)


def reading(track: int, random: np.random.Generator) -> Reading:
    shares = random.dirichlet([0.4] * len(LABELS)).astype(np.float32)
    of: Face = face(track=track)
    crop = np.zeros((4, 4), np.uint8)
    return Reading(of, of.box_xyxy, crop, Prediction(LABELS, shares, readable=bool(random.random() < 0.9)))


def test_every_format_gives_the_same_figures(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    frames = [(frame, [reading(1, random)] if frame % 4 else []) for frame in range(50)]
    kinds = [CsvRows, JsonRows]
    if pytest.importorskip("pyarrow"):
        from emoscope.report.rows import ParquetRows

        kinds.append(ParquetRows)
    figures = []
    for kind in kinds:
        path = tmp_path / f"film.faces{kind.suffix}"
        with kind(path, LABELS) as rows:
            for frame, seen in frames:
                rows.add(frame, frame / 25, seen)
        figures.append(FilmFigures(next(films_of([path]))))
    first, *others = figures
    assert first.frames == 50 and first.film == str(tmp_path / "film")
    for other in others:
        assert other.seconds == pytest.approx(first.seconds) and other.film == first.film
        assert (other.followed == first.followed).all()


def test_what_faces_show_together(tmp_path: Path) -> None:
    together = film(tmp_path, "hhhs.", "hssu.", "..hh.").together
    # frame 0: h h; 1: h s; 2: three pairs hs hh sh; 3: s h (u is nobody)
    expected = np.zeros((3, 3))
    expected[HAPPY, HAPPY] = 0.1 + 0.1 / 3
    expected[HAPPY, SAD] = expected[SAD, HAPPY] = 0.05 + 0.1 / 3 + 0.05
    assert together == pytest.approx(expected)
    assert together.sum() == pytest.approx(0.4), "each moment counts once"
    assert film(tmp_path, "hhss").together.sum() == 0


def test_faces_that_agree_more_than_by_chance(tmp_path: Path) -> None:
    both = collected(film(tmp_path, "hhhsss", "hhhsss"), film(tmp_path, "hhss", "sshh"))
    same, chance, more = both.agreeing.mean
    assert (same, chance, more) == pytest.approx((0.5, 0.5, 0.0))
    (low,), (high,) = (end[2:] for end in both.agreeing.interval())
    assert low == pytest.approx(-t_quantile(1) * 0.5) and high == -low
    assert both.expected_together().sum() == pytest.approx(both.together.sum())


def test_shares_are_means_over_films_not_over_time(tmp_path: Path) -> None:
    found = collected(film(tmp_path, "h" * 90 + "s" * 10), film(tmp_path, "s"), film(tmp_path, "u.u"))
    mean, low, high, method = found.mean_shares()
    assert mean == pytest.approx([0.45, 0.55, 0]) and method == "bootstrap"
    assert (low <= mean).all() and (mean <= high).all() and low[HAPPY] == 0 and high[HAPPY] == pytest.approx(0.9)
    assert (found.films, found.films_read, found.faces) == (3, 2, 3)
    assert found.seconds[HAPPY] / found.seconds.sum() == pytest.approx(9 / 10.04)


def test_what_follows_is_a_mean_over_the_films_in_which_something_does(tmp_path: Path) -> None:
    found = collected(film(tmp_path, "hshsn"), film(tmp_path, "hn"), film(tmp_path, "hhh"))
    assert found.followed.tolist() == [[0, 2, 1], [1, 0, 1], [0, 0, 0]]
    assert found.following.mean[HAPPY].tolist() == [0, 0.5, 0.5]
    assert found.following.count[:, 0].tolist() == [2, 1, 0] and np.isnan(found.following.mean[NEUTRAL]).all()


def test_courses_lie_upon_one_another_at_their_moments(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(
        "film,time_s,event\none.mp4,0.5,ask\none,1.0,ask\n/films/two.mp4,0.5,ask\ngone,1,ask\n"
    )
    events = read_events(tmp_path / "events.csv")
    found = Collected(LABELS, TimeWindow(0.2, 0.3, 0.1), events)
    first = film(tmp_path, "hhhhhsssssnnnnn")
    for name in ("/films/one.mp4", "/films/two.mp4"):
        first.film = first.source = name
        found.add(first)
    course = found.courses.means["ask"]
    assert course.count[:, 0].tolist() == [2] * 5 and found.courses.moments["ask"] == 3
    # two.mp4 is aligned at 0.5 s alone, one.mp4 at 0.5 and 1.0 s: before: happy, and happy/sad in equal parts
    assert course.mean[0] == pytest.approx([(0.8 + 0.45) / 2, (0.1 + 0.45) / 2, 0.1])
    assert course.mean[4] == pytest.approx([0.1, (0.8 + 0.45) / 2, (0.1 + 0.45) / 2])
    assert events.unused == {"gone"}


@pytest.mark.parametrize(
    ("named", "film", "source", "found"),
    [
        ("s01.a.mp4", "cr/s01.a", "/films/s01.a.mp4", True),
        ("s01.a", "cr/s01.a", "/films/s01.a.mp4", True),
        ("/films/s01.a.mp4", "cr/s01.a", "/films/s01.a.mp4", True),
        ("s01", "cr/s01.a", "/films/s01.a.mp4", False),
        ("s01.a.mp4", "cr/s01.a", "", True),
        ("s01.b.mp4", "cr/s01.a", "", False),
        ("s01", "cr/s01.a", "", False),
        ("one.jpg", "cr/one", "/films/one.mov", False),
        ("one.mov", "cr/one.mov", "/films/one.mov", True),
        ("link.mp4", "cr/link", "/store/5eed.mp4", True),
    ],
)
def test_events_find_films_by_path_name_and_stem(named: str, film: str, source: str, found: bool) -> None:
    events = Events({named: [(1.0, "ask")]}, {named})
    assert events.of(film, source) == [(1.0, "ask")] * found
    assert events.unused == (set() if found else {named})


def test_a_course_from_the_start_ends_with_the_film(tmp_path: Path) -> None:
    found = collected(film(tmp_path, "hhhhhss"), film(tmp_path, "hhh"), window=TimeWindow(0, 1.2, 0.3))
    course = found.courses.means["start"]
    assert course.count[:, 0].tolist() == [2, 1, 1, 0] and np.isnan(course.mean[3]).all()
    assert course.mean[0] == pytest.approx([0.8, 0.1, 0.1])
    low, high = course.interval()
    assert np.isnan(low[1]).all(), "one film alone tells no interval"
    assert low[0] == pytest.approx(high[0])


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("name,when\na,1\n", "does not name the columns film and time_s"),
        ("film,time_s\na,soon\n", "line 2: 'soon' is no time"),
        ("film,time_s\na,nan\n", "line 2: 'nan' is no time"),
        ("film,time_s\n", "names no event"),
    ],
)
def test_events_that_are_none_are_told(written: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(written)
    with pytest.raises(SourceError, match=told):
        read_events(tmp_path / "events.csv")


@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 12.7062), (2, 4.30265), (9, 2.26216), (30, 2.04227), (10**6, 1.95997)]
)
def test_quantiles_are_those_of_the_printed_tables(freedom: int, value: float) -> None:
    assert t_quantile(freedom) == pytest.approx(value, rel=2e-6)


def test_sums_as_they_come_are_the_mean_and_the_interval_of_all() -> None:
    values = np.random.default_rng(0).normal(5, 2, (20, 3))
    values[4, 1] = np.nan
    mean = Mean((3,))
    for one in values:
        mean.add(one)
    known = values[~np.isnan(values[:, 1]), 1]
    low, high = mean.interval()
    wide = t_quantile(18) * known.std(ddof=1) / math.sqrt(19)
    assert mean.mean[1] == pytest.approx(known.mean()) and mean.count.tolist() == [20, 19, 20]
    assert (low[1], high[1]) == pytest.approx((known.mean() - wide, known.mean() + wide))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Of shares that are drawn 200 times for 40 films, at least nine of ten intervals hold their mean."""
    random, truth = np.random.default_rng(5), np.array([0.2, 0.3, 0.5])
    held = 0
    for _ in range(200):
        low, high = bootstrap(random.dirichlet(truth * 4, 40), draws=400)
        held += ((low <= truth) & (truth <= high)).sum()
    assert 0.9 < held / 600 < 0.98


def test_the_bootstrap_and_t_agree_where_films_are_many() -> None:
    shares = np.random.default_rng(2).dirichlet([1, 2, 3], 10_001)
    *ends, method = interval(shares)
    assert method == "t"
    for ours, other in zip(ends, bootstrap(shares), strict=True):
        assert ours == pytest.approx(other, abs=5e-4)


def test_names_are_as_long_as_it_takes() -> None:
    films = ["/a/b/one.mp4", "/a/c/one.mp4", "/a/c/two.mp4"]
    assert short_names(films) == dict(zip(films, ["b/one.mp4", "c/one.mp4", "two.mp4"], strict=True))
    assert short_names(["same", "same"]) == {"same": "same"}


def test_spans_as_subtitles(tmp_path: Path) -> None:
    one = film(tmp_path, "hhhhhssnnn", "....ssssss")
    assert vtt(one, spans_of(one, 0.25)).splitlines()[2:] == [
        "00:00:00.000 --> 00:00:00.500",
        "<v face 1>happy",
        "",
        "00:00:00.400 --> 00:00:01.000",
        "<v face 2>sad",
        "",
        "00:00:00.700 --> 00:00:01.000",
        "<v face 1>neutral",
    ]


def test_spans_for_elan(tmp_path: Path) -> None:
    from xml.etree import ElementTree

    one = film(tmp_path, "hhhhhssnnn", "....ssssss", name="a & b <c>")
    document = ElementTree.fromstring(eaf(one, spans_of(one)))
    order = ["HEADER", "TIME_ORDER", "TIER", "TIER", "LINGUISTIC_TYPE", "LANGUAGE", "CONTROLLED_VOCABULARY"]
    assert [child.tag for child in document] == order
    times = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE") or -1) for slot in document.iter("TIME_SLOT")}
    entries = {entry.get("CVE_ID"): entry.findtext("CVE_VALUE") for entry in document.iter("CV_ENTRY_ML")}
    assert tuple(entries.values()) == LABELS
    found = []
    for tier in document.iter("TIER"):
        for part in tier.iter("ALIGNABLE_ANNOTATION"):
            ends = times[part.get("TIME_SLOT_REF1")], times[part.get("TIME_SLOT_REF2")]
            assert entries[part.get("CVE_REF")] == part.findtext("ANNOTATION_VALUE")
            found.append((tier.get("TIER_ID"), *ends, part.findtext("ANNOTATION_VALUE")))
    assert found == [
        ("face 1", 0, 500, "happy"),
        ("face 1", 500, 700, "sad"),
        ("face 1", 700, 1000, "neutral"),
        ("face 2", 400, 1000, "sad"),
    ]


def test_no_film_counts_twice(tmp_path: Path) -> None:
    one = write_table(tmp_path / "cr" / "a.faces.csv", {1: "hh"})
    write_table(tmp_path / "cr" / "deep" / "a.faces.csv", {1: "hh"})
    assert len(list(films_of([tmp_path / "cr"]))) == 2
    with pytest.raises(SourceError, match="is named twice"):
        list(films_of([tmp_path / "cr", one]))
    two = one.with_suffix(".jsonl")
    two.write_text("")
    for paths in ([tmp_path / "cr"], [one, two]):
        with pytest.raises(SourceError, match=r"two tables of one film: .*a\.faces\.csv, .*a\.faces\.jsonl: keep one"):
            list(films_of(paths))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_table_may_begin_with_the_mark_that_excel_writes(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.faces{suffix}"
    with (CsvRows if suffix == ".csv" else JsonRows)(path, LABELS) as rows:
        rows.add(0, 0.0, [])
    path.write_text(path.read_text("utf-8"), "utf-8-sig")
    assert next(films_of([path])).frames.tolist() == [0]


def test_what_is_no_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.jsonl").write_text(json.dumps({"x": 1}) + "\n")
    (tmp_path / "c.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty").mkdir()
    write_table(tmp_path / "d.faces.csv", {1: "hh"})
    broken = (tmp_path / "d.faces.csv").read_text().replace(",0.9,happy,", ",0.9,bored,")
    (tmp_path / "d.faces.csv").write_text(broken)
    for name in ("a.csv", "b.jsonl", "c.csv", "d.faces.csv", "empty", "gone", "gone.csv"):
        with pytest.raises(SourceError, match=name):
            list(films_of([tmp_path / name]))
