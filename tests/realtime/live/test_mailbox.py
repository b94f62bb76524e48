"""A place for one thing: the newest, whatever the threads do."""

from __future__ import annotations

from threading import Thread
from time import monotonic, sleep

from emoscope.live.mailbox import Mailbox
from tests.waiting import PATIENCE_S


def test_the_newest_replaces_what_was_not_taken_and_counts_it():
    place: Mailbox[int] = Mailbox()
    for number in range(4):
        place.put(number)
    assert place.take(0) == 3
    assert place.dropped == 3
    assert place.take(0) is None
    place.put(9)
    assert place.take(0) == 9
    assert place.dropped == 3


def test_taking_waits_for_what_comes():
    place: Mailbox[str] = Mailbox()
    Thread(target=lambda: (sleep(0.05), place.put("late"))).start()
    assert place.take(PATIENCE_S) == "late"


def test_taking_gives_up_in_time():
    start = monotonic()
    assert Mailbox[int]().take(0.05) is None
    assert monotonic() - start > 0.04


def test_closing_wakes_whoever_waits_and_leaves_the_last_thing():
    place: Mailbox[int] = Mailbox()
    taken: list[str | None] = []
    waiting = Thread(target=lambda: taken.append(place.take(10 * PATIENCE_S)), daemon=True)
    waiting.start()
    sleep(0.05)
    place.close()
    waiting.join(PATIENCE_S)
    assert taken == [None]
    assert place.ended


def test_what_is_there_at_the_end_can_still_be_taken():
    place: Mailbox[int] = Mailbox()
    place.put(1)
    place.close()
    assert not place.ended
    assert place.take(0) == 1
    assert place.ended
