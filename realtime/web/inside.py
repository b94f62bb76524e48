"""The dashboard's numbers for one face: maps of the chosen layer, of the pooling behind it, and every method's heat.

A method that takes long would hold up the camera, so while the picture moves only quick ones are shown; the others
follow as soon as it stands still.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from ..network.network import PREDICTED, Network, Request
from ..reading.crops import to_batch
from ..types import Floats, Reading
from ..view.state import ViewState
from .readout import Readout

QUICK_S = 0.025
"""A method that takes longer than this for one face waits for a picture that stands still, in seconds."""
PATIENCE = 30
"""A slow method is tried again after so many times its own duration: perhaps only the machine was busy."""


class Inside:
    """Looks inside the network for one client.

    Args:
        network: is asked once per map and method.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._due_s: dict[Request, float] = {}

    def tell(self, readout: Readout, reading: Reading, state: ViewState, still: bool) -> None:
        """Adds `layer`, `pool` and `heats` to an answer."""
        if not state.layers:
            return
        batch = to_batch(reading.crop[None], self._network.contract.input)
        target = reading.prediction.index if state.target == PREDICTED else state.target
        self._maps(readout, "layer", batch, state.layer_name, state.sort, still)
        pool = pooling_after(state)
        if pool:
            self._maps(readout, "pool", batch, pool, state.sort, still)
        readout.facts["heats"] = []
        for number, method in enumerate(state.methods):
            request = Request(state.layer_name, method=method)
            heat = self._heat(request, batch, target, still or number == state.method)
            name = f"heat{number}"
            readout.heat(name, heat, method=method, target=target)
            readout.facts["heats"].append(name if heat is not None else "")

    def _maps(self, readout: Readout, name: str, batch: Floats, layer: str, sort: bool, still: bool) -> None:
        request = Request(layer, maps=True)
        if still or self._network.ready(request):
            maps = self._network.answer(batch, request).maps
            readout.maps(name, None if maps is None else maps[0], sort, layer=layer)

    def _heat(self, request: Request, batch: Floats, target: int, needed: bool) -> Floats | None:
        if not needed and (perf_counter() < self._due_s.get(request, 0.0) or not self._network.ready(request)):
            return None
        self._network.prepare(request)
        start = perf_counter()
        heat = self._network.answer(batch, request, np.array([target], np.int64)).heat
        took_s = perf_counter() - start
        slow = took_s > QUICK_S
        self._due_s[request] = start + PATIENCE * took_s if slow else 0.0
        return None if heat is None or (slow and not needed) else heat[0]


def pooling_after(state: ViewState) -> str:
    """The pooling layer that follows the chosen layer, else the last one there is, else ""."""
    pools = [number for number, layer in enumerate(state.layers) if layer.kind == "pool" and layer.height > 1]
    later = [number for number in pools if number > state.layer]
    return state.layers[(later or pools[-1:])[0]].name if pools else ""
