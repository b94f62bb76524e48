"""The dashboard's numbers for one face: maps of the chosen layer, of the pooling behind it, the one map that is chosen
with the pixels that drive it, and every method's heat.

A method that takes long would hold up the camera, so while the picture moves only quick ones are shown; the others
follow as soon as it stands still.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from ..network.network import NO_UNIT, NOTHING, PREDICTED, Network, Request
from ..reading.analysis import other_class
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
        """Adds `layer`, `pool`, `unit` with `unitpixels`, and `heats` to an answer.

        Args:
            readout: the answer that is added to.
            reading: of the chosen face.
            state: of the client: layer, method, target, order of maps.
            still: whether the picture stands still, so that all that is shown may be computed anew.
        """
        if not state.layers:
            return
        batch = to_batch(reading.crop[None], self._network.contract.input)
        target = reading.prediction.index if state.target == PREDICTED else state.target
        self._maps(readout, "layer", batch, state.layer_name, state.sort, still)
        pool = pooling_after(state)
        if pool:
            self._maps(readout, "pool", batch, pool, state.sort, still)
        self._unit(readout, batch, state, still)
        readout.facts["heats"] = []
        against = state.against if self._network.contrasts else NOTHING
        for number, method in enumerate(state.methods):
            request = Request(state.layer_name, method=method, against=against)
            heat = self._heat(request, batch, target, still or number == state.method)
            name = f"heat{number}"
            other = other_class(reading.prediction, against, target)
            readout.heat(name, heat, method=method, target=target, against=other)
            readout.facts["heats"].append(name if heat is not None else "")

    def _maps(self, readout: Readout, name: str, batch: Floats, layer: str, sort: bool, still: bool) -> None:
        request = Request(layer, maps=True)
        if still or self._network.ready(request):
            maps = self._network.answer(batch, request).maps
            readout.maps(name, None if maps is None else maps[0], sort, layer=layer)

    def _unit(self, readout: Readout, batch: Floats, state: ViewState, still: bool) -> None:
        """The chosen map by itself, and what drives it: by the rule that is chosen, else by the first there is."""
        rules = self._network.rules(state.layer_name)
        rule = state.rule if state.rule in rules else next(iter(rules), "")
        request = Request(state.layer_name, maps=True, rule=rule, unit=state.unit if rule else NO_UNIT)
        if still or self._network.ready(request):
            answer = self._network.answer(batch, request)
            readout.one_map("unit", None if answer.maps is None else answer.maps[0], state.unit, layer=state.layer_name)
            pixels = None if answer.pixels is None else np.asarray(answer.pixels[0].sum(-1), np.float32)
            readout.pixels("unitpixels", pixels, rule=rule, unit=state.unit)

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
