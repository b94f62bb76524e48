"""Numbers that are added to a network's logits: less of the prior it was trained with, less of a person's own face.

A network that saw *neutral* in a third of its training pictures says *neutral* when in doubt. With π the share of each
class in training and τ from 0 to 1,

    logits − τ · log π

answers for a world where the classes are the more alike, the larger τ is: 0 for one like the training pictures, 1 for
one where all are as frequent. Menon et al. 2021, arXiv:2007.07314. The slope of a class's logit stays, and its heat.
"""

from __future__ import annotations

import numpy as np

from ..errors import ModelError, SettingsError
from ..types import Floats, is_number
from .contract import Contract

SMALLEST = float(np.finfo(np.float32).tiny)
SUM = 1e-3


def prior_offset(contract: Contract, share: float | None) -> Floats | None:
    """What to add to the logits of a file for this much of the prior to be taken off. (K,)

    Args:
        contract: the model's, whose file has `default_prior` of it taken off already.
        share: 0: as in the training pictures; 1: all classes alike; None for what the file does itself.

    Returns:
        None where nothing is to be added.

    Raises:
        ModelError: the model does not say what it was trained with.
        SettingsError: the share is none.
    """
    if share is not None and not (is_number(share) and 0 <= share <= 1):
        raise SettingsError(f"prior is the share of it that is taken off, from 0 to 1, not {share!r}")
    if share is None or share == contract.default_prior:
        return None
    if not contract.prior:
        told = "the model does not say how frequent each label was in training, so its prior cannot be changed"
        raise ModelError(f"{told}: leave --prior out, or write `prior` into its contract.json and convert it again")
    return np.asarray((contract.default_prior - share) * np.log(contract.prior), np.float32)


def shifted(probabilities: Floats, offsets: Floats) -> Floats:
    """Probabilities as if `offsets` had been added to the logits behind them.

    Args:
        probabilities: (N, K) from a softmax, or from a sigmoid for each class.
        offsets: (N, K), or (K,) for all.
    """
    if np.allclose(probabilities.sum(-1), 1, atol=SUM):
        logits = np.log(np.maximum(probabilities, SMALLEST)) + offsets
        raised = np.exp(logits - logits.max(-1, keepdims=True))
        return np.asarray(raised / raised.sum(-1, keepdims=True), np.float32)
    factors = np.exp(offsets) * probabilities
    return np.asarray(factors / (1 - probabilities + factors), np.float32)
