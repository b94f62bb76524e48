"""Both graphs against a reference, before anything is written.

Differences are relative: the largest deviation over the largest value, per face. One figure stands for all faces: their
median, because two nearly equal values in a pooling window may rightly send the gradient to different cells.

Some heat is nothing but rounding: before an instance normalisation a map's gradients add up to zero, so Grad-CAM is
0 / 0 there. How far the reference itself moves when its numbers are rounded a little differently is its `doubt`, and is
allowed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from emoscope.errors import ConversionError
from emoscope.network.bundle import ModelBundle
from emoscope.network.contract import InputSpec
from emoscope.network.network import PREDICTED
from emoscope.network.offset import shifted
from emoscope.reading.crops import to_batch

from .cam_numpy import ORACLES, Array, normalised
from .forward import FACES, LOGITS, OFFSET, PROBABILITIES, TARGET, UNIT
from .observe import session
from .passes import keep_outputs
from .reference import Reference, Truth

FACES_CHECKED, LARGE_CHECKED = 4, 2
"""Faces of noise that both graphs are asked about, and those of large pictures, whose maps fill the memory."""
LARGE = 128 * 128
"""Pixels from which on a picture is large."""
AT_ONCE = 100_000_000
"""Bytes of answers that are asked for at once, unless one alone is larger."""
FINITE = "finite differences/"

ROUNDING = 3e-7
"""A few units in the last place of float32."""

JUDGED = 0.02
"""Faces whose finite differences are in greater doubt than this do not count."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far one output lies from the reference.

    Attributes:
        output: name of the output.
        relative: median over faces of largest deviation / largest value.
        worst: the largest over faces.
        doubt: how far the reference moves by rounding alone, likewise.
    """

    output: str
    relative: float
    worst: float
    doubt: float = 0.0

    @property
    def tolerance(self) -> float:
        """What is accepted; finite differences are no better than this themselves."""
        return (1e-2 if self.output.startswith(FINITE) else 1e-3) + 10 * self.doubt

    @property
    def judged(self) -> bool:
        """Whether the reference knows at all; finite differences may drown in rounding."""
        return not np.isposinf(self.doubt)


def verify(bundle: ModelBundle, reference: Reference, unverified: Collection[str] = ()) -> list[Difference]:
    """Differences of every output.

    Args:
        bundle: what was converted.
        reference: who knows the right answers.
        unverified: layers whose gradients need not agree with finite differences.

    Raises:
        ConversionError: a difference is too large.
    """
    faces = noise(bundle.contract.input)
    target = np.arange(len(faces), dtype=np.int64) % len(bundle.contract.labels)
    truth = reference(faces, target)
    fast = _run(bundle.classifier, _said(truth), {FACES: faces})
    told = [output.name for output in bundle.activations.graph.output]
    right = dict(expected(truth, told))
    rows = [difference(f"classifier/{name}", fast[name], wanted) for name, wanted in _said(truth).items()]
    offset = list(_with_offset(bundle, faces, truth))
    for group in _groups(right):
        answers = _run(bundle.activations, group, {FACES: faces, TARGET: target, UNIT: target})
        rows += [_judged(name, answers.pop(name), right[name], truth) for name in group]
    rows += offset
    rows += [from_finite(layer, *found) for layer, found in truth.finite.items()]
    trusted = {f"{FINITE}{layer}" for layer in unverified}
    bad = [row for row in rows if row.judged and row.output not in trusted and not row.relative <= row.tolerance]
    if bad:
        raise ConversionError(_disagreement(bad))
    return rows


def _groups(right: Mapping[str, Array]) -> Iterator[list[str]]:
    """Names of outputs, so many at a time that their numbers do not fill the memory."""
    group, size = list[str](), 0
    for name, wanted in right.items():
        if group and size + wanted.nbytes > AT_ONCE:
            yield group
            group, size = [], 0
        group.append(name)
        size += wanted.nbytes
    yield group


def _disagreement(bad: Sequence[Difference]) -> str:
    worst = max(bad, key=lambda row: row.relative)
    message = f"{worst.output} is off by {worst.relative:.1e} of its largest value ({len(bad)} outputs are)"
    said = f"the converted graph disagrees with the model: {message}; nothing was written"
    if not all(row.output.startswith(FINITE) for row in bad):
        return said
    layers = ",".join(row.output.removeprefix(FINITE) for row in bad)
    return f"{said}; if you know its heat to be right, --unverified {layers} writes it and stamps that into the files"


def _with_offset(bundle: ModelBundle, faces: Array, truth: Truth) -> Iterable[Difference]:
    """What both graphs say when every face's logits are shifted by numbers of its own."""
    shift = np.random.default_rng(1).normal(size=truth.logits.shape).astype(np.float32)
    wanted = shifted(truth.probabilities, shift)
    for which, model in (("classifier", bundle.classifier), ("activations", bundle.activations)):
        if OFFSET in {value.name for value in model.graph.input}:
            everything = {FACES: faces, TARGET: np.full(len(faces), PREDICTED), OFFSET: shift}
            feed = {value.name: everything[value.name] for value in model.graph.input if value.name in everything}
            said = _run(model, [PROBABILITIES], feed)
            yield difference(f"{which}/{OFFSET}", said[PROBABILITIES], wanted)


def noise(spec: InputSpec) -> Array:
    """Faces of pure noise, as the network reads pixels."""
    number = LARGE_CHECKED if spec.height * spec.width >= LARGE else FACES_CHECKED
    shape = (number, spec.height, spec.width) + (() if spec.channels == "gray" else (3,))
    return to_batch(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8), spec)


def _judged(name: str, got: Array, wanted: Array, truth: Truth) -> Difference:
    """The difference of one output; how much of it may be rounding is only asked where it is not small."""
    found = difference(name, got, wanted)
    kind, _, rest = name.partition("/")
    if kind != "cam" or found.relative <= found.tolerance:
        return found
    method, _, layer = rest.partition("/")
    return difference(name, got, wanted, doubt(method, truth.activations[layer], truth.gradients[layer]))


def expected(truth: Truth, names: Iterable[str]) -> Iterable[tuple[str, Array]]:
    """Each output that the reference speaks about, and what it should be."""
    for name in names:
        kind, _, rest = name.partition("/")
        if kind == "activation":
            yield name, truth.activations[rest]
        elif kind == "cam":
            method, _, layer = rest.partition("/")
            if method not in ORACLES:
                continue  # no formula of maps and gradients alone
            yield name, heat(method, truth.activations[layer], truth.gradients[layer])
        elif kind == "unit" and rest in truth.pixels:
            yield name, truth.pixels[rest]
        elif name in (said := {LOGITS: truth.logits, **_said(truth)}):
            yield name, said[name]


def _said(truth: Truth) -> dict[str, Array]:
    """What both graphs answer, by name of the output."""
    return {PROBABILITIES: truth.probabilities, **truth.further}


def heat(method: str, activations: Array, gradients: Array) -> Array:
    """The heat that a method should show."""
    return normalised(ORACLES[method](activations, gradients))


def doubt(method: str, activations: Array, gradients: Array) -> float:
    """How far rounding alone moves the heat."""
    rounding = 1 + ROUNDING * np.random.default_rng(0).choice([-1, 1], gradients.shape).astype(np.float32)
    rounded = heat(method, activations, gradients * rounding)
    return difference(method, rounded, heat(method, activations, gradients)).relative


def difference(output: str, got: Array, wanted: Array, doubt: float = 0.0) -> Difference:
    """Compares two batches face by face; a face whose reference is all zero counts where the other is not.

    Args:
        output: its name, for the table.
        got: (N, …) what our graph says.
        wanted: (N, …) what is right.
        doubt: how far the reference itself may be off, relatively.
    """
    axes = tuple(range(1, wanted.ndim))
    scale = np.abs(wanted).max(axes)
    deviation = np.abs(got - wanted).max(axes) / np.where(scale > 0, scale, 1)
    return Difference(output, *middle_and_worst(deviation), doubt)


def from_finite(layer: str, found: Array, doubt: Array) -> Difference:
    """The faces that finite differences can judge, as one difference."""
    sure = doubt <= JUDGED
    if not sure.any():
        return Difference(f"{FINITE}{layer}", np.nan, np.nan, np.inf)
    return Difference(f"{FINITE}{layer}", *middle_and_worst(found[sure]), float(np.median(doubt[sure])))


def middle_and_worst(deviation: Array) -> tuple[float, float]:
    """Median and maximum over faces."""
    return float(np.median(deviation)), float(deviation.max())


def _run(model: onnx.ModelProto, outputs: Iterable[str], feed: Mapping[str, NDArray[Any]]) -> dict[str, Array]:
    """These outputs by name; the graph is cut to them, since a runtime computes whatever stands in it."""
    names, part = list(outputs), onnx.ModelProto()
    part.CopyFrom(model)
    keep_outputs(part, names)
    running = session(part)
    del part  # large weights would be held twice
    known = {value.name for value in (*running.get_inputs(), *running.get_overridable_initializers())}
    wanted = {name: values for name, values in feed.items() if name in known}
    return dict(zip(names, running.run(names, wanted), strict=True))
