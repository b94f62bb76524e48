"""The figures that a network's answers come to.

The expected calibration error (Guo et al. 2017, arXiv:1706.04599) sorts answers into 15 bins of equal width by
their confidence and averages, weighted by size, how far each bin's accuracy lies from its mean confidence:

    ECE = Σ_b |b|/N · |accuracy(b) − confidence(b)|

Means over classes are over those that there are pictures of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import SystemLibraryError
from emoscope.types import Floats

BINS = 15
RESAMPLED = 1000
"""Times that the pictures are drawn again, with replacement, for an interval."""
INTERVAL = (2.5, 97.5)
DOUBT = 0.5
"""Pictures of a class, right and wrong ones, that are thought to have been seen besides."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How one class fared.

    Attributes:
        label: its name.
        precision: share of right answers among those that name it, 0–1.
        recall: share of its pictures that are called so, 0–1.
        f1: harmonic mean of both, 0–1.
        support: number of its pictures.
    """

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence.

    Attributes:
        count: how many.
        confidence: their mean probability of the predicted class.
        accuracy: share of them that are right.
    """

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything measured on one split.

    Attributes:
        pictures: how many were judged.
        accuracy: share called right.
        balanced_accuracy: mean recall of the classes.
        macro_f1: mean F1 of the classes.
        log_loss: mean −log probability of the right class.
        calibration_error: see the module's docstring.
        accuracy_interval: between which 95 % of the accuracies lie when the pictures are drawn again (bootstrap).
        balanced_interval: likewise.
        macro_f1_interval: likewise.
        classes: one row per class.
        confusion: (K, K) counts, rows true, columns predicted.
        bins: reliability by confidence, 15 of equal width; empty ones count 0.
    """

    pictures: int
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    accuracy_interval: tuple[float, float]
    balanced_interval: tuple[float, float]
    macro_f1_interval: tuple[float, float]
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    bins: tuple[Bin, ...]


def figures(probabilities: Floats, truth: NDArray[np.int64], labels: tuple[str, ...]) -> Figures:
    """Judges (N, K) answers against (N,) class numbers.

    Raises:
        SystemLibraryError: scikit-learn is not installed.
    """
    metrics = _sklearn()
    called = probabilities.argmax(axis=1)
    numbers = list(range(len(labels)))
    table = metrics.precision_recall_fscore_support(truth, called, labels=numbers, zero_division=0)
    bins = reliability(probabilities, truth)
    accuracies, recalls = intervals(called == truth, truth)
    counts = confusion(called, truth, len(labels))
    return Figures(
        pictures=len(truth),
        accuracy=float(metrics.accuracy_score(truth, called)),
        balanced_accuracy=float(np.mean(table[1][table[3] > 0])),
        macro_f1=float(macro_f1(counts)),
        log_loss=float(metrics.log_loss(truth, probabilities, labels=numbers)),
        calibration_error=calibration_error(bins),
        accuracy_interval=accuracies,
        balanced_interval=recalls,
        macro_f1_interval=macro_f1_interval(counts),
        classes=tuple(_class(label, *row) for label, *row in zip(labels, *table, strict=True)),
        confusion=tuple(map(tuple, counts.tolist())),
        bins=bins,
    )


def confusion(called: NDArray[np.int64], truth: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """(K, K) counts, rows true, columns called."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, called), 1)
    return counts


def macro_f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean F1 of the classes that there are, of (…, K, K) confusions; scikit-learn's takes one at a time, and a
    bootstrap a thousand.
    """
    right, true, said = np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(-1), counts.sum(-2)
    scores = 2 * right / np.maximum(true + said, 1)
    return np.asarray((scores * (true > 0)).sum(-1) / np.maximum((true > 0).sum(-1), 1), np.float64)


def macro_f1_interval(counts: NDArray[np.int64], seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of macro-F1, by bootstrap within each class as `intervals` is; the answers are multinomial."""
    random, totals, classes = np.random.default_rng(seed), counts.sum(1), len(counts)
    doubts = np.where(np.eye(classes, dtype=bool), DOUBT, DOUBT / max(classes - 1, 1))
    shares = (counts + doubts) / (counts + doubts).sum(1, keepdims=True)
    rows = [random.multinomial(total, row, RESAMPLED) for row, total in zip(shares, totals, strict=True)]
    low, high = np.percentile(macro_f1(np.stack(rows, axis=1)), INTERVAL)
    return float(low), float(high)


def balanced(right: NDArray[np.bool_], truth: NDArray[np.int64]) -> float:
    """Mean recall of the classes that there are."""
    return float(np.mean([right[truth == one].mean() for one in np.unique(truth)]))


def intervals(right: NDArray[np.bool_], truth: NDArray[np.int64], seed: int = 0) -> tuple[tuple[float, float], ...]:
    """95 % intervals of accuracy and of balanced accuracy, by bootstrap (Efron 1979) within each class.

    Pictures are drawn again within their class, so that a class of few stays in every draw. What is right of n pictures
    drawn anew is binomial, which is what is drawn. Half a picture is added to the right ones and to the wrong ones
    (Jeffreys), without which a class that is all right would be so in every draw, however few its pictures.

    Args:
        right: (N,) which answers are right.
        truth: (N,) class numbers.
        seed: of the draws.

    Returns:
        Two pairs: low and high.
    """
    _, place, counts = np.unique(truth, return_inverse=True, return_counts=True)
    shares = (np.bincount(place, weights=right) + DOUBT) / (counts + 2 * DOUBT)
    drawn = np.random.default_rng(seed).binomial(counts, shares, (RESAMPLED, len(counts)))
    both = drawn.sum(1) / len(truth), (drawn / counts).mean(1)
    return tuple((float(low), float(high)) for low, high in (np.percentile(one, INTERVAL) for one in both))


def reliability(probabilities: Floats, truth: NDArray[np.int64], bins: int = BINS) -> tuple[Bin, ...]:
    """Answers sorted by confidence into bins of equal width."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    number = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    members = [number == which for which in range(bins)]
    return tuple(_bin(confidence[chosen], right[chosen]) for chosen in members)


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Expected calibration error of sorted answers."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.accuracy - each.confidence) for each in bins) / max(total, 1)


def _class(label: str, precision: float, recall: float, f1: float, support: int) -> ClassFigures:
    return ClassFigures(label, float(precision), float(recall), float(f1), int(support))


def _bin(confidence: Floats, right: NDArray[np.bool_]) -> Bin:
    return Bin(len(right), float(confidence.mean()), float(right.mean())) if len(right) else Bin(0, 0.0, 0.0)


def _sklearn() -> Any:
    try:
        from sklearn import metrics
    except ImportError:
        raise SystemLibraryError('evaluation needs scikit-learn: run `pip install "emoscope[evaluate]"`') from None
    return metrics
