"""Whatever names a network becomes a bundle of two graphs, so that all are judged, timed and explained by one runtime.

gmp                  an architecture: trained here first        ┐
ferplus              a shipped bundle                             ├──▶ NAME.onnx, NAME.activations.onnx
RUN/model.keras      a trained network: converted here          │
other.onnx           a bundle, or a classifier: converted here    ┘
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emoscope.errors import EmoscopeError, ModelError
from emoscope.network.bundle import ACTIVATIONS, find_model, open_bundle, shipped_models
from emoscope.network.network import Network

from ..architectures import ARCHITECTURES
from ..data.membership import beside as membership_beside
from ..evaluation.classifier import Classifier, open_classifier


@dataclass(frozen=True, slots=True)
class Makers:
    """How a contestant that is not there yet is made.

    Attributes:
        train: (architecture, folder of the run) → the trained .keras file.
        convert: (model, folder, name) → the classifier of the bundle.
    """

    train: Callable[[str, Path], Path]
    convert: Callable[[Path, Path, str], Path]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A network that takes part.

    Attributes:
        name: unlike all others'.
        classifier: what is judged and timed.
        network: what draws its heat.
        size: of the classifier's file, in bytes.
    """

    name: str
    classifier: Classifier
    network: Network
    size: int


def contestants(models: Sequence[str], folder: Path, makers: Makers) -> list[Contestant]:
    """All networks, ready.

    Args:
        models: as the user named them.
        folder: for runs and bundles that are made here.
        makers: how.

    Raises:
        EmoscopeError: one cannot be found, trained or converted, or two have one name.
    """
    names = [called(model) for model in models]
    for model, name in zip(models, names, strict=True):
        if names.count(name) > 1:
            raise EmoscopeError(f"{model}: another network is called {name!r} too: rename its file")
        _require(model)
    return [_contestant(model, name, folder, makers) for model, name in zip(models, names, strict=True)]


def called(model: str) -> str:
    """A network's name in tables: the file's stem, or for `model.keras` its run's folder."""
    path = Path(model)
    return path.resolve().parent.name if path.stem == "model" else path.name.removesuffix(path.suffix)


def _require(model: str) -> None:
    if model not in ARCHITECTURES and model not in shipped_models() and not Path(model).exists():
        raise ModelError(
            f"{model}: no such file; shipped are {', '.join(shipped_models())}, "
            f"networks to train {', '.join(ARCHITECTURES)}"
        )


def _contestant(model: str, name: str, folder: Path, makers: Makers) -> Contestant:
    given = _given(model, name, folder, makers)
    path = given if _is_pair(given) else makers.convert(given, folder / "bundles", name)
    classifier = open_classifier(path)
    learnt = classifier.learnt or membership_beside(given, classifier.contract.held_out)  # its run knows, not the copy
    network = Network(open_bundle(str(path)), "cpu")
    return Contestant(name, replace(classifier, learnt=learnt), network, path.stat().st_size)


def _given(model: str, name: str, folder: Path, makers: Makers) -> Path:
    """The network's file. A shipped network goes before an architecture of the same name."""
    if model in shipped_models():
        return find_model(model)
    return makers.train(model, folder / name) if model in ARCHITECTURES else Path(model)


def _is_pair(path: Path) -> bool:
    return path.suffix == ".onnx" and path.with_name(path.stem + ACTIVATIONS).is_file()
