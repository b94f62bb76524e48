"""NVIDIA's graphics cards, on which networks train faster: which there are, and whether TensorFlow uses them."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

ASKED = ["nvidia-smi", "--query-gpu=name,compute_cap", "--format=csv,noheader"]
LOOK = "from emoscope.models.backend import start; print(len(start().config.list_physical_devices('GPU')))"
"""In a process of its own: TensorFlow takes seconds to import, and the runtime never has it."""
DRIVER_S, TENSORFLOW_S = 20, 120
CURES = {
    "linux": 'run `pip install "tensorflow[and-cuda]"`',
    "win32": "since 2.11 it uses none on Windows itself: train in WSL2, after `wsl --install`",
}
"""What lets TensorFlow use a card, by its installation guide, tensorflow.org/install/pip."""


class Card(NamedTuple):
    """A card.

    Attributes:
        name: as its driver calls it.
        capability: NVIDIA's compute capability, which says what numbers it multiplies; 0 where it is not told.
    """

    name: str
    capability: float


def cards() -> list[Card]:
    """What the driver names; none where there is no driver."""
    return [_card(line) for line in _answer(ASKED, DRIVER_S).splitlines() if "," in line]


def used_by_tensorflow() -> int:
    """How many cards TensorFlow finds."""
    return int(_answer([sys.executable, "-c", LOOK], TENSORFLOW_S).strip() or 0)


def cure() -> str:
    """What lets TensorFlow use the cards."""
    return CURES.get(sys.platform, CURES["linux"])


def _card(line: str) -> Card:
    name, _, capability = line.rpartition(",")
    try:
        return Card(name.strip(), float(capability))
    except ValueError:
        return Card(name.strip(), 0.0)


def _answer(command: list[str], limit_s: float) -> str:
    """What a command prints; "" where there is none, or it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
