"""The scans: everything at once at first, then one after another at a pace in seconds."""

from __future__ import annotations

import math

import pytest

from emoscope.faces.schedule import ScanPlan, Schedule, TurnedScanPlan

PLAN = ScanPlan(coarse=480, fine=960, window=(512, 320), overlap=64, per_s=20)
SIZE = (1280, 720)


def test_a_plan_looks_coarsely_at_the_whole_and_finely_at_its_windows():
    first, *rest = PLAN.looks(*SIZE)
    assert first.size == (480, 270)
    assert [look.size for look in rest] == [(512, 320)] * 4


def test_a_small_picture_is_looked_at_once():
    assert len(PLAN.looks(360, 288)) == 1


def test_the_first_picture_is_looked_at_everywhere():
    assert Schedule(PLAN).due(*SIZE, 7.5) == PLAN.looks(*SIZE)


@pytest.mark.parametrize("rate_hz", [5, 10, 25, 30, 60, 144])
def test_the_pace_is_in_seconds_whatever_the_frame_rate(rate_hz):
    schedule = Schedule(PLAN)
    schedule.due(*SIZE, 0)
    count = sum(len(schedule.due(*SIZE, frame / rate_hz)) for frame in range(1, 10 * rate_hz + 1))
    assert count == pytest.approx(10 * PLAN.per_s, abs=5)


def test_no_part_waits_longer_than_one_round():
    schedule, looks = Schedule(PLAN), PLAN.looks(*SIZE)
    schedule.due(*SIZE, 0)
    last = dict.fromkeys(looks, 0.0)
    for frame in range(1, 300):
        for look in schedule.due(*SIZE, frame / 30):
            assert frame / 30 - last[look] <= len(looks) / PLAN.per_s + 2 / 30
            last[look] = frame / 30
    assert min(last.values()) > 9


def test_after_a_long_pause_nothing_is_looked_at_twice():
    schedule = Schedule(PLAN)
    schedule.due(*SIZE, 0)
    assert len(schedule.due(*SIZE, 60)) == 5
    assert len(schedule.due(*SIZE, 60.03)) <= 1


def test_a_restart_makes_all_due_again():
    schedule = Schedule(PLAN)
    schedule.due(*SIZE, 0)
    schedule.restart()
    assert len(schedule.due(*SIZE, 0.01)) == 5


def test_the_picture_is_shown_upside_down_and_on_either_side_in_turn():
    looks = TurnedScanPlan(edge=384, per_s=2).looks(1280, 720)
    assert [round(math.degrees(look.turn)) for look in looks] == [180, 90, -90]
    assert {(look.box, look.size) for look in looks} == {((0, -280, 1280, 1000), (384, 384))}
