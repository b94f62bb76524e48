"""The fast graph in whole numbers of eight bits: a quarter of the size, and quicker where a processor multiplies them.

    x ─Quantize─Dequantize─▶ Conv ◀─Dequantize─ W int8      "QDQ": which the runtime makes one node of

What numbers each tensor takes is seen on faces (calibration); weights have a scale per channel. Only the classifier is
made so: heat and maps are shown by the other graph, whose derivatives stay float32. Its answers may then differ from
the classifier's, about as often as is told.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from emoscope.errors import ConversionError, DataError
from emoscope.network.bundle import ModelBundle
from emoscope.network.contract import Contract
from emoscope.reading.crops import cut_crops, to_batch
from emoscope.types import Floats

from .forward import FACES, PROBABILITIES
from .labelled import Labelled, Onlooker, labelled, parted
from .observe import session
from .upgrade import first_line

CALIBRATED, JUDGED = 200, 600
"""Faces that show what numbers there are, and faces that tell what it changed; none is both."""
LEAST = 40
AT_ONCE = 32
AGREEING = 0.95
"""Share of the same answers that is asked for."""


@dataclass(frozen=True, slots=True)
class JudgedFaces:
    """Faces as a network is fed, (N, …), and the number of each one's class."""

    fed: Floats
    truth: NDArray[np.int64]


def faces_of(contract: Contract, data: Path, tell: Callable[[str], None]) -> tuple[JudgedFaces, JudgedFaces]:
    """Faces to calibrate with, and others to judge by.

    Raises:
        DataError: there are too few.
    """
    pictures = labelled(data, contract.labels, CALIBRATED + JUDGED)
    parts = parted(pictures, max(2, round(len(pictures) / CALIBRATED)))
    with Onlooker() as onlooker:
        kept = [_faces(contract, onlooker, part, tell) for part in parts]
    if min(len(part.truth) for part in kept) < LEAST:
        raise DataError(f"{data}: faces are found in too few pictures to calibrate with: {2 * LEAST} are the least")
    return kept[0], kept[1]


def _faces(
    contract: Contract, onlooker: Onlooker, pictures: Sequence[Labelled], tell: Callable[[str], None]
) -> JudgedFaces:
    crops, truth = [np.empty((0, *contract.input.shape), np.float32)], []
    for number, picture in enumerate(pictures):
        tell(f"looking at faces: picture {number + 1} of {len(pictures)}")
        seen = onlooker.see(picture.path)
        if seen is not None:
            crops.append(to_batch(cut_crops(seen.frame, [seen.face], contract), contract.input))
            truth.append(picture.truth)
    return JudgedFaces(np.concatenate(crops), np.array(truth, np.int64))


def quantised(bundle: ModelBundle, faces: Floats) -> ModelBundle:
    """The same bundle, its classifier in eight bits.

    Raises:
        ConversionError: the runtime cannot make it so.
    """
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc, unused-ignore]
        """Hands faces to the calibration, one at a time."""

        def __init__(self) -> None:
            self._faces = iter(faces[:, None])

        def get_next(self) -> dict[str, Floats] | None:
            """The next face as what the graph is fed; None at the end."""
            face = next(self._faces, None)
            return None if face is None else {FACES: face}

    plain, overridable = _without_overridable(bundle.classifier)
    kept = _named_behind(plain, {value.name for value in overridable})
    with tempfile.TemporaryDirectory() as folder, _silent():
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(plain, source)
        how = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8, "nodes_to_exclude": kept}
        try:
            quantize_static(source, target, Reader(), quant_format=QuantFormat.QDQ, per_channel=True, **how)
        except Exception as error:  # whatever the runtime and its quantiser raise
            raise ConversionError(f"eight bits cannot be made of it ({first_line(error)}): leave --int8 out") from error
        small = onnx.load(target)
    small.graph.input.extend(overridable)
    del small.metadata_props[:]
    small.metadata_props.extend(bundle.classifier.metadata_props)
    return replace(bundle, classifier=small)


def compare(small: ModelBundle, whole: ModelBundle, faces: JudgedFaces) -> Iterator[str]:
    """What eight bits changed, in words.

    Args:
        small: with them.
        whole: without.
        faces: that did not calibrate it.

    Raises:
        ConversionError: they changed too much.
    """
    sizes = [bundle.classifier.ByteSize() / 1e6 for bundle in (whole, small)]
    yield f"int8: classifier {sizes[0]:.2f} → {sizes[1]:.2f} MB; heat and maps stay float32"
    before, after = (asking(bundle.classifier)(faces.fed).argmax(1) for bundle in (whole, small))
    same = float((before == after).mean())
    right = [float((said == faces.truth).mean()) for said in (before, after)]
    told = f"the same answer for {same:.1%} of {len(before)} faces, right about {right[0]:.1%} → {right[1]:.1%}"
    if same < AGREEING:
        raise ConversionError(f"eight bits keep too little of this network ({told}): convert without --int8")
    yield f"int8: {told}"


def asking(classifier: onnx.ModelProto) -> Callable[[Floats], Floats]:
    """(N, …) faces → (N, classes) probabilities."""
    running = session(classifier)

    def ask(faces: Floats) -> Floats:
        parts = np.array_split(faces, -(-len(faces) // AT_ONCE))
        return np.concatenate([np.asarray(running.run([PROBABILITIES], {FACES: part})[0]) for part in parts])

    return ask


def _without_overridable(model: onnx.ModelProto) -> tuple[onnx.ModelProto, list[onnx.ValueInfoProto]]:
    """The graph with `faces` for its only input, and what else may be fed."""
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    others = [value for value in model.graph.input if value.name != FACES]
    del plain.graph.input[:]
    plain.graph.input.extend(value for value in model.graph.input if value.name == FACES)
    return plain, others


def _named_behind(model: onnx.ModelProto, given: set[str]) -> list[str]:
    """Names of the nodes behind what may be fed, all nodes having one now: their numbers are not known beforehand."""
    behind, names = set(given), []
    for number, node in enumerate(model.graph.node):
        node.name = node.name or f"{node.op_type}/{number}"
        if behind.intersection(node.input):
            behind |= set(node.output)
            names.append(node.name)
    return names


@contextmanager
def _silent() -> Iterator[None]:
    """Without the quantiser's advice to prepare a graph, which is prepared."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
