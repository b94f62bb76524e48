"""The sampler of a search, whose proposals depend on its seed, a trial's number and what came of the trials before.

Optuna's own draws from one stream of random numbers: a search that goes on, or a second process, would begin that
stream again and propose what was tried already; without a seed no search could be repeated.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import optuna


class NumberedSampler(optuna.samplers.BaseSampler):
    """Optuna's tree of Parzen estimators, for every trial with a seed of its own.

    Args:
        seed: of the search.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
        """As Optuna's, see `BaseSampler`."""
        return self._of(trial).infer_relative_search_space(study, trial)

    def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
        """As Optuna's, see `BaseSampler`."""
        return self._of(trial).sample_relative(study, trial, search_space)

    def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> Any:
        """As Optuna's, see `BaseSampler`; every setting of a trial has a seed of its own."""
        return self._of(trial, param_name).sample_independent(study, trial, param_name, param_distribution)

    def _of(self, trial: Any, name: str = "") -> Any:
        entropy = (self._seed, trial.number, *name.encode())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # multivariate
            return optuna.samplers.TPESampler(seed=seed_of(entropy), multivariate=True)


def seed_of(entropy: tuple[int, ...]) -> int:
    """A seed of 32 bits for a row of numbers."""
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])
