"""The randomised-weights check: a heatmap that stays the same when the network forgets everything explains nothing.

Every weight is shuffled within its own tensor, forward and backward alike, since both read the same one; then the heat
is compared with the trained network's by rank correlation. Adebayo et al. 2018, arXiv:1810.03292.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
from onnx import numpy_helper

from emoscope.network.bundle import ModelBundle
from emoscope.types import Floats


def forgetful(pair: ModelBundle, seed: int = 0) -> ModelBundle:
    """The same network with its weights shuffled; tensors of one axis, which scale and shift, stay."""
    rng = np.random.default_rng(seed)
    graph = onnx.ModelProto()
    graph.CopyFrom(pair.activations)
    for weight in graph.graph.initializer:
        if len(weight.dims) > 1 and weight.data_type == onnx.TensorProto.FLOAT:
            values = rng.permutation(numpy_helper.to_array(weight).ravel()).reshape(tuple(weight.dims))
            weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    return replace(pair, activations=graph)


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's correlation of two maps; zero where one is flat."""
    a, b = (places(heat) for heat in (one, other))
    deviation = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean() / deviation) if deviation else 0.0


def places(heat: Floats) -> Floats:
    """The rank of every cell; equal cells share the mean of theirs."""
    _, inverse, counts = np.unique(heat, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(middle[inverse.ravel()], np.float32)
