"""The network while it learns: one compiled step, and the average of its weights.

A network may learn several label sets at once: its last layer then has one group of logits per set, and the
groups become networks of their own when they are saved.

The learner computes in short numbers (see `precision`) with the fused normalisation; what is judged and saved is a
plain float32 copy of the network that holds the averaged weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from emoscope.types import Floats

from ..architectures import Design, architecture, build
from ..recipe import Recipe
from ..starting import HEAD, Start, adopt, answering
from .losses import cross_entropy
from .norm import FusedNorm, remembering
from .precision import policy, precision

Arrays = list[NDArray[Any]]


class Learner:
    """A network in training.

    Args:
        name: of the architecture.
        design: what it is built from.
        recipe: how it is trained.
        weights: (K,) factors on the loss of each class.
        tasks: number of label sets.

    Attributes:
        network: in training, in reduced precision.
        plain: the float32 network that holds the averaged weights.
        precision: the numbers that it is trained in, such as "bfloat16".
    """

    def __init__(self, name: str, design: Design, recipe: Recipe, weights: Floats, tasks: int = 1) -> None:
        keras.utils.set_random_seed(recipe.seed)
        chosen = policy(architecture(name).onednn)
        self.precision = chosen.removeprefix("mixed_")
        with precision(chosen):
            self.network = build(name, replace(design, norm=FusedNorm, classes=design.classes * tasks))
        self.plain = build(name, replace(design, weights=""))
        self._logits = keras.Model(self.network.inputs, self.network.get_layer(HEAD).output)
        self._optimizer = _optimizer(recipe)
        if recipe.weight_decay:  # which spares biases and normalisation
            spared = [variable for variable in self.network.trainable_variables if len(variable.shape) < 2]
            self._optimizer.exclude_from_weight_decay(var_list=spared)
        self._scaled = keras.optimizers.LossScaleOptimizer(self._optimizer) if chosen == "mixed_float16" else None
        (self._scaled or self._optimizer).build(self.network.trainable_variables)
        self._averages = [tf.Variable(weight) for weight in self.network.weights]
        self._weights, self._smoothing = weights, recipe.smoothing
        self._shape = (-1, tasks, design.classes)
        self._frozen = False

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]  # TensorFlow is untyped
    def step(self, inputs: Any, targets: Any, rate: Any, keep: Any, frozen: bool = False) -> tuple[Any, Any, Any]:
        """One step on (N, h, w, c) inputs and (N, T, K) targets.

        Args:
            inputs: as the network is fed.
            targets: each row of K a distribution, or zero where nobody decided.
            rate: learning rate.
            keep: share of the old average that stays in the average of the weights.
            frozen: whether only the last layer learns (call `freeze` with the same value before).

        Returns:
            The mean loss, how many pictures were called right in the first label set, and the mean cross-entropy
            without weights of classes and smoothing.
        """
        self._optimizer.learning_rate.assign(rate)
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape, remembering(self.network, self._early()):
            logits = tf.reshape(self._logits(inputs, training=True), self._shape)
            loss = cross_entropy(targets, logits, self._weights, self._smoothing)
            scaled = self._scaled.scale_loss(loss) if self._scaled else loss
        (self._scaled or self._optimizer).apply(tape.gradient(scaled, variables), variables)
        for average, weight in zip(self._averages, self.network.weights, strict=True):
            average.assign(keep * average + (1 - keep) * weight.value)
        right = tf.argmax(logits[:, 0], 1) == tf.argmax(targets[:, 0], 1)
        return loss, tf.reduce_sum(tf.cast(right, tf.int32)), cross_entropy(targets, logits, 1.0, 0.0)

    def _early(self) -> Any:
        """Share of the normalisations' memory that a step keeps at most: small at first, counted by the optimizer."""
        done = tf.cast(self._optimizer.iterations.value, tf.float32)
        return (1 + done) / (10 + done)

    def adopt(self, start: Start, labels: Sequence[str]) -> None:
        """Begins with the weights of another network, as far as their classes are the same."""
        source = keras.models.load_model(start.path, compile=False, safe_mode=True)
        adopt(self.network, source, start.contract.labels, labels, str(start.path))
        for average, weight in zip(self._averages, self.network.weights, strict=True):
            average.assign(weight)

    def freeze(self, frozen: bool) -> None:
        """Lets every layer but the last stay as it is, or learn again."""
        if frozen != self._frozen:
            self._frozen = frozen
            last = answering(self.network)
            for layer in self.network.layers:
                layer.trainable = not frozen or layer is last

    def averaged(self, task: int = 0) -> Any:
        """The plain network of one label set with the averaged weights: what is judged and saved."""
        *body, kernel, bias = (average.numpy() for average in self._averages)
        classes = self._shape[-1]
        group = slice(task * classes, (task + 1) * classes)
        self.plain.set_weights([*body, kernel[..., group], bias[group]])
        return self.plain

    def shown(self) -> Any:
        """The plain network with the optimizer beside it, for those who ask a network for its learning rate."""
        seen = keras.Model(self.plain.inputs, self.plain.outputs, name=self.plain.name)
        seen.optimizer, seen.stop_training = self._optimizer, False
        return seen

    @property
    def device(self) -> str:
        """What it is trained on."""
        graphics = tf.config.list_physical_devices("GPU")
        details = tf.config.experimental.get_device_details(graphics[0]) if graphics else {}
        return str(details.get("device_name", "GPU")) if graphics else "the processor"

    @property
    def state(self) -> Arrays:
        """Everything that the next step depends on."""
        return [np.asarray(variable) for variable in self._variables]

    @state.setter
    def state(self, values: Arrays) -> None:
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)

    @property
    def _variables(self) -> list[Any]:
        return [*self.network.variables, *(self._scaled or self._optimizer).variables, *self._averages]


def _optimizer(recipe: Recipe) -> Any:
    """The recipe's optimizer."""
    decay = recipe.weight_decay or None
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(recipe.lr, momentum=0.9, nesterov=True, weight_decay=decay)
    return keras.optimizers.Adam(recipe.lr, weight_decay=decay)
