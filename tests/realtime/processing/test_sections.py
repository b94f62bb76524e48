"""Films that are done section by section: nothing is lost or doubled at the seams, numbers go on, ended runs too."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from emoscope.faces.appearance import Appearance, Colours
from emoscope.media.encoding import Encoding
from emoscope.media.span import Span
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.processing.batch import results_of
from emoscope.processing.film import Outcome, process_film
from emoscope.processing.pool import process_at_once
from emoscope.processing.record import Maker
from emoscope.processing.section import Part
from emoscope.processing.sections import Handover, Numbers, Sections, joined, sight
from emoscope.processing.settings import AUTO, Settings
from emoscope.processing.unfinished import Looked, SectionDone, Unfinished
from emoscope.reading.session import Memory, Session
from emoscope.reading.smoothing import Remembered, Said
from emoscope.types import Face, Raster
from emoscope.view.state import first_state
from tests.realtime.media.films import damage, look, make_film, stripes
from tests.realtime.processing.runs import ignore, rows
from tests.realtime.tiny import LABELS, FixedFinder, face, reading, write_bundle

SECONDS = 2
FRAMES = 200
"""At 30 a second: three sections of two seconds, and a part of a fourth."""


class Walking(FixedFinder):
    """Sees one face that stays and one that comes and goes; numbers begin with 1 in whoever is fresh."""

    def __init__(self) -> None:
        super().__init__()
        self._known: list[str] = []

    def find(self, image: Raster, time_s: float) -> list[Face]:  # type: ignore[override]
        there = {"stays": face(x=20 + 4 * time_s, y=30)}
        there |= {"comes": face(x=100, y=40)} if 2.5 < time_s < 4.6 or time_s > 6.3 else {}
        self._known += [name for name in there if name not in self._known]
        return [replace(one, track=1 + self._known.index(name)) for name, one in there.items()]

    def fresh(self) -> Walking:
        return Walking()

    def reset(self, anew: bool = False) -> None:
        self._known.clear()


@contextmanager
def opened(folder: Path) -> Iterator[Session]:
    yield Session(Walking(), Network(open_bundle(str(folder / "tiny.onnx")), "cpu"))  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "model").mkdir()
    write_bundle(tmp_path / "model")
    maker = Maker({}, {}, "model", "detector")
    how: dict[str, Any] = {"encoding": Encoding(preset="ultrafast"), "maker": maker, "section_s": SECONDS}
    return Settings(partial(opened, tmp_path / "model"), first_state, **how)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make_film(tmp_path / "clip.mp4", range(0, FRAMES * 512, 512), size=(160, 120), sound=("aac",))


def done(source: Path, folder: Path, settings: Settings, end_at: Iterable[int] = ()) -> Outcome:
    """Processes a film, ended after so many frames first, each time gone on with; as another process would."""
    results, settings = results_of(source, folder, settings), replace(settings, resume=True)
    folder.mkdir(exist_ok=True)
    for frames in end_at:

        def end(count: int, share: float | None, last: int = frames) -> None:
            if count == last:
                raise KeyboardInterrupt

        with settings.open_session() as session:
            assert process_film(results, session, settings, end).interrupted
    with settings.open_session() as session:
        return process_film(results, session, settings, ignore)


def held(folder: Path) -> dict[str, bytes]:
    """All that a folder holds."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if ".partial." not in path.name}


def test_joined_sections_keep_every_picture_its_time_and_the_sound(
    film: Path, settings: Settings, tmp_path: Path
) -> None:
    outcome = done(film, tmp_path / "out", settings)
    old, new = look(film), look(tmp_path / "out" / "clip.emoscope.mp4")
    assert (outcome.frames, outcome.damage, outcome.notes) == (FRAMES, "", [])
    assert (new.times, new.sound) == (old.times, old.sound)
    with av.open(str(tmp_path / "out" / "clip.emoscope.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        decoded = [packet.dts for packet in packets]
        assert decoded == sorted(set(decoded)) and all(packet.dts <= packet.pts for packet in packets)
        keys = [float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe]
    assert [at for at in keys if at in (0, 2, 4, 6)] == [0, 2, 4, 6], "each section begins with a key frame"
    assert [int(row["frame"]) for row in rows(tmp_path / "out" / "clip.faces.csv") if row["face"] == "1"] == list(
        range(FRAMES)
    )
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "clip.emoscope.mp4",
        "clip.faces.csv",
        "clip.summary.json",
        "clip.timeline.png",
    ]


def test_numbers_go_on_over_seams_and_are_given_once(film: Path, settings: Settings, tmp_path: Path) -> None:
    done(film, tmp_path / "out", settings)
    times: dict[str, list[float]] = {}
    for row in rows(tmp_path / "out" / "clip.faces.csv"):
        times.setdefault(row["face"], []).append(float(row["time_s"]))
    spans = {number: (round(min(at), 1), round(max(at), 1)) for number, at in times.items()}
    assert spans == {"1": (0.0, 6.6), "2": (2.6, 4.6), "3": (6.4, 6.6)}


@pytest.mark.parametrize("seed", range(4))
def test_a_run_that_was_ended_anywhere_ends_the_same(seed: int, film: Path, settings: Settings, tmp_path: Path) -> None:
    chance = random.Random(seed)
    done(film, tmp_path / "whole", settings)
    ended = sorted(chance.randrange(1, FRAMES) for _ in range(3))
    done(film, tmp_path / "ended", settings, ended)
    assert held(tmp_path / "ended") == held(tmp_path / "whole")


@pytest.mark.parametrize(
    "changes",
    [
        {"video": False},
        {"blur": True},
        {"baseline": AUTO},
        {"every": 7},
        {"span": Span(0.5, 6.0)},
        {"encoding": Encoding("libx265", preset="ultrafast")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_it_does_whatever_is_asked(changes: dict[str, object], film: Path, settings: Settings, tmp_path: Path) -> None:
    asked = replace(settings, **changes)  # type: ignore[arg-type]
    done(film, tmp_path / "whole", asked)
    done(film, tmp_path / "ended", asked, [150, 160])
    assert held(tmp_path / "ended") == held(tmp_path / "whole")


def test_what_is_done_is_not_done_again(film: Path, settings: Settings, tmp_path: Path, network: Network) -> None:
    asked: list[float] = []

    class Watching(Walking):
        def find(self, image: Raster, time_s: float) -> list[Face]:  # type: ignore[override]
            asked.append(time_s)
            return super().find(image, time_s)

        def fresh(self) -> Walking:
            return Watching()

    @contextmanager
    def watched() -> Iterator[Session]:
        asked.clear()
        yield Session(Watching(), network)  # type: ignore[arg-type]

    done(film, tmp_path / "out", replace(settings, open_session=watched), [150])
    assert min(asked) == 3, "a second before the third section, which was not whole"


def at_once(source: Path, folder: Path, settings: Settings, jobs: int, end_at: float = 2) -> Outcome:
    """Processes a film by several processes, ended at this share of the work."""
    folder.mkdir(exist_ok=True)

    def progress(_: Path, frames: int, share: float | None) -> None:
        if share is not None and share >= end_at:
            signal.raise_signal(signal.SIGINT)

    todo = [results_of(source, folder, settings)]
    (outcome,) = process_at_once(todo, replace(settings, resume=True), progress, jobs)
    return outcome


ASKED: dict[str, dict[str, Any]] = {
    "film": {},
    "rows": {"video": False},
    "every": {"every": 7},
    "hidden": {"blur": True},
    "rest": {"baseline": AUTO},
    "first seconds as rest": {"baseline": 1.0},
    "rest, rows": {"baseline": AUTO, "video": False},
    "both": {"blur": True, "baseline": AUTO},
}


@pytest.mark.parametrize("changes", ASKED.values(), ids=ASKED)
def test_sections_done_at_once_become_the_same(
    changes: dict[str, Any], film: Path, settings: Settings, tmp_path: Path
) -> None:
    asked = replace(settings, **changes)
    done(film, tmp_path / "turn", asked)
    outcome = at_once(film, tmp_path / "once", asked, 5)
    assert (outcome.frames, outcome.error, outcome.notes) == (FRAMES, "", [])
    assert held(tmp_path / "once") == held(tmp_path / "turn")


@pytest.mark.parametrize("changes", [{"video": False}, {"blur": True, "baseline": AUTO}], ids=["rows", "all"])
def test_sections_spread_over_a_cluster_become_the_same(
    changes: dict[str, Any], film: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    from emoscope.processing import worker
    from emoscope.processing.cluster import process_on_cluster

    asked, handed_out = replace(settings, **changes), list[int]()
    submit = worker._Hands.submit

    def counted(hands: worker._Hands, work: Any, part: Part) -> Future[bool]:
        handed_out.append(part.number)
        return submit(hands, work, part)

    monkeypatch.setattr(worker._Hands, "submit", counted)
    done(film, tmp_path / "turn", asked)
    (tmp_path / "spread").mkdir()
    todo = iter([results_of(film, tmp_path / "spread", asked)])

    how: dict[str, Any] = {"n_workers": 1, "threads_per_worker": 6, "dashboard_address": None}
    with distributed.LocalCluster(processes=False, **how) as cluster:
        address = cluster.scheduler_address
        (outcome,) = process_on_cluster(todo, asked, ignore, address, 1, ignore)
    assert (outcome.frames, outcome.error, outcome.notes) == (FRAMES, "", [])
    assert held(tmp_path / "spread") == held(tmp_path / "turn")
    assert {0, 1, 2} <= set(handed_out), "by sections, not in turn"


class Here:
    """Workers that are this process."""

    count = 5

    def __init__(self, settings: Settings) -> None:
        self.settings, self.done = settings, list[tuple[str, int]]()

    def submit(self, work: Any, part: Part) -> Future[bool]:
        future = Future[bool]()
        self.done.append((work.__name__, part.number))
        with self.settings.open_session() as session:
            work(part, session, self.settings, ignore)
        future.set_result(True)
        return future

    def frames(self) -> Iterator[tuple[str, int, int]]:
        return iter(())

    def stop(self) -> None:
        """Nothing is under way."""


KINDS = {
    "open GOP": ("mp4", "libx264", {"x264-params": "open-gop=1:keyint=40:min-keyint=40:scenecut=0:bframes=3"}),
    "open GOP of HEVC": ("mp4", "libx265", {"x265-params": "open-gop=1:keyint=40:min-keyint=40:log-level=error"}),
    "intra refresh": ("mp4", "libx264", {"x264-params": "intra-refresh=1:keyint=40"}),
    "one key frame": ("mkv", "libx264", {"g": "9999"}),
    "every frame a key frame": ("avi", "mjpeg", {}),
    "transport stream": ("ts", "mpeg2video", {"g": "12", "bf": "2"}),
    "hidden frames": ("webm", "libvpx-vp9", {"auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "realtime"}),
    "animation": ("gif", "gif", {}),
}
"""Container, codec and its options: what a seek can do wrong."""


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_seek_does_every_section_is_the_same(kind: str, settings: Settings, tmp_path: Path) -> None:
    suffix, codec, options = KINDS[kind]
    film = tmp_path / f"clip.{suffix}"
    pixels = {"mjpeg": "yuvj420p", "gif": "rgb8"}.get(codec, "yuv420p")
    with av.open(str(film), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 120, pixels
        for number in range(150):
            picture = av.VideoFrame.from_ndarray(stripes(number, (160, 120)), "bgr24").reformat(format=pixels)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    done(film, tmp_path / "turn", settings)
    assert look(tmp_path / "turn" / "clip.emoscope.mp4").times == pytest.approx(look(film).times)
    done(film, tmp_path / "ended", settings, [130])
    (tmp_path / "once").mkdir()
    with settings.open_session() as session:
        results = results_of(film, tmp_path / "once", settings)
        process_film(results, session, settings, ignore, Here(settings))
    assert held(tmp_path / "ended") == held(tmp_path / "turn")
    assert held(tmp_path / "once") == held(tmp_path / "turn")


def test_a_part_of_a_film_at_once(film: Path, settings: Settings, tmp_path: Path) -> None:
    asked = replace(settings, span=Span(0.7, 6.0))
    done(film, tmp_path / "turn", asked)
    (tmp_path / "once").mkdir()
    with asked.open_session() as session:
        workers = Here(asked)
        process_film(results_of(film, tmp_path / "once", asked), session, asked, ignore, workers)
    assert workers.done == [("look", 0), ("look", 1), ("look", 2), ("make", 0), ("make", 1), ("make", 2)]
    assert held(tmp_path / "once") == held(tmp_path / "turn")


@pytest.mark.parametrize("name", ["00001.npz", "00001.film"])
def test_a_kept_section_that_the_disk_has_lost_is_done_again(
    name: str, film: Path, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()

    def end(count: int, share: float | None) -> None:
        if count == 150:
            raise KeyboardInterrupt

    with settings.open_session() as session:
        process_film(results_of(film, tmp_path / "out", settings), session, settings, end)
    (tmp_path / "out" / ".clip.emoscope.work" / name).write_bytes(b"")
    done(film, tmp_path / "out", settings)
    done(film, tmp_path / "whole", settings)
    assert held(tmp_path / "out") == held(tmp_path / "whole")


def test_what_was_begun_in_turn_is_ended_at_once_and_the_other_way_round(
    film: Path, settings: Settings, tmp_path: Path
) -> None:
    done(film, tmp_path / "whole", settings)
    (tmp_path / "out").mkdir()

    def end(count: int, share: float | None) -> None:
        if count == 100:
            raise KeyboardInterrupt

    with settings.open_session() as session:
        process_film(results_of(film, tmp_path / "out", settings), session, settings, end)
    assert at_once(film, tmp_path / "out", settings, 5, end_at=0.7).interrupted
    assert not list((tmp_path / "out").glob("*.lock")) and not list((tmp_path / "out").glob("*.part"))
    done(film, tmp_path / "out", settings)
    assert held(tmp_path / "out") == held(tmp_path / "whole")


def test_a_damaged_film_is_done_in_turn_and_from_its_beginning(settings: Settings, tmp_path: Path) -> None:
    film = make_film(tmp_path / "clip.mp4", range(0, FRAMES * 512, 512), size=(160, 120))
    damage(film, 0.01)
    done(film, tmp_path / "turn", settings)
    outcome = at_once(film, tmp_path / "once", settings, 5)
    assert "damaged picture" in outcome.damage and not outcome.error
    done(film, tmp_path / "ended", settings, [100])
    # What the decoder makes up for lost parts of a picture depends on what was in its memory before.
    kept = [look(tmp_path / name / "clip.emoscope.mp4").times for name in ("turn", "once", "ended")]
    assert len(kept[0]) == outcome.frames and kept[0] == kept[1] == kept[2]
    told = [json.loads((tmp_path / name / "clip.summary.json").read_text()) for name in ("turn", "once", "ended")]
    assert told[0]["damage"] == told[1]["damage"] == told[2]["damage"]
    assert told[0]["picture"] == told[1]["picture"] == told[2]["picture"]


def test_what_comes_through_a_pipe_is_cut_in_the_same_places(settings: Settings, tmp_path: Path) -> None:
    film = make_film(tmp_path / "clip.mkv", range(0, FRAMES * 40, 40), (160, 120), Fraction(1, 1000), sound=("aac",))
    done(film, tmp_path / "file", settings)
    (tmp_path / "pipes").mkdir()
    os.mkfifo(pipe := tmp_path / "pipes" / "clip.mkv")

    def pour() -> None:
        with suppress(BrokenPipeError), pipe.open("wb") as file:
            file.write(film.read_bytes())

    writer = threading.Thread(target=pour, daemon=True)
    writer.start()
    done(pipe, tmp_path / "pipe", settings)
    writer.join(5)
    files, pipes = held(tmp_path / "file"), held(tmp_path / "pipe")
    assert files["clip.faces.csv"] == pipes["clip.faces.csv"]
    assert coded(tmp_path / "file" / "clip.emoscope.mp4") == coded(tmp_path / "pipe" / "clip.emoscope.mp4")
    old, new = look(film), look(tmp_path / "pipe" / "clip.emoscope.mp4")
    assert (new.times, new.sound) == (old.times, old.sound)


def coded(path: Path) -> list[tuple[int | None, int | None, bytes]]:
    """Times and bytes of all packets of pictures."""
    with av.open(str(path)) as container:
        return [(packet.pts, packet.dts, bytes(packet)) for packet in container.demux(video=0) if packet.size]


def test_an_ended_run_leaves_a_partial_film_of_all_that_was_done(
    film: Path, settings: Settings, tmp_path: Path
) -> None:
    def end(count: int, share: float | None) -> None:
        if count == 150:
            raise KeyboardInterrupt

    with settings.open_session() as session:
        outcome = process_film(results_of(film, None, settings), session, settings, end)
    assert outcome.interrupted and outcome.frames == 150
    assert look(tmp_path / "clip.emoscope.partial.mp4").times == look(film).times[:150]
    assert len({row["frame"] for row in rows(tmp_path / "clip.faces.partial.csv")}) == 150


def test_what_was_begun_otherwise_is_done_again_and_told(film: Path, settings: Settings, tmp_path: Path) -> None:
    def end(count: int, share: float | None) -> None:
        if count == 150:
            raise KeyboardInterrupt

    (tmp_path / "out").mkdir()
    other = replace(settings, maker=Maker({"blur": True}, {}, "model", "detector"))
    with settings.open_session() as session:
        process_film(results_of(film, tmp_path / "out", other), session, other, end)
    outcome = done(film, tmp_path / "out", settings)
    assert outcome.notes == ["what an ended run had left was made otherwise, and is done again"]
    done(film, tmp_path / "whole", settings)
    assert held(tmp_path / "out") == held(tmp_path / "whole")


def test_pictures_at_uneven_times_with_a_pause_longer_than_a_section(settings: Settings, tmp_path: Path) -> None:
    chance, at, times = random.Random(1), 0, []
    for number in range(120):
        times.append(at)
        at += chance.choice((1, 300, 512, 900)) if number != 60 else 5 * 15_360
    film = make_film(tmp_path / "uneven.mp4", times, size=(160, 120), tick=Fraction(1, 15_360))
    done(film, tmp_path / "whole", settings)
    assert look(tmp_path / "whole" / "uneven.emoscope.mp4").times == look(film).times
    done(film, tmp_path / "ended", settings, [100])
    assert held(tmp_path / "ended") == held(tmp_path / "whole")


def test_one_picture_and_a_long_pause(settings: Settings, tmp_path: Path) -> None:
    times = [0, *range(5 * 15_360, 5 * 15_360 + 40 * 512, 512)]
    film = make_film(tmp_path / "pause.mp4", times, size=(160, 120))
    preset = replace(settings, encoding=Encoding(preset="veryfast"))
    done(film, tmp_path / "out", preset)
    assert look(tmp_path / "out" / "pause.emoscope.mp4").times == look(film).times


def sights(*frames: dict[int, float]) -> list[tuple[int, tuple[tuple[int, tuple[float, ...]], ...]]]:
    return [sight(pts, [face(x=x, edge=20, track=track) for track, x in one.items()]) for pts, one in enumerate(frames)]


def test_who_stands_where_somebody_stood_is_the_same_and_each_only_one() -> None:
    before = sights({4: 0, 7: 100}, {4: 0, 7: 100}, {4: 0, 7: 100})
    assert joined(before, sights({1: 101, 2: 1}, {1: 101, 2: 1})) == {1: 7, 2: 4}
    assert joined(before, sights({1: 50}, {1: 50})) == {}
    assert joined(before, sights({1: 100}, {2: 102}, {2: 100})) == {2: 7}, "who was seen there most"
    assert joined([], sights({1: 0})) == {}


def test_new_faces_get_the_next_numbers_in_the_order_in_which_they_come() -> None:
    numbers = Numbers(Handover(1, 7, tuple(sights({4: 0.0}))))
    numbers.ahead(sights({3: 1.0}))
    given = [one.track for one in numbers.of([face(x=90, track=2), face(track=3), face(track=5)])]
    assert (given, numbers.last) == ([8, 4, 9], 9)
    assert [one.track for one in numbers.of([face(track=5)])] == [9]


def like(person: int, apart: float = 0.0) -> Appearance:
    """A look at a person, and how far it is from the usual one, in levels of colour."""
    chance = np.random.default_rng(person)
    texture = chance.random((36, 16)).astype(np.float32)
    lab = (255 * chance.random((32, 3)) + apart).astype(np.float32)
    texture /= np.linalg.norm(texture, axis=1, keepdims=True)
    return Appearance(texture, Colours(lab, np.ones(32, bool)))


def test_who_was_away_is_known_again_by_appearance_and_nobody_else_is() -> None:
    told = Handover(2, 7, tuple(sights({4: 0.0})), people={4: (like(4),), 5: (like(5),), 6: (like(6),)})
    numbers = Numbers(told)
    numbers.ahead(sights({1: 0.0}))
    numbers.look({1: like(5), 2: like(5, 2), 3: like(4)})
    assert [one.track for one in numbers.of([face(track=1)])] == [4], "who stays in place is who was there"
    assert [one.track for one in numbers.of([face(track=2), face(track=3)])] == [5, 8], "and 4 is here already"
    assert [one.track for one in numbers.of([face(track=4)])] == [9], "of whom there is no look yet"
    numbers.look({4: like(6, 3)})
    assert [one.track for one in numbers.of([face(track=4), face(track=2)])] == [6, 5]
    assert list(numbers.people({2: (like(5, 30),), 9: (like(7),)})) == [4, 6, 5], "who was seen last comes last"


def test_a_kept_section_is_read_as_it_was(tmp_path: Path) -> None:
    said = Said({3: Remembered(np.array([0.1, 0.7, 0.2], np.float32), 1, 4.25, 0.5)}, {3: 1})
    people = {3: (like(1), like(2)), 2: (like(3),)}
    told = Handover(1, 3, tuple(sights({3: 1.5})), Memory(said, 3), people)
    readings = (reading(face(x=0.1, track=3)), replace(reading(), plain=reading(best=2).prediction))
    looks, galleries = [(5, 3, like(1))], {3: (like(4),)}
    kept = SectionDone([Looked(7, 0.1, 5, readings)], 2, told, sights({1: 2.0}), looks, galleries, False, True)
    work = Unfinished(tmp_path / "work")
    work.begin({}, False)
    work.keep(0, kept)
    again = work.section(0, LABELS)
    assert (again.pictures, again.regular, again.last, again.lead) == (2, False, True, kept.lead)
    assert (again.told.number, again.told.last, again.told.tail) == (1, 3, told.tail)
    assert [(one.index, one.time_s, one.pts) for one in again.frames] == [(7, 0.1, 5)]
    assert [one.face for one in again.frames[0].readings] == [one.face for one in readings]
    assert again.frames[0].readings[1].plain is not None and again.frames[0].readings[0].plain is None
    assert again.told.memory.subject == 3 and again.told.memory.said.last == {3: 1}
    np.testing.assert_array_equal(again.told.memory.said.tracks[3].probabilities, said.tracks[3].probabilities)
    assert [*again.told.people] == [3, 2] and len(again.told.people[3]) == 2
    np.testing.assert_array_equal(again.told.people[3][1].texture, people[3][1].texture)
    np.testing.assert_array_equal(again.looks[0][2].colours.lab, like(1).colours.lab)
    assert again.looks[0][:2] == (5, 3) and [*again.galleries] == [3]


@pytest.mark.parametrize(("every", "lead_s"), [(1, 1), (12, 1), (60, 4.8), (1000, 30)])
def test_a_sections_finder_has_looked_twice_before_it_begins(every: int, lead_s: float) -> None:
    film = SimpleNamespace(time_base=Fraction(1, 1000), first=SimpleNamespace(pts=0), rate=Fraction(25))
    assert Sections.of(film, every=every).lead == round(1000 * lead_s)  # type: ignore[arg-type]
