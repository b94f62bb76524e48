"""All that a page must know of the model, the keys and the colours before it draws anything: `about.json`."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from ..draw import maps
from ..network.network import Network
from ..report.explain.beside import Beside
from ..report.explain.colours import emotion_colour
from ..system.versions import versions
from ..view.keys import BINDINGS, KEYS
from ..view.state import METHOD_NAMES, RULE_NAMES, VIEWS, ViewState


def about(network: Network, state: ViewState, known: Beside) -> dict[str, Any]:
    """The page's `about`, as JSON takes it.

    Args:
        network: that reads.
        state: what a page shows at first.
        known: measured scores and the atlas, where they lie beside the model.
    """
    contract = network.contract
    return {
        "model": network.name,
        "provider": network.provider,
        "versions": versions(),
        "labels": contract.labels,
        "colours": [emotion_colour(label, number) for number, label in enumerate(contract.labels)],
        "layers": [
            {"name": layer.name, "kind": layer.kind, "size": [layer.height, layer.width, layer.channels]}
            for layer in contract.layers
        ],
        "priors": state.priors,
        "default_prior": contract.default_prior,
        "methods": [{"name": name, "title": METHOD_NAMES.get(name, name)} for name in contract.methods],
        "scores": [[method, layer, round(score.mean, 3)] for (method, layer), score in known.scores.scores.items()],
        "rules": [{"name": name, "title": title} for name, title in RULE_NAMES.items()],
        "followed": [name for name in contract.layer_names if network.rules(name)],
        "contrasts": network.contrasts,
        "atlas": list(known.atlas.layers) if known.atlas else [],
        "views": [{"name": view.name, "help": view.help} for view in VIEWS.values()],
        "keys": [key for binding in BINDINGS for key in binding.keys],
        "help": KEYS,
        "palettes": {name: palette(code) for name, code in maps.COLOUR_MAPS.items()},
    }


def palette(code: int) -> list[list[int]]:
    """The 256 colours of an OpenCV colour map, red, green, blue."""
    colours = cv2.applyColorMap(np.arange(256, dtype=np.uint8), code)
    return [[int(red), int(green), int(blue)] for blue, green, red in colours.reshape(-1, 3)]
