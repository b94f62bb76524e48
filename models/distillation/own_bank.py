"""The bank without teachers: what the student itself says of many views, of each in four looks.

    python -m emoscope.models.distillation.own_bank faces.npz RUN --views 10

A view, its mirror image and both cut an eighth closer go through the network, and the averages of its last maps are
averaged: so seen, the student is right more often than at one look (on PublicTest and CK+48 by 2.6 and 1.4 points of
balanced accuracy), and `refine` teaches it to know at one look what it says after four. It reads RUN/student.npz and
writes RUN/maps.npy and RUN/bank.npz, as the teachers' script does; the first view is the picture as it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.reading.crops import fed

from .. import backend
from ..architectures import Design, architecture, build
from ..labels import EMOTIONS
from . import EDGE
from .faces import save, unpack

tf = backend.start()

import keras  # noqa: E402

from ..training.precision import policy, precision  # noqa: E402

CLASSES = len(EMOTIONS)
CLOSER = 0.13
"""Of the edge, that the closer looks leave out."""
AT_ONCE = 512
SEED = 77
"""Of the views; another than the teachers' own."""

Floats = NDArray[np.float32]
Pictures = NDArray[np.uint8]


def looks(pictures: Pictures) -> tuple[Pictures, ...]:
    """(N, 48, 48) pictures, their mirror images, and both from closer by."""
    near = np.stack([seen(picture, _closer()) for picture in pictures])
    return pictures, pictures[:, :, ::-1], near, near[:, :, ::-1]


def seen(picture: Pictures, how: Floats) -> Pictures:
    """A picture through a map from crop to picture: whole numbers, 0–255."""
    from .refine import to_bytes, view

    return np.asarray(to_bytes(view(picture, how)), np.uint8)


def maps_of(eyes: Floats, count: int) -> Floats:
    """(V, N, 2, 3) maps: the picture as it is, then views as the teachers see them."""
    import jax
    import jax.numpy as jnp

    from .views import plain, random_views

    draw = jax.jit(lambda number: random_views(jax.random.fold_in(jax.random.key(SEED), number), jnp.asarray(eyes)))
    return np.stack([plain(len(eyes)), *(draw(number) for number in range(count - 1))]).astype(np.float32)


class Looker:
    """The student, asked four times.

    Args:
        path: its weights by name, both heads.
    """

    def __init__(self, path: Path) -> None:
        with precision(policy(onednn=True)):
            network = build("emoscope", Design(architecture("emoscope").input, 2 * CLASSES, dropout=0.0, quality=True))
        with np.load(path) as file:
            for variable in network.variables:
                variable.assign(file[variable.path])
        self._head = [np.asarray(one, np.float32) for one in network.get_layer("logits").get_weights()]
        trunk = keras.Model(network.inputs, network.get_layer("gap").output)
        self._trunk = tf.function(lambda faces: trunk(faces, training=False), reduce_retracing=True)

    def answers(self, pictures: Pictures) -> Floats:
        """(N, 2, K) log-probabilities of both heads."""
        kernel, bias = self._head
        features = np.mean([self._features(one) for one in looks(pictures)], axis=0)
        logits = (features @ kernel + bias).reshape(-1, 2, CLASSES)
        shifted = logits - logits.max(-1, keepdims=True)
        return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)), np.float32)

    def _features(self, pictures: Pictures) -> Floats:
        spec = architecture("emoscope").input
        parts: list[Any] = []
        for at in range(0, len(pictures), AT_ONCE):
            inputs = fed(np.ascontiguousarray(pictures[at : at + AT_ONCE, ..., None]), spec)
            parts.append(np.asarray(self._trunk(inputs), np.float32))
        return np.concatenate(parts)


def _closer() -> Floats:
    kept = 1 - CLOSER
    corner = (EDGE - 1) / 2 * (1 - kept)
    return np.array([[kept, 0, corner], [0, kept, corner]], np.float32)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("faces", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--views", type=int, default=10)
    parser.add_argument("--limit", type=int, default=0)
    given = parser.parse_args()
    train = unpack(given.faces, given.limit)["train"]
    maps, student = maps_of(train.eyes, given.views), Looker(given.run / "student.npz")
    np.save(given.run / "maps.npy", maps)
    answers = []
    for number, view in enumerate(maps):
        shown = np.stack([seen(*one) for one in zip(train.pictures, view, strict=True)])
        answers.append(student.answers(shown).astype(np.float16))
        print(f"view {number + 1} of {len(maps)}", flush=True)
    save(given.run / "bank.npz", {"answers": np.stack(answers)})


if __name__ == "__main__":
    main()
