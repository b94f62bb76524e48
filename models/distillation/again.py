"""The student with both heads, from what was shipped of it: `ship` can choose anew when RUN is gone.

    python -m emoscope.models.distillation.again faces.npz ferplus.keras -o student.npz
    python -m emoscope.models.distillation.ship faces.npz student.npz -o MODELS

What `ship` folded into the last layer (temperature, prior) is taken out again, which gives the votes' head exactly. The
labels' head is fitted anew, on the training pictures and their mirror images, by logistic regression on the averages
of the last maps.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import Contract
from emoscope.reading.crops import fed

from .. import backend
from ..architectures import architecture
from ..labels import EMOTIONS
from .faces import save, unpack
from .ship import Floats, priors, softmax

tf = backend.start()

import keras  # noqa: E402

CLASSES = len(EMOTIONS)
AT_ONCE = 256
CALM = 1e-4
"""Of the squared weights, in the labels' head's fit."""
ROUNDS = 150


def divided_by(contract: Contract, prior: Floats) -> float:
    """The temperature that `ship` folded in: the contract's prior is the training prior to the power 1/T."""
    ours, theirs = np.log(prior.astype(np.float64)), np.log(np.asarray(contract.prior))
    ours, theirs = ours - ours.mean(), theirs - theirs.mean()
    return float((ours @ ours) / (ours @ theirs))


def unfolded(network: Any, contract: Contract, prior: Floats) -> tuple[Floats, Floats]:
    """Kernel and bias of the votes' head as it was trained."""
    by = divided_by(contract, prior)
    kernel, bias = network.get_layer("logits").get_weights()
    return kernel * by, bias * by + contract.default_prior * np.log(prior)


def fitted(features: Floats, truth: NDArray[np.int64], kernel: Floats, bias: Floats) -> tuple[Floats, Floats]:
    """Kernel and bias of a logistic regression, by limited-memory BFGS.

    Args:
        features: (N, F).
        truth: (N,) class numbers.
        kernel: (F, K) where it begins.
        bias: (K,) where it begins.
    """
    from scipy.optimize import minimize

    wanted = np.eye(CLASSES, dtype=np.float32)[truth]

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(-1, CLASSES).astype(np.float32)
        shares = softmax(features @ weights[:-1] + weights[-1])
        apart = (shares - wanted) / len(truth)
        slope = np.vstack([features.T @ apart + 2 * CALM * weights[:-1], apart.sum(0)])
        loss = -np.log(shares[np.arange(len(truth)), truth] + 1e-9).mean() + CALM * float((weights[:-1] ** 2).sum())
        return float(loss), slope.ravel().astype(np.float64)

    start = np.vstack([kernel, bias]).ravel().astype(np.float64)
    best = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x.reshape(-1, CLASSES)
    return np.asarray(best[:-1], np.float32), np.asarray(best[-1], np.float32)


class Shipped:
    """The shipped network.

    Attributes:
        network: as it was saved.
        kernel: (F, K) of the votes' head.
        bias: (K,) of the votes' head.
    """

    def __init__(self, path: Path, prior: Floats) -> None:
        self.network = keras.saving.load_model(path, compile=False)
        contract = Contract.from_json(path.with_name(f"{path.stem}.contract.json").read_text("utf-8"))
        self.kernel, self.bias = unfolded(self.network, contract, prior)
        trunk = keras.Model(self.network.inputs, self.network.get_layer("gap").output)
        self._trunk = tf.function(lambda faces: trunk(faces, training=False), reduce_retracing=True)

    def features(self, pictures: NDArray[np.uint8]) -> Floats:
        """(N, F) means of the last maps."""
        spec = architecture("emoscope").input
        parts = [pictures[at : at + AT_ONCE, ..., None] for at in range(0, len(pictures), AT_ONCE)]
        said = [self._trunk(fed(part, spec)).numpy() for part in parts]
        return np.asarray(np.concatenate(said), np.float32)

    def named(self, kernel: Floats, bias: Floats) -> dict[str, Floats]:
        """All weights by name, the last layer's with both heads."""
        weights = {variable.path: variable.numpy() for variable in self.network.variables}
        return weights | {
            "logits/kernel": np.concatenate([self.kernel, kernel], 1),
            "logits/bias": np.concatenate([self.bias, bias]),
        }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("faces", type=Path)
    parser.add_argument("network", type=Path, help="ferplus.keras, its contract beside it")
    parser.add_argument("-o", "--output", type=Path, required=True, help="student.npz")
    given = parser.parse_args()
    train = unpack(given.faces)["train"]
    shipped = Shipped(given.network, priors(train)[0])
    both = [train.pictures, np.ascontiguousarray(train.pictures[:, :, ::-1])]
    features = np.concatenate([shipped.features(pictures) for pictures in both])
    labels = fitted(features, np.tile(train.labels, 2), shipped.kernel, shipped.bias)
    save(given.output, shipped.named(*labels))


if __name__ == "__main__":
    main()
