"""Any trained network behind one face: pictures in, probabilities out.

    .keras .h5 .hdf5   Keras; labels and input from NAME.contract.json or contract.json beside the file
    .json              Keras, an architecture with its weights beside it
    .onnx              onnxruntime; labels and input from the file itself, else from such a contract beside it

Where neither says what the network is fed, the user does, as to `convert`: nothing is guessed.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from emoscope.convert.describe import Told, beside, check_labels, described
from emoscope.convert.forward import Facts
from emoscope.convert.keras_to_onnx import face_shape, load_keras
from emoscope.convert.observe import random_faces
from emoscope.convert.onnx_source import facts
from emoscope.convert.original import in_groups
from emoscope.convert.precision import OTHERS, in_float32
from emoscope.convert.recording import answers_of
from emoscope.convert.upgrade import first_line
from emoscope.errors import ContractError, ConversionError, ModelError
from emoscope.network.bundle import ACTIVATIONS, read_onnx
from emoscope.network.contract import Contract, InputSpec
from emoscope.network.network import NUMBERS, PROBABILITIES, QUALITY
from emoscope.types import Floats

from .. import backend
from ..data.membership import Membership
from ..data.membership import beside as membership_beside
from ..labels import canonical
from ..training.batches import AT_ONCE, scaled

KERAS = (".keras", ".h5", ".hdf5", ".json")
TIMED_FACES = 200
PROBED = 16
"""Pictures of noise that a network is shown to see what it answers with."""
SUM = 1e-2
"""By how much probabilities may miss adding up to one."""
TOLD_NOTHING = Told()
LOGITS, SHARES = "logits", "shares that do not add up to one"


@dataclass(frozen=True, slots=True)
class Classifier:
    """A network that can be asked.

    Attributes:
        name: what to call it in tables.
        contract: its labels, its input, the crop it was trained on.
        parameters: number of its weights.
        run: (N, …) float32, as `input` says → (N, K) probabilities.
        rate: the same faces → (N,) how well each can be read, 0–1; None where the network does not tell.
        learnt: which pictures it has learnt from, where the folder of its run says.
        ending: what the file itself answers where that is no probabilities, LOGITS or SHARES, else ""; `run` does.
    """

    name: str
    contract: Contract
    parameters: int
    run: Callable[[Floats], Floats]
    rate: Callable[[Floats], Floats] | None = None
    learnt: Membership | None = None
    ending: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names in the network's order."""
        return self.contract.labels

    @property
    def input(self) -> InputSpec:
        """What one face looks like to it."""
        return self.contract.input

    def answers(self, images: NDArray[np.uint8], flip: bool = False) -> Floats:
        """(N, K) probabilities for (N, h, w, c) uint8 pictures; with `flip`, averaged with their mirror images."""
        straight = self._answers(images)
        return np.float32(0.5) * (straight + self._answers(images[:, :, ::-1])) if flip else straight

    def qualities(self, images: NDArray[np.uint8]) -> Floats | None:
        """(N,) how well the faces of (N, h, w, c) uint8 pictures can be read; None where the network does not tell."""
        return None if self.rate is None else self._in_parts(self.rate, images)

    def ms_per_face(self, image: NDArray[np.uint8]) -> float:
        """Median milliseconds for one (h, w, c) picture at a time."""
        batch = self._fed(image[None])
        times = [_seconds(lambda: self.run(batch)) for _ in range(TIMED_FACES)]
        return float(np.median(times)) * 1000

    def _answers(self, images: NDArray[np.uint8]) -> Floats:
        return self._in_parts(self.run, images)

    def _in_parts(self, ask: Callable[[Floats], Floats], images: NDArray[np.uint8]) -> Floats:
        starts = range(0, len(images), AT_ONCE)
        return np.concatenate([ask(self._fed(images[start : start + AT_ONCE])) for start in starts])

    def _fed(self, images: NDArray[np.uint8]) -> Floats:
        batch = scaled(images, self.input)
        return batch if self.input.layout == "NHWC" else np.ascontiguousarray(batch.transpose(0, 3, 1, 2))


def open_classifier(path: Path, told: Told = TOLD_NOTHING, overrules: bool = True) -> Classifier:
    """Opens a trained network.

    Args:
        path: of its file.
        told: what the user says of it.
        overrules: whether that goes before what the file says; else it is for files that do not say.

    Raises:
        ModelError: the file is missing, damaged, of no known kind, or does not run on pictures.
        ConversionError: it takes something else than pictures, or more.
        ContractError: neither the file nor the user says what it is fed, or what they say does not fit it.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such model file")
    if path.suffix == ".onnx":
        return _settled(_open_onnx(path, told, overrules), path)
    if path.suffix in KERAS:
        return _settled(_open_keras(path, told, overrules), path)
    raise ModelError(f"{path}: not one of {', '.join((*KERAS, '.onnx'))}")


def told_apart(classifiers: Sequence[Classifier]) -> list[Classifier]:
    """The same networks, none with the name of one before it: a second `gmp` becomes `gmp-2`."""
    names: list[str] = []
    for name in (classifier.name for classifier in classifiers):
        numbered = chain([name], (f"{name}-{number}" for number in count(2)))
        names.append(next(one for one in numbered if one not in names))
    return [replace(classifier, name=name) for classifier, name in zip(classifiers, names, strict=True)]


def narrowed(classifier: Classifier, classes: Sequence[str]) -> Classifier:
    """The same network, which chooses among some of its classes only; ContractError where it does not know one."""
    known = [canonical(name, classifier.labels) for name in classes]
    if None in known or len(set(known)) < 2:
        raise ContractError(
            f"{classifier.name} knows {', '.join(classifier.labels)}: --classes takes two or more of these"
        )
    numbers = [classifier.labels.index(name) for name in known if name is not None]

    def run(batch: Floats) -> Floats:
        return _shares(classifier.run(batch)[:, numbers])

    labels = tuple(classifier.labels[number] for number in numbers)
    contract = classifier.contract.with_(labels=labels, prior=(), default_prior=0.0)
    return replace(classifier, contract=contract, run=run)


def _settled(classifier: Classifier, path: Path) -> Classifier:
    """The classifier with probabilities for answers, whatever its file ends in: a look at its answers to noise says."""
    noise = np.random.default_rng(0).integers(0, 256, (PROBED, *_sized(classifier.input)), np.uint8)
    answers = classifier.answers(noise)
    if not np.isfinite(answers).all():
        raise ModelError(f"{path}: answers with what is no number, so its weights are damaged: train or copy it again")
    if answers.min() < 0 or answers.max() > 1:
        return replace(classifier, run=lambda batch: _softmax(classifier.run(batch)), ending=LOGITS)
    if np.abs(answers.sum(axis=1) - 1).max() > SUM:
        return replace(classifier, run=lambda batch: _shares(classifier.run(batch)), ending=SHARES)
    return classifier


def _sized(spec: InputSpec) -> tuple[int, int, int]:
    return spec.height, spec.width, spec.depth


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _shares(values: Floats) -> Floats:
    return np.asarray(values / np.maximum(values.sum(axis=1, keepdims=True), 1e-12), np.float32)


def _open_keras(path: Path, told: Told, overrules: bool) -> Classifier:
    # Files of Keras 2 keep their one input in a list; Keras 3 says so at every call.
    warnings.filterwarnings("ignore", message="The structure of `inputs` doesn't match")
    model = load_keras(path, start=partial(backend.start, onednn=False))
    contract = _described(path, Facts(*face_shape(model, path), layout="NHWC"), told, overrules)
    try:
        said, further = answers_of(model, model(np.zeros((1, *contract.input.shape), np.float32), training=False))
    except ConversionError:  # several outputs
        raise _several(path) from None
    check_labels(path, contract, said.shape[-1])

    def run(batch: Floats) -> Floats:
        return np.asarray(answers_of(model, model(batch, training=False))[0], np.float32)

    def rate(batch: Floats) -> Floats:
        return np.asarray(answers_of(model, model(batch, training=False))[1][QUALITY], np.float32).reshape(-1)

    learnt = membership_beside(path, contract.held_out)
    return Classifier(_name(path), contract, model.count_params(), run, rate if QUALITY in further else None, learnt)


def _open_onnx(path: Path, told: Told, overrules: bool) -> Classifier:
    pair = path.name.removesuffix(ACTIVATIONS)
    if pair != path.name:
        raise ModelError(f"{path}: is the half of a pair that explains: judge the other one, {pair}.onnx")
    model = read_onnx(path)
    if any(value.type.tensor_type.elem_type in OTHERS for value in model.graph.input):
        in_float32(model)  # as `convert` does
    contract = _described(path, facts(model, path, None), told, overrules)
    parameters = sum(int(np.prod(weight.dims)) for weight in model.graph.initializer)
    try:
        session = _session(model)
        faces = random_faces(2, contract.input.shape)
        widths = {name: one.size // len(faces) for name, one in in_groups(session, faces).items()}
    except Exception as error:  # onnxruntime's errors share no base class of their own
        raise ModelError(f"{path}: does not run on pictures ({first_line(error)}): export it anew") from error
    output = _about_classes(widths, contract, path)
    check_labels(path, contract, widths[output])

    def run(batch: Floats, name: str = output) -> Floats:
        return np.asarray(in_groups(session, batch, [name])[name], np.float32).reshape(len(batch), -1)

    def rate(batch: Floats) -> Floats:
        return run(batch, QUALITY).reshape(-1)

    rated = output == PROBABILITIES and QUALITY in widths
    learnt = membership_beside(path, contract.held_out)
    return Classifier(_name(path), contract, parameters, run, rate if rated else None, learnt)


def _described(path: Path, facts: Facts, told: Told, overrules: bool) -> Contract:
    known = facts.contract or beside(path)  # what stands in a file is about this very file
    if known is None and not (facts.size and facts.layout):
        how = "convert it with --size HEIGHTxWIDTH, and judge what comes of it"
        raise ModelError(f"{path}: leaves the size of its pictures open: {how}")
    return described(path, facts, told if overrules or known is None else TOLD_NOTHING, known)


def _about_classes(widths: Mapping[str, int], contract: Contract, path: Path) -> str:
    """Which output is about classes: where there are several, the only one that has as many numbers as labels."""
    names = [name for name in widths if name not in (QUALITY, NUMBERS)] or [*widths]
    if PROBABILITIES in names:
        return PROBABILITIES
    fitting = names if len(names) == 1 else [name for name in names if widths[name] == len(contract.labels)]
    if len(fitting) != 1:
        raise _several(path, f" ({', '.join(f'{name}: {widths[name]}' for name in names)})")
    return fitting[0]


def _several(path: Path, which: str = "") -> ModelError:
    how = "convert it with --output NAME of the one about classes, and judge what comes of it"
    return ModelError(f"{path}: answers with several outputs{which}: {how}")


def _session(model: onnx.ModelProto) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def _name(path: Path) -> str:
    """The file's stem; for `model.keras` the name of its run."""
    return path.resolve().parent.name if path.stem == "model" else path.stem


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
