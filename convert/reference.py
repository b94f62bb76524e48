"""What TensorFlow itself says: probabilities, logits, activations and their gradients, to check the graphs against."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from unittest import mock

import numpy as np

from emoscope.errors import ConversionError

from .forward import NUMBERS, QUALITY
from .recording import Call, answers_of, recording
from .tensorflow import tensorflow


@dataclass(frozen=True, slots=True)
class Truth:
    """One batch seen by the reference.

    Attributes:
        probabilities: (N, classes).
        logits: likewise.
        activations: layer name → (N, h, w, c).
        gradients: layer name → gradient of the target's logit, (N, h, w, c).
        further: `quality` (N,), how well each face can be read, and `numbers` (N, K), where the network tells them.
        finite: layer name → deviation of each face's gradient from finite differences, and their doubt, (2, N).
        pixels: RULE/LAYER → what drives channel number `target` of that layer, (N, H, W, C).
    """

    probabilities: np.ndarray
    logits: np.ndarray
    activations: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]
    further: Mapping[str, np.ndarray] = field(default_factory=dict)
    finite: Mapping[str, np.ndarray] = field(default_factory=dict)
    pixels: Mapping[str, np.ndarray] = field(default_factory=dict)


class Reference(Protocol):
    """Anything that knows the right answers."""

    def __call__(self, faces: np.ndarray, target: np.ndarray) -> Truth:
        """The truth about faces (N, …) and target classes (N,), all ≥ 0."""


class KerasReference:
    """A Keras model differentiated by TensorFlow's GradientTape.

    Args:
        model: the loaded model.
        layers: names of the layers that are looked at; None for all.
        traced: names of the layers whose channels are followed back to the pixels as well.
    """

    def __init__(self, model: Any, layers: Collection[str] | None = None, traced: Collection[str] = ()) -> None:
        tf = tensorflow()
        self._names: list[str] = []
        self._layers, self._traced = layers, traced
        self._model = model
        self._function = tf.function(self._run, autograph=False)

    def __call__(self, faces: np.ndarray, target: np.ndarray) -> Truth:
        """The truth about faces (N, …) and target classes (N,), all ≥ 0."""
        try:
            probabilities, logits, further, activations, gradients, pixels = self._function(faces, target)
        except (LookupError, tensorflow().errors.OpError) as error:  # "gradient registry has no entry for: ResizeArea"
            reason = str(error).replace("Graph execution error:", "").strip().splitlines()[0]
            raise ConversionError(f"TensorFlow cannot differentiate the network to check it ({reason})") from error
        arrays = [[array.numpy() for array in arrays] for arrays in (activations, gradients)]
        seen, slopes = (dict(zip(self._names, group, strict=True)) for group in arrays)
        told = {name: values.numpy() for name, values in further.items()}
        followed = {name: values.numpy() for name, values in pixels.items()}
        return Truth(probabilities.numpy(), logits.numpy(), seen, slopes, told, pixels=followed)

    def _run(self, faces: Any, target: Any) -> Any:
        tf = tensorflow()
        with tf.GradientTape(persistent=True) as tape, recording(self._model) as calls:
            tape.watch(faces)
            answer, further = answers_of(self._model, self._model(faces, training=False))
            logits, probabilities = read_ending(answer)
            score = tf.gather(logits, target, batch_dims=1)
            followed = [call for call in calls if call.name in self._traced]
            scores = {name: value for call in followed for name, value in channel_scores(call, target)}
        calls.append(Call("input", "input", faces))
        wanted = [call for call in calls if self._layers is None or call.name in {"input", *self._layers}]
        self._names[:] = [call.name for call in wanted]
        outputs = [call.output for call in wanted]
        gradients = tape.gradient(score, outputs, unconnected_gradients="zero")
        pixels = {name: tape.gradient(one, faces, unconnected_gradients="zero") for name, one in scores.items()}
        shapes = {QUALITY: (-1,), NUMBERS: (tf.shape(faces)[0], -1)}
        told = {name: tf.reshape(one, shapes[name]) for name, one in further.items()}
        return probabilities, logits, told, outputs, gradients, pixels


def channel_scores(call: Call, unit: Any) -> Iterator[tuple[str, Any]]:
    """What `unit/gradient` and `unit/field` differentiate: ½ Σ_ij max(A_k, 0)², and the channel's largest cell."""
    tf = tensorflow()
    chosen = tf.one_hot(unit, call.output.shape[-1], dtype=call.output.dtype)  # none where there is no such channel
    maps = tf.reduce_sum(call.output * chosen[:, None, None, :], axis=3)
    yield f"gradient/{call.name}", tf.reduce_sum(tf.maximum(maps, 0) ** 2) / 2
    cells = tf.reshape(maps, (tf.shape(maps)[0], -1))
    yield f"field/{call.name}", tf.reduce_sum(tf.gather(cells, tf.argmax(cells, axis=1), batch_dims=1))


@contextmanager
def relu_sending_back(kind: str) -> Iterator[None]:
    """Keras' Relu with the gradient of `guided` backpropagation or of a `deconvolution`, while it is open.

    A function of TensorFlow that was traced before keeps the true gradient.
    """
    tf = tensorflow()
    from keras.src.backend import nn

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def relu(x: Any) -> Any:
        y = tf.nn.relu(x)
        return y, lambda g: tf.nn.relu(g) * (tf.cast(y > 0, g.dtype) if kind == "guided" else 1)

    with mock.patch.object(nn, "relu", relu):
        yield


def read_ending(answer: Any) -> tuple[Any, Any]:
    """Logits and probabilities, (N, classes), from the symbolic tensor that a model returns."""
    last = answer.op
    while last.type in PASSING:
        last = last.inputs[0].op
    logits = last.inputs[0] if last.type in ENDINGS else answer
    logits, answer = (tensorflow().reshape(tensor, (tensorflow().shape(tensor)[0], -1)) for tensor in (logits, answer))
    return logits, ENDINGS[last.type](answer) if last.type in ENDINGS else tensorflow().nn.softmax(answer)


PASSING = {"Identity", "Reshape", "Squeeze", "ExpandDims", "Cast"}
ENDINGS: dict[str, Callable[[Any], Any]] = {
    "Softmax": lambda answer: answer,
    "Sigmoid": lambda answer: answer,
    "LogSoftmax": lambda answer: tensorflow().exp(answer),
}
"""What a network may end in, and how its answer becomes probabilities."""
