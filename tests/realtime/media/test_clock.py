"""Stamps: the source's own where they rise, the next possible where not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from emoscope.media.clock import Clock
from emoscope.media.damage import Damage


@pytest.mark.parametrize(
    ("source", "stamps", "mended"),
    [
        ([0, 512, 1024], [0, 512, 1024], 0),
        ([100, 7000, 7001], [100, 7000, 7001], 0),
        ([-5, 3], [-5, 3], 0),
        ([None, None, None], [0, 512, 1024], 3),
        ([0, None, 1024], [0, 512, 1024], 1),
        ([0, 512, 512, 513, 2000], [0, 512, 513, 514, 2000], 2),
        ([1000, 200, 1500], [1000, 1001, 1500], 1),
    ],
)
def test_stamps_rise(source: list[int | None], stamps: list[int], mended: int) -> None:
    clock = Clock(Fraction(1, 15_360), Fraction(30))
    assert [clock.stamp(pts) for pts in source] == stamps
    assert clock.mended == mended


def test_without_a_rate_a_missing_stamp_is_the_next_tick() -> None:
    clock = Clock(Fraction(1, 1000), None)
    assert [clock.stamp(None), clock.stamp(None)] == [0, 1]


def test_near_damage_is_one_stretch_and_far_damage_another() -> None:
    damage = Damage(lost=3)
    for time_s in (1.0, 1.5, 2.3, 9.0):
        damage.at(time_s)
    assert damage.stretches == [(1.0, 2.3), (9.0, 9.0)]
    assert damage.describe() == "3 damaged pictures skipped at 1.00–2.30 s, 9.00 s"


def test_all_kinds_of_damage_in_one_line() -> None:
    damage = Damage(lost=1, flawed=2, sound=1, unreadable=1, ends_early=(3.2, 6.0))
    for time_s in (1.0, 20.0, 40.0, 60.0, 80.0):
        damage.at(time_s)
    assert damage.describe() == (
        "1 damaged picture skipped, 2 pictures kept that could only be read with errors, 1 sound packet lost,"
        " 1 place in the file unreadable at 1.00 s, 20.00 s, 40.00 s and 2 more places;"
        " the file ends at 3.2 s, though its header promises 6.0 s"
    )


def test_a_whole_file_has_nothing_to_tell() -> None:
    assert (bool(Damage()), Damage().describe(), Damage().as_json()) == (False, "", {})
