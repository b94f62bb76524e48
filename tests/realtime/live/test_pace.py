"""When the next picture is due, on a clock that is set by hand."""

from __future__ import annotations

import pytest

from emoscope.live.pace import LATE_S, LEAST, SEEN, Pace

EVERY_S = 0.04


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def paced(*gaps_s: float) -> tuple[Pace, Clock]:
    """Pictures so far apart, the last one now."""
    clock = Clock()
    pace = Pace(clock)
    pace.came()
    for gap_s in gaps_s:
        clock.now_s += gap_s
        pace.came()
    return pace, clock


@pytest.mark.parametrize(
    ("since_s", "expected_s"),
    [
        (0.0, 0.0),
        (0.019, 0.0),
        (0.021, 0.019 + LATE_S),
        (0.04, LATE_S),
        (0.049, LATE_S - 0.009),
        (0.051, 0.0),
        (9.0, 0.0),
    ],
)
def test_work_is_put_off_where_the_next_picture_would_be_held_up_and_is_not_late(since_s: float, expected_s: float):
    pace, clock = paced(*[EVERY_S] * 5)
    clock.now_s += since_s
    assert pace.wait_s(0.02) == pytest.approx(expected_s)


def test_one_picture_that_came_late_changes_nothing():
    pace, clock = paced(*[EVERY_S] * 5, 0.3, EVERY_S)
    clock.now_s += 0.03
    assert pace.wait_s(0.02) == pytest.approx(0.01 + LATE_S)


def test_until_the_pace_is_known_nothing_waits():
    pace, clock = paced(*[EVERY_S] * (LEAST - 2))
    clock.now_s += EVERY_S
    assert pace.wait_s(1.0) == 0.0


def test_another_pace_is_learnt():
    pace, clock = paced(*[EVERY_S] * 20, *[0.1] * SEEN)
    clock.now_s += EVERY_S
    assert pace.wait_s(0.02) == 0.0
    clock.now_s += 0.05
    assert pace.wait_s(0.02) > 0.0
