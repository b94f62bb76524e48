"""Stages on threads: order, bounds, errors, and an end for every thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from emoscope.processing.prefetch import BOUND, Prefetch


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
        time.sleep(0.2)
        assert 1 < len(seen) <= BOUND + 2


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
    before = threading.active_count()
    with Prefetch(counting([]), "a") as a, Prefetch(iter(a), "b") as b, Prefetch(iter(b), "c") as c:
        assert next(iter(c)) == 0
        assert threading.active_count() == before + 3
    assert threading.active_count() == before


def test_an_error_of_the_user_ends_the_threads_too() -> None:
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt), Prefetch(counting([]), "a") as a:
        for _ in a:
            raise KeyboardInterrupt
    assert threading.active_count() == before


def test_stages_run_at_once() -> None:
    def slow(items: Iterator[int]) -> Iterator[int]:
        for item in items:
            time.sleep(0.02)
            yield item

    start = time.perf_counter()
    with Prefetch(slow(iter(range(20))), "a") as a, Prefetch(slow(iter(a)), "b") as b:
        assert list(slow(iter(b))) == list(range(20))
    assert time.perf_counter() - start < 3 * 20 * 0.02
