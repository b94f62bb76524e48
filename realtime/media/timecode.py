"""The time of day, or of the tape, that a film's first frame carries: HH:MM:SS:FF, the frames counted in whole rates.

At 29.97 frames a second the count 0–29 runs slow; with a semicolon before the frames the numbers 0 and 1 are dropped
at the beginning of each minute but the tenth (SMPTE ST 12-1), four of them at 59.94.
"""

from __future__ import annotations

import re
from fractions import Fraction

PATTERN = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d+)")
DAY_S = 24 * 60 * 60


def later(timecode: str, frames: int, rate: Fraction) -> str:
    """The timecode of a later frame; what is no timecode is given back as it is.

    Args:
        timecode: HH:MM:SS:FF, with ; or . before the frames where numbers are dropped.
        frames: how many later.
        rate: frames a second.
    """
    found = PATTERN.fullmatch(timecode.strip())
    if not found or rate <= 0:
        return timecode
    hours, minutes, seconds, mark, frame = found.groups()
    base = max(1, round(rate))
    dropped = base // 15 if mark in ";." and base % 30 == 0 else 0
    minute = int(hours) * 60 + int(minutes)
    count = (minute * 60 + int(seconds)) * base + int(frame) - dropped * (minute - minute // 10)
    day = DAY_S * base - dropped * (24 * 60 - 24 * 6)
    return _written((count + frames) % day, base, dropped, mark)


def _written(count: int, base: int, dropped: int, mark: str) -> str:
    tens, rest = divmod(count, 600 * base - 9 * dropped)
    # The first minute of ten is whole; each of the others lacks the dropped numbers.
    minutes = 0 if rest < 60 * base else 1 + (rest - 60 * base) // (60 * base - dropped)
    count += dropped * (9 * tens + minutes)
    seconds, frame = divmod(count, base)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{frame:02}"
