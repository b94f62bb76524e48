"""Attention rollout: which tokens a transformer's attention has led to the ones that are read, block after block.

    R = Π_blocks ½ (Ā + I)      Ā: a block's attention (N, T, T), the mean of its heads; I: what the residual carries on

The row of the class token, or the mean of all rows where there is none, laid out as the map that the tokens are. It
knows no class and uses no gradient. Abnar and Zuidema 2020, arXiv:2005.00928.
"""

from __future__ import annotations

import numpy as np

from .autodiff import Builder, Graph
from .forward import Forward, Layer

ROLLOUT = "rollout"


def attentions(graph: Graph, forward: Forward) -> list[str]:
    """The softmaxes over all tokens, (N, heads, T, T) or (N, T, T), in their order.

    None where there are tokens of more than one number, as in networks that merge them or attend in windows.
    """
    counts = {graph.shapes[layer.source][1] for layer in forward.layers if layer.source}
    leading = graph.upstream(forward.logits)
    found = [
        node.output[0]
        for node in graph.nodes
        if node.op_type == "Softmax" and node.output[0] in leading and _square(graph, node.output[0])
    ]
    sizes = {graph.shapes[tensor][-1] for tensor in found}
    return found if found and sizes == counts and len(counts) == 1 else []


def _square(graph: Graph, tensor: str) -> bool:
    shape = graph.shapes[tensor]
    return len(shape) in (3, 4) and shape[0] is None and shape[-1] == shape[-2] and (shape[-1] or 0) > 1


def rollout(b: Builder, graph: Graph, layer: Layer, every: list[str]) -> str:
    """Appends the rollout up to a layer, (N, h, w), neither rectified nor normalised; zeros where none came before.

    Args:
        b: receives the nodes.
        graph: the forward graph.
        layer: up to which attention counts; its maps are what tokens are laid out as.
        every: the network's attention, from `attentions`.
    """
    height, width = layer.size(graph.shapes[layer.tensor])[:2]
    before = graph.upstream(layer.tensor)
    wanted = [tensor for tensor in every if tensor in before]
    if not wanted:
        return b.Mul(b.ReduceSum(layer.tensor, [layer.channel_axis], keepdims=0), 0.0)
    count, product = int(graph.shapes[wanted[0]][-1] or 0), ""
    for tensor in wanted:
        mean = b.ReduceMean(tensor, [1], keepdims=0) if graph.rank(tensor) == 4 else tensor
        step = b.Mul(b.Add(mean, np.eye(count, dtype=np.float32)), 0.5)
        product = b.MatMul(step, product) if product else step
    lead = count - height * width
    read = b.Slice(product, [0], [1], [1]) if lead else b.ReduceMean(product, [1], keepdims=1)
    cells = b.Slice(read, [lead], [count], [2]) if lead else read
    return b.Reshape(cells, [-1, height, width])
