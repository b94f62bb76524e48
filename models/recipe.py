"""How a network is trained: every setting in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field

from .augment import Augmentation

LIGHT = Augmentation(rotation=8, shift=0.08, zoom=0.08, flip=True, brightness=0.08, contrast=0.15)
STRONG = Augmentation(
    recrop=0.35, rotation=12, shift=0.1, zoom=0.12, flip=True, brightness=0.12, contrast=0.25, erasing=0.25
)

OPTIMIZERS = ("adam", "sgd")
SCHEDULES = ("cosine", "plateau", "constant")
MEASURES = ("accuracy", "balanced", "macro_f1", "loss")
LARGEST_SEED = 2**32 - 1
"""What NumPy's old generator, which Keras seeds as well, takes."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training run; the metadata of each is what the command line says about it and lets through.

    Attributes:
        class_weights: factor on the loss of each class; empty for all alike.
        balanced: class weights from the frequencies instead, N / (K · n).
        average: decay per step of the exponential average of the weights; 0 keeps none.
        augmentation: see `emoscope.models.augment`.
    """

    epochs: int = field(default=15, metadata={"help": "Passes over the training pictures."})
    batch: int = field(default=64, metadata={"help": "Pictures per step."})
    lr: float = field(default=1e-3, metadata={"help": "Peak learning rate.", "min_open": True})
    optimizer: str = field(
        default="adam", metadata={"help": "Adam, or SGD with Nesterov momentum 0.9.", "choices": OPTIMIZERS}
    )
    schedule: str = field(
        default="cosine",
        metadata={"help": "Cosine to nothing; halved whenever validation stalls; or constant.", "choices": SCHEDULES},
    )
    warmup: float = field(
        default=0.03,
        metadata={"help": "Share of the run in which the rate climbs to its peak.", "max": 1, "max_open": True},
    )
    weight_decay: float = field(default=0.0, metadata={"help": "Decoupled weight decay per unit of learning rate."})
    smoothing: float = field(
        default=0.0, metadata={"help": "Share of every label spread over all classes.", "max": 1, "max_open": True}
    )
    class_weights: tuple[float, ...] = ()
    balanced: bool = field(default=False, metadata={"help": "Weigh classes by the inverse of their frequency."})
    average: float = field(
        default=0.998,
        metadata={"help": "Decay per step of the weights' average; 0 for none.", "max": 1, "max_open": True},
    )
    monitor: str = field(
        default="accuracy",
        metadata={"help": "By which figure of validation the best network is chosen.", "choices": MEASURES},
    )
    patience: int = field(default=0, metadata={"help": "Epochs without a better validation before stopping; 0: never."})
    frozen: float = field(
        default=0.0, metadata={"help": "Share of the run in which pretrained layers stay as they are.", "max": 1}
    )
    seed: int = field(
        default=0,
        metadata={"help": "Of order, augmentation, initial weights and held-out pictures.", "max": LARGEST_SEED},
    )
    augmentation: Augmentation = LIGHT
