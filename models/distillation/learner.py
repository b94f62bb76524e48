"""A network in training on an accelerator: Keras builds it, JAX runs a whole epoch of it in one call.

    state = weights, momentum, and the average of the weights, which is what is judged and kept
    step:   SGD with Nesterov momentum, weight decay on kernels, one cosine over the run after a short climb

Normalisation's statistics are averaged too, so that the averaged network needs no second pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from ..architectures import Design, build
from .faces import save

MOMENTUM = 0.9
WARM_UP = 0.08
LONGEST = 1.0
"""Of the gradient over all weights; a longer one is shortened, which tames the first steps."""
AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast a network learns.

    Attributes:
        epochs: passes over the pictures.
        batch: pictures per step.
        rate: peak learning rate.
        decay: weight decay (coupled; kernels alone).
        average: share of the old average that stays after a step.
    """

    epochs: int = 60
    batch: int = 512
    rate: float = 0.2
    decay: float = 5e-4
    average: float = 0.997


class State(NamedTuple):
    """Everything that a step changes; lists of arrays in Keras' order."""

    weights: list[Any]
    rest: list[Any]
    momentum: list[Any]
    average: list[Any]
    average_rest: list[Any]
    step: Any


class JaxLearner:
    """A network and how it learns.

    Args:
        design: what is built; its classes are those of all heads together.
        course: see `Course`.
        prepare: (key, data, indices) → (inputs, truth), on the accelerator.
        loss: (outputs, truth) → a number.
        count: of the pictures that an epoch goes through.
        seed: of weights and order.
    """

    def __init__(
        self,
        design: Design,
        course: Course,
        prepare: Callable[[Any, Any, Any], tuple[Any, Any]],
        loss: Callable[[Any, Any], Any],
        count: int,
        seed: int,
    ) -> None:
        keras.utils.set_random_seed(seed)
        keras.config.set_dtype_policy("mixed_bfloat16" if jax.default_backend() == "gpu" else "float32")
        self.network = outputs(build("emoscope", design), design)
        self.course, self.count, self.seed = course, count, seed
        self.steps = max(1, count // course.batch)
        self._prepare, self._loss = prepare, loss
        self._decayed = [len(variable.shape) > 1 for variable in self.network.trainable_variables]
        self.epoch = jax.jit(self._epoch, donate_argnums=0)

    def start(self) -> State:
        """The state before the first step."""
        # copies: what is made of them is overwritten in place
        weights = [jnp.array(variable.value) for variable in self.network.trainable_variables]
        rest = [jnp.array(variable.value) for variable in self.network.non_trainable_variables]
        return State(
            weights, rest, [jnp.zeros_like(one) for one in weights],
            [jnp.array(one) for one in weights], [jnp.array(one) for one in rest], jnp.zeros((), jnp.int32),
        )  # fmt: skip

    def _epoch(self, state: State, data: Any, number: Any, gentler: Any) -> tuple[State, Any]:
        key = jax.random.fold_in(jax.random.key(self.seed), number)
        order = jax.random.permutation(key, self.count)
        short = max(0, self.course.batch * self.steps - self.count)
        order = jnp.concatenate([order, order[:short]])[: self.steps * self.course.batch]
        keys = jax.random.split(jax.random.fold_in(key, 1), self.steps)
        batches = order.reshape(self.steps, self.course.batch)
        state, losses = jax.lax.scan(partial(self._step, data, gentler), state, (keys, batches))
        return state, losses.mean()

    def _step(self, data: Any, gentler: Any, state: State, turn: tuple[Any, Any]) -> tuple[State, Any]:
        inputs, truth = self._prepare(turn[0], data, turn[1])

        def cost(weights: list[Any]) -> tuple[Any, Any]:
            answers, rest = self.network.stateless_call(weights, state.rest, inputs, training=True)
            return self._loss(listed(answers), truth), rest

        (loss, rest), gradients = jax.value_and_grad(cost, has_aux=True)(state.weights)
        rate, course = self._rate(state.step) * gentler, self.course
        length = jnp.sqrt(sum(jnp.vdot(one, one) for one in gradients))
        gradients = [one * jnp.minimum(1, LONGEST / (length + 1e-9)) for one in gradients]
        weights, momentum = [], []
        for weight, speed, gradient, decays in zip(
            state.weights, state.momentum, gradients, self._decayed, strict=True
        ):
            push = gradient + course.decay * weight if decays else gradient
            speed = MOMENTUM * speed + push
            momentum.append(speed)
            weights.append(weight - rate * (push + MOMENTUM * speed))
        keep = jnp.minimum(course.average, (1 + state.step) / (10 + state.step))
        average = [keep * old + (1 - keep) * new for old, new in zip(state.average, weights, strict=True)]
        average_rest = [
            keep * old + (1 - keep) * new if jnp.issubdtype(new.dtype, jnp.floating) else new
            for old, new in zip(state.average_rest, rest, strict=True)
        ]
        return State(weights, rest, momentum, average, average_rest, state.step + 1), loss

    def _rate(self, step: Any) -> Any:
        progress = step / (self.steps * self.course.epochs)
        climb = jnp.minimum(1, progress / WARM_UP + 1e-3)
        return self.course.rate * climb * 0.5 * (1 + jnp.cos(jnp.pi * jnp.clip(progress, 0, 1)))

    def answers(self, weights: list[Any], rest: list[Any], inputs: Any) -> list[Any]:
        """What the network says at rest."""
        return listed(self.network.stateless_call(weights, rest, inputs, training=False)[0])


def outputs(network: Any, design: Design) -> Any:
    """A network that answers with its logits, and with quality where it has that."""
    heads = ["logits", "quality"] if design.quality else ["logits"]
    return keras.Model(network.inputs, [network.get_layer(name).output for name in heads])


def listed(answers: Any) -> list[Any]:
    """A network's outputs; Keras gives a single one bare."""
    return list(answers) if isinstance(answers, (list, tuple)) else [answers]


def in_parts(run: Callable[..., Any], *arrays: Any) -> Any:
    """`run` over arrays of equal length, a part at a time, on the accelerator; the last part is padded."""
    count = len(arrays[0])
    size = min(AT_ONCE, count)
    parts = -(-count // size)

    def split(array: Any) -> Any:
        padded = jnp.concatenate([array, jnp.repeat(array[:1], parts * size - count, axis=0)])
        return padded.reshape(parts, size, *array.shape[1:])

    done = jax.lax.map(lambda part: run(*part), tuple(split(array) for array in arrays))
    return jax.tree.map(lambda array: array.reshape(parts * size, *array.shape[2:])[:count], done)


def named(learner: JaxLearner, state: State) -> dict[str, NDArray[Any]]:
    """The averaged weights by the names that Keras gives them, "LAYER/VARIABLE"."""
    network = learner.network
    pairs = [
        *zip(network.trainable_variables, state.average, strict=True),
        *zip(network.non_trainable_variables, state.average_rest, strict=True),
    ]
    return {variable.path: np.asarray(value) for variable, value in pairs}


def kept(path: Path, like: State) -> Any:
    """The state in a file of `keep`."""
    leaves, tree = jax.tree.flatten(like)
    with np.load(path) as file:
        return jax.tree.unflatten(tree, [jnp.asarray(file[f"{number:05d}"]) for number in range(len(leaves))])


def keep(path: Path, state: State) -> None:
    """Writes a whole state, to go on from."""
    save(path, {f"{number:05d}": np.asarray(leaf) for number, leaf in enumerate(jax.tree.leaves(state))})


def sized(course: Course, count: int) -> Course:
    """The course for a set of `count` pictures."""
    return replace(course, batch=min(course.batch, count))
