"""What could not be read of a file, counted, with the time where it happened."""

from __future__ import annotations

from dataclasses import dataclass, field

NEAR_S = 1.0
"""Damage within this time of earlier damage belongs to the same stretch, in seconds."""
SHOWN = 3


@dataclass(slots=True)
class Damage:
    """The damage of one file, collected while it is read.

    Attributes:
        lost: pictures that could not be decoded.
        flawed: pictures that were decoded with errors; they are kept.
        sound: packets of sound that could not be kept.
        unreadable: places where the container itself could not be read.
        ends_early: (end that was found, end that the header promises) in seconds, or None.
        stretches: (first, last) time of each damaged stretch, in seconds.
    """

    lost: int = 0
    flawed: int = 0
    sound: int = 0
    unreadable: int = 0
    ends_early: tuple[float, float] | None = None
    stretches: list[tuple[float, float]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.flawed or self.sound or self.unreadable or self.ends_early)

    @property
    def of_pictures(self) -> bool:
        """Whether pictures, or the container that holds them, could not be read as they were written."""
        return bool(self.lost or self.flawed or self.unreadable or self.ends_early)

    def at(self, time_s: float) -> None:
        """Notes that something was wrong at this time."""
        if self.stretches and abs(time_s - self.stretches[-1][1]) <= NEAR_S:
            first, last = self.stretches[-1]
            self.stretches[-1] = (min(first, time_s), max(last, time_s))
        else:
            self.stretches.append((time_s, time_s))

    def describe(self) -> str:
        """One line for people; "" for a whole file."""
        parts = [
            _counted(self.lost, "damaged picture", "skipped"),
            _counted(self.flawed, "picture", "kept that could only be read with errors"),
            _counted(self.sound, "sound packet", "lost"),
            _counted(self.unreadable, "place", "in the file unreadable"),
        ]
        told = ", ".join(part for part in parts if part)
        where = f"{told} at {self._where()}" if told and self.stretches else told
        return "; ".join(part for part in (where, self._end()) if part)

    def as_json(self) -> dict[str, object]:
        """The same, to be read by programs; empty for a whole file."""
        if not self:
            return {}
        counts = {"lost": self.lost, "flawed": self.flawed, "sound": self.sound, "unreadable": self.unreadable}
        return {**counts, "stretches_s": self.stretches, "ends_early_s": self.ends_early}

    def _where(self) -> str:
        shown = [_span(*stretch) for stretch in self.stretches[:SHOWN]]
        more = len(self.stretches) - SHOWN
        return ", ".join(shown) + (f" and {more} more places" if more > 0 else "")

    def _end(self) -> str:
        if self.ends_early is None:
            return ""
        found, promised = self.ends_early
        return f"the file ends at {found:.1f} s, though its header promises {promised:.1f} s"


def _counted(number: int, what: str, fate: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''} {fate}" if number else ""


def _span(first: float, last: float) -> str:
    return f"{first:.2f} s" if last - first < 0.01 else f"{first:.2f}–{last:.2f} s"
