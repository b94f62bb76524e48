"""The state of the app, which all pages share: the network, the threads that work, what the page is built from."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np

from ..draw import maps
from ..faces import FaceFinder
from ..network.network import Network
from ..report.explain.beside import Beside
from ..report.explain.colours import emotion_colour
from ..sinks.about import About
from ..sinks.options import SinkOptions
from ..system.closing import Closing
from ..view.keys import BINDINGS, KEYS
from ..view.state import METHOD_NAMES, RULE_NAMES, VIEWS, ViewState
from .page_sinks import ServerSinks

WORKERS = 2
MOST_CLIENTS = 16
"""Pages that may be open at once; each holds a face finder."""


class AppState(Closing):
    """One network for all pages; a context manager that ends its threads.

    Args:
        network: answers from several threads at once.
        open_finder: makes a face finder, one for each client, since it remembers faces.
        state: what a page shows at first.
        model: the network as `--model` names it, by which its card is found.
        sinks: where readings go besides the pages, None for nowhere; closed by whoever opened it.
        known: measured scores and the atlas, where they lie beside the model.

    Attributes:
        clients: how many pages are open.
    """

    def __init__(
        self,
        network: Network,
        open_finder: Callable[[], FaceFinder],
        state: ViewState,
        model: str,
        sinks: ServerSinks | None = None,
        known: Beside | None = None,
    ) -> None:
        self.sinks = sinks or ServerSinks(SinkOptions(), About(network.contract.labels, network.name))
        self.network, self.open_finder, self.state, self.model = network, open_finder, state, model
        self.frames = ThreadPoolExecutor(WORKERS, "frames")
        self.slow = ThreadPoolExecutor(1, "uploads")
        self.clients = 0
        self.known = known or Beside()

    def close(self) -> None:
        """Waits for what the threads have begun, and ends them."""
        for pool in (self.frames, self.slow):
            pool.shutdown(wait=True, cancel_futures=True)

    def description(self) -> dict[str, Any]:
        """All that the page must know of the model, the keys and the colours."""
        contract = self.network.contract
        return {
            "model": self.network.name,
            "provider": self.network.provider,
            "labels": contract.labels,
            "colours": [emotion_colour(label, number) for number, label in enumerate(contract.labels)],
            "layers": [
                {"name": layer.name, "kind": layer.kind, "size": [layer.height, layer.width, layer.channels]}
                for layer in contract.layers
            ],
            "priors": self.state.priors,
            "default_prior": contract.default_prior,
            "methods": [{"name": name, "title": METHOD_NAMES.get(name, name)} for name in contract.methods],
            "scores": [
                [method, layer, round(score.mean, 3)] for (method, layer), score in self.known.scores.scores.items()
            ],
            "rules": [{"name": name, "title": title} for name, title in RULE_NAMES.items()],
            "followed": [name for name in contract.layer_names if self.network.rules(name)],
            "contrasts": self.network.contrasts,
            "atlas": list(self.known.atlas.layers) if self.known.atlas else [],
            "views": [{"name": view.name, "help": view.help} for view in VIEWS.values()],
            "keys": [key for binding in BINDINGS for key in binding.keys],
            "help": KEYS,
            "palettes": {name: palette(code) for name, code in maps.COLOUR_MAPS.items()},
        }


def palette(code: int) -> list[list[int]]:
    """The 256 colours of an OpenCV colour map, red, green, blue."""
    colours = cv2.applyColorMap(np.arange(256, dtype=np.uint8), code)
    return [[int(red), int(green), int(blue)] for blue, green, red in colours.reshape(-1, 3)]
