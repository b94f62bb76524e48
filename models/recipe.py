"""How a network is trained: every setting in one frozen value, which is also what `config.json` keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.augment import Augmentation

LIGHT = Augmentation(rotation=8, shift=0.08, zoom=0.08, flip=True, brightness=0.08, contrast=0.15)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training run.

    Attributes:
        epochs: passes over the training split.
        batch: pictures per step.
        lr: peak learning rate.
        optimizer: "adam" or "sgd" (Nesterov momentum 0.9).
        schedule: "cosine" to nothing, "plateau" (halved when validation stalls), or "constant".
        warmup: share of the steps in which the rate climbs to its peak.
        weight_decay: decoupled, per step and unit of learning rate.
        smoothing: share of every label that is spread over all classes.
        average: decay per step of the exponential average of the weights; 0 keeps none.
        patience: epochs without a better validation accuracy before the run stops; 0 never stops it.
        seed: of order, augmentation and initial weights.
        augmentation: see `models.augment`.
    """

    epochs: int = 15
    batch: int = 64
    lr: float = 1e-3
    optimizer: str = "adam"
    schedule: str = "cosine"
    warmup: float = 0.03
    weight_decay: float = 0.0
    smoothing: float = 0.0
    average: float = 0.998
    patience: int = 0
    seed: int = 0
    augmentation: Augmentation = field(default=LIGHT)
