"""The randomised-weights check: a heatmap that stays the same when the network forgets everything explains nothing.

    behind   block3   block2   block1   stem   all         from the output towards the input, more and more weights

Every weight is shuffled within its own tensor, forward and backward alike, since both read the same one; then the heat
is compared with the trained network's by rank correlation. Adebayo et al. 2018, arXiv:1810.03292, "cascading".
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
from onnx import numpy_helper

from emoscope.network.bundle import ModelBundle
from emoscope.network.contract import Contract
from emoscope.types import Floats

from ..passes import upstream

EVERYTHING = "all"


def stages(contract: Contract) -> tuple[str, ...]:
    """What is shuffled, ever more of it: all behind the last block, behind the one before, …, everything."""
    return (*(layer.name for layer in reversed(contract.stage_ends)), EVERYTHING)


def forgetful(bundle: ModelBundle, stage: str = EVERYTHING, seed: int = 0) -> ModelBundle:
    """The same network with its weights behind a layer shuffled; tensors of one axis, which scale and shift, stay."""
    rng = np.random.default_rng(seed)
    graph = onnx.ModelProto()
    graph.CopyFrom(bundle.activations)
    kept = set() if stage == EVERYTHING else upstream(graph, bundle.contract.layer(stage).tensor)
    for weight in graph.graph.initializer:
        if weight.name not in kept and len(weight.dims) > 1 and weight.data_type == onnx.TensorProto.FLOAT:
            values = rng.permutation(numpy_helper.to_array(weight).ravel()).reshape(tuple(weight.dims))
            weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    return replace(bundle, activations=graph)


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's correlation of two maps; zero where one is flat."""
    a, b = (fractional_ranks(heat) for heat in (one, other))
    deviation = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean() / deviation) if deviation else 0.0


def fractional_ranks(heat: Floats) -> Floats:
    """The rank of every cell; equal cells share the mean of theirs."""
    _, inverse, counts = np.unique(heat, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(middle[inverse.ravel()], np.float32)
