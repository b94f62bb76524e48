"""The same few faces for all networks, and what each says and looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.network.network import Request
from emoscope.reading.crops import to_batch
from emoscope.types import Floats, Image, Prediction

from ..data.dataset import Split
from .contestants import Contestant


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """What one network makes of one face.

    Attributes:
        face: (h, w) gray or (h, w, 3), its input.
        prediction: its answer.
        heat: (h, w), 0–1, of its own default method and layer for the class it names; None where it has none.
    """

    face: Image
    prediction: Prediction
    heat: Floats | None


def in_common(splits: Sequence[Split]) -> list[NDArray[np.int64]]:
    """Where in each split the pictures stand that are in all of them, in the order of the first.

    Raises:
        DataError: there are none.
    """
    places = [{str(digest): number for number, digest in enumerate(split.digests)} for split in splits]
    shared = [digest for digest in places[0] if all(digest in each for each in places)]
    if not shared:
        raise DataError(
            "the networks have held out no picture in common: compare them on DATA that none has learnt from"
        )
    return [np.array([each[digest] for digest in shared], np.int64) for each in places]


def pick(classes: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """Numbers of `count` pictures, the classes in turn, by a seed; the same for every network."""
    order = np.random.default_rng(seed).permutation(len(classes))
    ranks = {int(one): iter(order[classes[order] == one]) for one in np.unique(classes)}
    chosen: list[int] = []
    while len(chosen) < min(count, len(classes)):
        chosen += [int(number) for number in (next(rank, None) for rank in ranks.values()) if number is not None]
    return np.array(chosen[:count], np.int64)


def looks(contestant: Contestant, split: Split, chosen: NDArray[np.int64]) -> list[ComparedFace]:
    """What a network makes of the chosen pictures of its own split."""
    contract, network = contestant.network.contract, contestant.network
    images = split.images[chosen]
    crops = images[..., 0] if contract.input.channels == "gray" else images
    if contract.input.channels == "rgb":
        crops = crops[..., ::-1]  # batches are made from BGR
    request = Request(contract.default_layer, method=contract.default_method) if contract.methods else Request()
    answer = network.answer(to_batch(crops, contract.input), request)
    return [
        ComparedFace(crop, Prediction(contract.labels, share), None if answer.heat is None else answer.heat[number])
        for number, (crop, share) in enumerate(zip(crops, answer.probabilities, strict=True))
    ]
