"""How much faster our training step is than the plain one, measured side by side in one run.

The network is a VGG-like one of 1.2 million parameters: twice 3×3 convolution, batch normalisation and ReLU with
32, 64, 128 and 256 maps, each followed by max-pooling, then global average pooling. The plain step is float32 with
Keras' own normalisation; ours is what `Learner` does. Both take turns, so that whatever else the machine does
slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from .norm import FusedNorm
from .precision import policy, precision

MAPS = (32, 64, 128, 256)
EDGE, CLASSES = 44, 7
WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Speeds:
    """Images per second, medians over the rounds; `ratio` is the median of the rounds' own ratios."""

    plain: float
    ours: float
    ratio: float


def measure_training(batch: int = 128, rounds: int = 8) -> Speeds:
    """Times plain and our steps in turns."""
    random = np.random.default_rng(0)
    faces = tf.constant(random.random((batch, EDGE, EDGE, 1), np.float32))
    targets = tf.constant(np.eye(CLASSES, dtype=np.float32)[random.integers(0, CLASSES, batch)])
    plain = _step(_vgg(layers.BatchNormalization, "float32"))
    ours = _step(_vgg(FusedNorm, policy(onednn=True)))
    for _ in range(WARM_UP):
        plain(faces, targets)
        ours(faces, targets)
    pairs = [(_seconds(plain, faces, targets), _seconds(ours, faces, targets)) for _ in range(rounds)]
    slow, fast = (batch / median(times) for times in zip(*pairs, strict=True))
    return Speeds(slow, fast, median(one / other for one, other in pairs))


def _vgg(norm: Any, dtype: str) -> Any:
    with precision(dtype):
        inputs = hidden = keras.Input((EDGE, EDGE, 1))
        for maps in MAPS:
            for _ in range(2):
                hidden = layers.ReLU()(norm()(layers.Conv2D(maps, 3, padding="same", use_bias=False)(hidden)))
            hidden = layers.MaxPooling2D()(hidden)
        logits = layers.Dense(CLASSES, dtype="float32")(layers.GlobalAveragePooling2D()(hidden))
        return keras.Model(inputs, logits)


def _step(network: Any) -> Callable[[Any, Any], Any]:
    optimizer = keras.optimizers.Adam()
    variables = network.trainable_variables
    optimizer.build(variables)

    @tf.function  # type: ignore[untyped-decorator]  # TensorFlow is untyped
    def step(faces: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = network(faces, training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step  # type: ignore[no-any-return]


def _seconds(step: Callable[[Any, Any], Any], *batch: Any) -> float:
    started = time.perf_counter()
    step(*batch).numpy()
    return time.perf_counter() - started
