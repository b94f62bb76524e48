"""A fair sample of a stream whose length nobody knows: Vitter's algorithm R (1985), one reservoir per class."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray


class Reservoir:
    """Keeps `size` pictures per class, each of the class with the same probability.

    Args:
        size: pictures kept per class.
        seed: of the choice.
    """

    def __init__(self, size: int, seed: int = 0) -> None:
        self.kept: defaultdict[str, list[NDArray[np.uint8]]] = defaultdict(list)
        self._size = size
        self._seen: Counter[str] = Counter()
        self._random = np.random.default_rng(seed)

    def offer(self, label: str, picture: NDArray[np.uint8]) -> None:
        """Shows the reservoir one more picture."""
        self._seen[label] += 1
        place = int(self._random.integers(self._seen[label]))
        if len(self.kept[label]) < self._size:
            self.kept[label].append(picture)
        elif place < self._size:
            self.kept[label][place] = picture
