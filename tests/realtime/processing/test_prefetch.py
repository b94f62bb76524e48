"""Stages on threads: order, bounds, errors, and an end for every thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from time import sleep

import pytest

from emoscope.processing.prefetch import BOUND, Prefetch
from tests.waiting import PATIENCE_S, ending_threads, until


def counting(seen: list[int], end: int = 1000) -> Iterator[int]:
    for number in range(end):
        seen.append(number)
        yield number


def test_items_come_in_order() -> None:
    with Prefetch(counting([], 50), "count") as items:
        assert list(items) == list(range(50))


def test_a_stage_runs_ahead_but_not_far() -> None:
    seen: list[int] = []
    with Prefetch(counting(seen), "count") as items:
        assert next(iter(items)) == 0
        until(lambda: len(seen) > 1)
        sleep(0.2)
        assert len(seen) <= BOUND + 2


def test_an_error_is_raised_where_the_next_item_would_have_come() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    got = []
    with pytest.raises(ValueError, match="broken"), Prefetch(failing(), "fail") as items:
        for item in items:
            got.append(item)
    assert got == [1]


def test_an_error_passes_through_a_chain() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), Prefetch(failing(), "a") as a, Prefetch(iter(a), "b") as b:
        list(b)


def test_leaving_early_ends_every_thread_of_a_chain() -> None:
    with (
        ending_threads() as begun,
        Prefetch(counting([]), "a") as a,
        Prefetch(iter(a), "b") as b,
        Prefetch(iter(b), "c") as c,
    ):
        assert next(iter(c)) == 0
        assert len(begun()) == 3


def test_an_error_of_the_user_ends_the_threads_too() -> None:
    with ending_threads(), pytest.raises(KeyboardInterrupt), Prefetch(counting([]), "a") as a:
        for _ in a:
            raise KeyboardInterrupt


def test_stages_run_at_once() -> None:
    """While the last has the first item, the one before it has the second, and the first stage the third."""
    meeting = threading.Barrier(3, timeout=PATIENCE_S)

    def stage(items: Iterable[int], meets_at: int) -> Iterator[int]:
        for item in items:
            if item == meets_at:
                meeting.wait()
            yield item

    with Prefetch(stage(range(20), 2), "a") as a, Prefetch(stage(a, 1), "b") as b:
        assert list(stage(b, 0)) == list(range(20))
