"""How a network is trained: every setting in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.augment import Augmentation

LIGHT = Augmentation(rotation=8, shift=0.08, zoom=0.08, flip=True, brightness=0.08, contrast=0.15)
STRONG = Augmentation(
    recrop=0.35, rotation=12, shift=0.1, zoom=0.12, flip=True, brightness=0.12, contrast=0.25, erasing=0.25
)

OPTIMIZERS = ("adam", "sgd")
SCHEDULES = ("cosine", "plateau", "constant")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training run; `help` of each is what the command line says about it.

    Attributes:
        class_weights: factor on the loss of each class; empty for all alike.
        balanced: class weights from the frequencies instead, N / (K · n).
        average: decay per step of the exponential average of the weights; 0 keeps none.
        augmentation: see `models.augment`.
    """

    epochs: int = field(default=15, metadata={"help": "Passes over the training pictures."})
    batch: int = field(default=64, metadata={"help": "Pictures per step."})
    lr: float = field(default=1e-3, metadata={"help": "Peak learning rate."})
    optimizer: str = field(
        default="adam", metadata={"help": "Adam, or SGD with Nesterov momentum 0.9.", "choices": OPTIMIZERS}
    )
    schedule: str = field(
        default="cosine",
        metadata={"help": "Cosine to nothing; halved whenever validation stalls; or constant.", "choices": SCHEDULES},
    )
    warmup: float = field(default=0.03, metadata={"help": "Share of the run in which the rate climbs to its peak."})
    weight_decay: float = field(default=0.0, metadata={"help": "Decoupled weight decay per unit of learning rate."})
    smoothing: float = field(default=0.0, metadata={"help": "Share of every label spread over all classes."})
    class_weights: tuple[float, ...] = ()
    balanced: bool = field(default=False, metadata={"help": "Weigh classes by the inverse of their frequency."})
    average: float = field(default=0.998, metadata={"help": "Decay per step of the weights' average; 0 for none."})
    patience: int = field(default=0, metadata={"help": "Epochs without a better validation before stopping; 0: never."})
    frozen: float = field(
        default=0.0, metadata={"help": "Share of the run in which pretrained layers stay as they are."}
    )
    seed: int = field(default=0, metadata={"help": "Of order, augmentation, initial weights and held-out pictures."})
    augmentation: Augmentation = LIGHT
