"""Both graphs against a reference, before anything is written.

Differences are relative: the largest deviation over the largest value, per face. One figure stands for all faces: their
median, because two nearly equal values in a pooling window may rightly send the gradient to different cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnx

from convert.cam_numpy import ORACLES, normalised
from convert.forward import FACES, PROBABILITIES, TARGET
from convert.observe import random_faces, session
from convert.pair import Pair
from convert.reference import Reference, Truth
from realtime.errors import ConversionError

FACES_CHECKED = 4
FINITE = "finite differences/"


@dataclass(frozen=True, slots=True)
class Difference:
    """How far one output lies from the reference.

    Attributes:
        output: name of the output.
        relative: median over faces of largest deviation / largest value.
        worst: the largest over faces.
    """

    output: str
    relative: float
    worst: float

    @property
    def tolerance(self) -> float:
        """What is accepted; finite differences are no better than this themselves."""
        return 1e-2 if self.output.startswith(FINITE) else 1e-3


def verify(pair: Pair, reference: Reference) -> list[Difference]:
    """Differences of every output; ConversionError where one is too large."""
    faces = random_faces(FACES_CHECKED, pair.contract.input.shape)
    target = np.arange(FACES_CHECKED, dtype=np.int64) % len(pair.contract.labels)
    truth = reference(faces, target)
    fast = dict(_run(pair.classifier, {FACES: faces}))
    answers = dict(_run(pair.activations, {FACES: faces, TARGET: target}))
    first = difference("classifier", fast[PROBABILITIES], truth.probabilities)
    rows = [first, *(difference(name, answers[name], wanted) for name, wanted in expected(truth, answers))]
    rows += [Difference(f"{FINITE}{layer}", *middle_and_worst(found)) for layer, found in truth.finite.items()]
    bad = [row for row in rows if not row.relative <= row.tolerance]
    if bad:
        worst = max(bad, key=lambda row: row.relative)
        message = f"{worst.output} is off by {worst.relative:.1e} of its largest value ({len(bad)} outputs are)"
        raise ConversionError(f"the converted graph disagrees with the model: {message}; nothing was written")
    return rows


def expected(truth: Truth, names: Iterable[str]) -> Iterable[tuple[str, np.ndarray]]:
    """Each output that the reference speaks about, and what it should be."""
    for name in names:
        kind, _, rest = name.partition("/")
        if kind == "activation":
            yield name, truth.activations[rest]
        elif kind == "cam":
            method, _, layer = rest.partition("/")
            yield name, normalised(ORACLES[method](truth.activations[layer], truth.gradients[layer]))
        elif name == PROBABILITIES:
            yield name, truth.probabilities


def difference(output: str, got: np.ndarray, wanted: np.ndarray) -> Difference:
    """Compares two batches face by face; a face whose reference is all zero counts where the other is not."""
    axes = tuple(range(1, wanted.ndim))
    scale = np.abs(wanted).max(axes)
    deviation = np.abs(got - wanted).max(axes) / np.where(scale > 0, scale, 1)
    return Difference(output, *middle_and_worst(deviation))


def middle_and_worst(deviation: np.ndarray) -> tuple[float, float]:
    """Median and maximum over faces."""
    return float(np.median(deviation)), float(deviation.max())


def _run(model: onnx.ModelProto, feed: dict[str, np.ndarray]) -> Iterable[tuple[str, np.ndarray]]:
    running = session(model)
    names = [output.name for output in running.get_outputs()]
    return zip(names, running.run(names, feed), strict=True)
