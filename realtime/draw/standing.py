"""Where panels stand: each stays from picture to picture until its place has been clearly worse for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .cost import Cost
from .layout import Rect

WORSE = 0.15
"""By how much a place must be worse than the best one before it is left."""
PATIENCE_S = 0.7
"""How long it must have been so."""
HIDDEN = 1.0
"""So much worse a place hides something, and is left without patience, as is that at a face chosen no longer."""
STAY_S = 1.05
"""How long a panel stays in any case, so that it jumps less than twice a second."""


@dataclass(slots=True)
class _Stand:
    """Where a panel stands, since when, and when that was last a good place."""

    place: Rect
    key: object
    whose: int
    since_s: float
    fine_s: float


@dataclass(slots=True)
class Standing:
    """Remembers where panels stand; made anew it knows nothing of any before."""

    _stands: dict[str, _Stand] = field(default_factory=dict)

    def place(self, name: str, choices: Sequence[Rect], cost: Cost, key: object, now_s: float, whose: int = 0) -> Rect:
        """The place of a panel: the one it has while that will do, else the best of its choices.

        Args:
            name: of the panel.
            choices: where it may stand.
            cost: of a place.
            key: what its choices depend on; with another key it is placed anew.
            now_s: time of the picture, in seconds.
            whose: track number of the face that it speaks of.
        """
        stand = self._stands.get(name)
        if stand is None or stand.key != key:
            return self._move(name, min(choices, key=cost), key, whose, now_s)
        here = cost(stand.place)
        if here <= WORSE:  # no place can be better by more
            stand.fine_s, stand.whose = now_s, whose
            return stand.place
        best = min(choices, key=cost)
        there = cost(best)
        if here <= there + WORSE:
            stand.fine_s, stand.whose = now_s, whose
        elif now_s - stand.since_s > STAY_S:
            hurry = whose != stand.whose or here - there > HIDDEN
            if hurry or now_s - stand.fine_s > PATIENCE_S:
                return self._move(name, best, key, whose, now_s)
        return stand.place

    def stays(self, name: str, cost: Cost, key: object, now_s: float) -> Rect | None:
        """The place that a panel has where none can be better by so much that it moves; None where one may be.

        Args:
            name: of the panel.
            cost: of a place.
            key: what its choices depend on.
            now_s: time of the picture, in seconds.
        """
        stand = self._stands.get(name)
        if stand is None or stand.key != key or cost(stand.place) > WORSE:
            return None
        stand.fine_s = now_s
        return stand.place

    def before(self, name: str, wanted: bool) -> Rect | None:
        """Where a panel that is placed later stood before, so that it need not move."""
        stand = self._stands.get(name)
        return stand.place if wanted and stand is not None else None

    def _move(self, name: str, place: Rect, key: object, whose: int, now_s: float) -> Rect:
        self._stands[name] = _Stand(place, key, whose, now_s, now_s)
        return place

    def forget(self, name: str = "") -> None:
        """Forgets one panel, or all."""
        if name:
            self._stands.pop(name, None)
        else:
            self._stands.clear()
