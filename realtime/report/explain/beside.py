"""What lies beside a model and belongs into every figure of it: measured scores, the atlas, and who made the figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import combinations

import numpy as np
import onnxruntime

from ...draw.maps import enlarge
from ...network.atlas import Atlas, atlas_of
from ...network.contract import Contract
from ...network.measured import FORGETS_BELOW, Measured, measured
from ...types import Floats
from ...view.state import METHOD_NAMES
from .study import Heat, Study

AGREE, APART = 0.6, 0.3
"""Mean correlation of methods' heat from which on they agree, and below which they contradict one another."""
NEXT_TO_NOTHING = 0.05
"""Probability of a class below which its heat is drawn faintly: stretched to full brightness it would say too much."""
FAINT = 0.45
COARSE = 8
"""Cells a side on which heat of different resolution is compared."""
WITHOUT_CLASS = {"eigencam", "rollout"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a model beside its answers.

    Attributes:
        name: of the model.
        digest: SHA-256 of what it was made from.
        scores: how faithful its methods were measured to be.
        atlas: what its filters look for, or None.
        settings: how the figure was asked for.
    """

    name: str = ""
    digest: str = ""
    scores: Measured = field(default_factory=Measured)
    atlas: Atlas | None = None
    settings: str = ""

    @property
    def made(self) -> dict[str, str]:
        """For the figure's metadata and the page's last lines."""
        told = {"EmoScope": version("emoscope"), "onnxruntime": onnxruntime.__version__, "model": self.name}
        return {**told, "model's source, SHA-256": self.digest, "settings": self.settings}

    @property
    def description(self) -> str:
        """The same as one line of JSON."""
        return json.dumps(self.made, ensure_ascii=False)

    def score(self, heat: Heat) -> str:
        """A method's measured score as it is written beside its name, "" where it was not measured."""
        found = self.scores.of(heat.method, heat.layer)
        return "" if found is None else f"{found.mean:.2f}"


def beside(model: str, contract: Contract, settings: str = "") -> Beside:
    """What lies beside a model, named as `--model` names it."""
    return Beside(model, contract.source_sha256, measured(model), atlas_of(model, contract), settings)


def strength(share: float) -> float:
    """How strongly heat for a class of this probability is drawn."""
    return 1.0 if share >= NEXT_TO_NOTHING else FAINT


def agreement(heats: Sequence[Heat]) -> float:
    """Mean correlation between the heat of every two methods that show any; 1 where there are not two."""
    speaking = [heat for heat in heats if np.ptp(heat.heat) > 0 and heat.method not in WITHOUT_CLASS]
    shown = [_coarse(heat.heat) for heat in speaking]
    pairs = [float(np.corrcoef(one, other)[0, 1]) for one, other in combinations(shown, 2)]
    return float(np.mean(pairs)) if pairs else 1.0


def _coarse(heat: Floats) -> Floats:
    fine = enlarge(heat, 6 * COARSE, 6 * COARSE)
    return np.asarray(fine.reshape(COARSE, 6, COARSE, 6).mean((1, 3)).ravel(), np.float32)


def whom_to_believe(study: Study, known: Beside) -> str:
    """Whether the methods agree about the prediction, and which to believe where they do not."""
    heats = study.of(study.targets[0])
    level = agreement(heats)
    agree = "agree" if level >= AGREE else "agree in part" if level >= APART else "contradict one another"
    text = f"The methods {agree} here (mean correlation {level:.2f})."
    scored = [(known.scores.of(heat.method, heat.layer), heat) for heat in heats]
    fit = [(score, heat) for score, heat in scored if score is not None and not score.memory >= FORGETS_BELOW]
    if not fit:
        return text + " Which of them tells the truth was not measured for this model (`emoscope faithfulness`)."
    best, heat = max(fit, key=lambda one: one[0].mean)
    weak = [METHOD_NAMES.get(other.method, other.method) for score, other in fit if score.high <= known.scores.chance]
    text += f" Believe {METHOD_NAMES.get(heat.method, heat.method)} first: measured {best.mean:.2f} "
    text += f"[{best.low:.2f}, {best.high:.2f}] on {best.pictures} faces"
    if weak:
        text += f"; {_and(weak)} did no better than a map that knows nothing of the face ({known.scores.chance:.2f})"
    return text + "."


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def at_the_border(maps: Floats, channels: Sequence[int]) -> int:
    """How many of some channels answer most in the outermost ring of cells, where they see padding, not face."""
    height, width = maps.shape[:2]
    if min(height, width) < 4:
        return 0
    places = [np.unravel_index(int(maps[:, :, channel].argmax()), (height, width)) for channel in channels]
    return sum(
        row in (0, height - 1) or column in (0, width - 1)
        for (row, column), channel in zip(places, channels, strict=True)
        if maps[:, :, channel].max() > 0
    )
