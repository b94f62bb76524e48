"""The two threads: frames as they come, readings of the newest, answers to a wish that changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from time import sleep

import numpy as np
import pytest

from emoscope.errors import SourceError
from emoscope.live.analyst import Analysed, Analyst, Watching
from emoscope.live.feed import Feed
from emoscope.live.source import Source
from emoscope.media.raster import Bgr
from emoscope.network.network import Network, Request
from emoscope.reading.session import Session, Wish
from emoscope.types import Frame
from tests.realtime.live.doubles import ListSource
from tests.realtime.tiny import FixedFinder, face, gray
from tests.waiting import PATIENCE_S, ending_threads, until


class Script(Source):
    """Gives what a test puts into it; an exception in the script is raised."""

    def __init__(self, *items: Frame | Exception) -> None:
        self.items, self.go, self.closed = list(items), Event(), False
        self.go.set()

    @property
    def size(self) -> tuple[int, int]:
        return 160, 120

    def read(self) -> Frame | None:
        self.go.wait(PATIENCE_S)
        item = self.items.pop(0) if self.items and not self.closed else None
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        self.closed = True
        self.go.set()


class Patient(Script):
    """Waits for its end after the last frame, as a paused film does."""

    def read(self) -> Frame | None:
        while not self.items and not self.closed:
            sleep(0.005)
        return super().read()


def frame(number: int, time_s: float | None = None, shade: int = 128) -> Frame:
    return Frame(number, number / 25 if time_s is None else time_s, Bgr(gray(shade)), 0.0)


@contextmanager
def watching(source: Source, session: Session, watching: Watching | None = None) -> Iterator[Analyst]:
    with Feed(source) as feed, Analyst(feed, session, watching or Watching()) as analyst:
        yield analyst


def take(analyst: Analyst, fresh: bool | None = None) -> Analysed:
    """The next result, of the kind that is wanted."""

    def found() -> Analysed | None:
        analysed = analyst.newest.take(1)
        return analysed if analysed is not None and fresh in (None, analysed.fresh) else None

    return until(found)  # type: ignore[return-value]


def test_the_feed_gives_the_newest_frame_and_counts_the_others():
    source = ListSource([gray(n) for n in range(20)])
    with Feed(source) as feed:
        until(lambda: feed.newest.dropped == 19)
        newest = feed.newest.take(PATIENCE_S)
    assert newest.index == 19
    assert feed.newest.dropped == 19
    assert source.closed


def test_an_error_of_the_source_is_kept_for_the_main_thread():
    with Feed(Script(frame(0), SourceError("unplugged"))) as feed:
        until(lambda: feed.newest._closed)
    assert str(feed.error) == "unplugged"
    assert feed.newest.take(0).index == 0
    assert feed.newest.ended


def test_the_feed_goes_over_to_another_source():
    before, after = Script(*[frame(n) for n in range(50)]), ListSource([gray(9)])
    before.go.clear()
    refusals: list[str] = []
    with Feed(before) as feed:
        feed.change(lambda: after, refusals.append)
        before.go.set()
        until(lambda: feed.source is not before)
    assert feed.source is after
    assert before.closed
    assert refusals == []


def test_a_source_that_does_not_open_leaves_the_old_one():
    def refuse() -> Source:
        raise SourceError("no other camera opens")

    source, refusals = Script(*[frame(n) for n in range(50)]), []
    source.go.clear()
    with Feed(source) as feed:
        feed.change(refuse, refusals.append)
        source.go.set()
        until(lambda: refusals)
    assert refusals == ["no other camera opens"]
    assert feed.source is source


def test_threads_end_with_their_owner(session: Session):
    with ending_threads(), pytest.raises(RuntimeError), watching(Patient(frame(0)), session) as analyst:
        take(analyst)
        raise RuntimeError


def test_readings_of_a_frame(session: Session):
    with watching(Patient(frame(3, shade=255)), session) as analyst:
        analysed = take(analyst)
    assert analysed.frame.index == 3
    assert [shown.label for shown in analysed.faces] == ["happy"]
    assert analysed.fresh


def test_a_changed_wish_is_answered_for_the_same_frame_without_looking_again(session: Session):
    finder = session.finder
    with watching(Patient(frame(3)), session) as analyst:
        assert take(analyst).faces[0].reading.explanation is None
        analyst.watching = Watching(Wish(Request("conv1", maps=True)))
        again = take(analyst, fresh=False)
        while again.faces[0].reading.explanation is None:
            again = take(analyst, fresh=False)
    assert again.frame.index == 3
    assert again.faces[0].reading.explanation.maps.shape == (4, 4, 2)
    assert len(finder.times_s) == 1


def test_a_layer_that_is_not_built_yet_is_not_waited_for(network: Network, monkeypatch: pytest.MonkeyPatch):
    go, build = Event(), network._session
    monkeypatch.setattr(network, "_session", lambda *what: go.wait(PATIENCE_S) and build(*what))
    wish = Watching(Wish(Request("pool1", method="gradcam")))
    with watching(Patient(frame(0)), Session(FixedFinder(face()), network), wish) as analyst:
        assert take(analyst).faces[0].reading.explanation is None
        go.set()
        assert take(analyst, fresh=False).faces[0].reading.explanation.heat is not None


@pytest.mark.parametrize(
    ("shot", "how", "later"),
    [
        (frame(1), Watching(), True),
        (frame(1), Watching(still=True), False),
        (replace(frame(1), photo="face.png"), Watching(), False),
    ],
    ids=["a film that runs", "one that stands still", "a photo"],
)
def test_new_faces_are_looked_for_later_only_where_a_frame_follows(
    shot: Frame, how: Watching, later: bool, session: Session
):
    with watching(Patient(shot), session, how) as analyst:
        take(analyst)
    assert session.finder.puts_off is later


def test_mirroring_flips_the_frame_before_anything_else(session: Session):
    picture = gray(0)
    picture[:, :80] = 255
    with watching(Patient(replace(frame(0), picture=Bgr(picture))), session, Watching(mirror=True)) as analyst:
        analysed = take(analyst)
    np.testing.assert_array_equal(analysed.frame.image, picture[:, ::-1])


def test_holding_from_the_start_holds_the_first_frame(session: Session):
    with watching(Patient(frame(0), frame(1)), session, Watching(hold=True)) as analyst:
        assert take(analyst).frame.index in (0, 1)
        sleep(0.2)
        assert analyst.newest.take(0) is None


def test_holding_keeps_the_frame_while_others_come(session: Session):
    source = Patient(frame(0))
    with watching(source, session) as analyst:
        take(analyst)
        analyst.watching = Watching(hold=True)
        take(analyst, fresh=False)  # the answer to the changed wish: it is held from now on
        source.items.append(frame(1))
        sleep(0.2)
        held = analyst.newest.take(0)
        assert held is None or held.frame.index == 0
        analyst.watching = Watching()
        assert take(analyst, fresh=True).frame.index == 1


def test_a_step_back_in_time_forgets_faces_and_smoothing(session: Session):
    source = Patient(frame(0, 5.0, shade=255))
    with watching(source, session) as analyst:
        assert take(analyst).faces[0].label == "happy"
        source.items.append(frame(1, 1.0, shade=0))
        after = take(analyst, fresh=True)
    assert (session.finder.jumps, session.finder.resets) == (1, 0)
    assert after.faces[0].label == "sad"


def test_an_error_of_the_analysis_is_kept_for_the_main_thread(session: Session):
    def fail(*_: object) -> None:
        raise SourceError("broken")

    session.finder.find = fail
    with watching(Patient(frame(0)), session) as analyst:
        until(lambda: analyst.newest.ended)
    assert str(analyst.error) == "broken"
