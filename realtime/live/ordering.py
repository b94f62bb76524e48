"""The order in which maps are shown: the most active first, but not anew with every picture: no eye could follow."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from ..draw.maps import order
from ..types import Explanation
from ..view.state import ViewState

RENEW_S = 1.0


class Ordering:
    """Remembers an order of channels.

    Args:
        clock: gives seconds; another one than the machine's own in tests.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._layer, self._order, self._made_s = "", tuple[int, ...](), float("-inf")
        self._leaders, self._led_s = tuple[int, ...](), float("-inf")

    def of(self, why: Explanation, state: ViewState) -> tuple[int, ...]:
        """Channel numbers, most active first; those of a while ago where they are held, or not old enough."""
        if why.maps is None:
            return ()
        known = self._layer == why.layer and len(self._order) == why.maps.shape[2]
        if not known or (not state.held and self._clock() - self._made_s >= RENEW_S):
            self._layer, self._made_s = why.layer, self._clock()
            self._order = tuple(int(channel) for channel in order(why.maps, True))
        return self._order

    def leaders(self, why: Explanation, state: ViewState) -> tuple[int, ...]:
        """Of each layer the most active channel; those of a while ago where they are held, or not old enough."""
        known = len(self._leaders) == len(why.layers)
        if not known or (not state.held and self._clock() - self._led_s >= RENEW_S):
            self._led_s = self._clock()
            self._leaders = tuple(int(order(maps, True)[0]) for maps in why.layers)
        return self._leaders
