"""The dashboard's numbers for one face: maps of the chosen layer, of the pooling behind it, the one map that is chosen
with the pixels that drive it, and every method's heat, all by one call of the network.

While its session is being built, and while a large network rests between two calls, an answer tells nothing of that,
and the page goes on showing what it was told last.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from ..network.network import NO_UNIT, NOTHING, PREDICTED, Network, Request
from ..reading.analysis import other_class
from ..reading.crops import to_batch
from ..types import Reading
from ..view.state import ViewState
from .readout import Readout

QUICK_S = 0.1
"""A call that takes longer than this would hold up the camera, in seconds."""
REST = 4
"""So many times its own duration such a call is not made again while the picture moves."""


class Inside:
    """Looks inside the network for one client.

    Args:
        network: is asked once per face.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._due_s = 0.0

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
        request, start = self._request(state), perf_counter()
        if not still and (start < self._due_s or not self._network.ready(request)):
            return
        self._network.prepare(request)
        batch, start = to_batch(reading.crop[None], self._network.contract.input), perf_counter()
        target = reading.prediction.index if state.target == PREDICTED else state.target
        answer = self._network.answer(batch, request, np.array([target], np.int64))
        took_s = perf_counter() - start
        self._due_s = start + REST * took_s if took_s > QUICK_S else 0.0
        maps, pool = None if answer.maps is None else answer.maps[0], pooling_after(state)
        readout.maps("layer", maps, state.sort, layer=state.layer_name)
        if pool:
            readout.maps("pool", maps if answer.also is None else answer.also[0], state.sort, layer=pool)
        readout.one_map("unit", maps, state.unit, layer=state.layer_name)
        pixels = None if answer.pixels is None else np.asarray(answer.pixels[0].sum(-1), np.float32)
        readout.pixels("unitpixels", pixels, rule=request.rule, unit=state.unit)
        told = {"target": target, "against": other_class(reading.prediction, request.against, target)}
        for number, (method, heat) in enumerate(zip(state.methods, answer.heats, strict=True)):
            readout.heat(f"heat{number}", heat[0], method=method, **told)
        readout.facts["heats"] = [f"heat{number}" for number in range(len(state.methods))]

    def _request(self, state: ViewState) -> Request:
        """All at once; the chosen map is followed back by the rule that is chosen, else by the first there is."""
        layer, rules, pool = state.layer_name, self._network.rules(state.layer_name), pooling_after(state)
        rule = state.rule if state.rule in rules else next(iter(rules), "")
        against = state.against if self._network.contrasts else NOTHING
        return Request(
            layer,
            maps=True,
            against=against,
            rule=rule,
            unit=state.unit if rule else NO_UNIT,
            methods=tuple(state.methods),
            also="" if pool == layer else pool,
        )


def pooling_after(state: ViewState) -> str:
    """The pooling layer that follows the chosen layer, else the last one there is, else ""."""
    pools = [number for number, layer in enumerate(state.layers) if layer.kind == "pool" and layer.height > 1]
    later = [number for number in pools if number > state.layer]
    return state.layers[(later or pools[-1:])[0]].name if pools else ""
