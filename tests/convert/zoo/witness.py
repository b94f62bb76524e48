"""PyTorch's autograd as a witness: the network itself is run, and every tensor on the way is at hand.

A layer of ours is found among the network's own tensors by its values, so nothing of the conversion is trusted but the
maps that it shows, which are right if they are found. The gradient of the class's score with respect to that tensor is
autograd's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.overrides import TorchFunctionMode

Array = NDArray[np.floating[Any]]
SAME = 2e-4
"""Largest difference of two stacks of maps that are the same, relative to the largest value."""


class Seen(TorchFunctionMode):
    """Keeps what every function of torch returns while it is open."""

    def __init__(self) -> None:
        super().__init__()
        self.tensors: list[torch.Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for one in result if isinstance(result, tuple | list) else (result,):
            if isinstance(one, torch.Tensor) and one.requires_grad and one.ndim in (3, 4):
                self.tensors.append(one)
        return result


def run(network: Callable[[torch.Tensor], torch.Tensor], faces: Array) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The network's scores (N, classes), and all tensors of three or four axes on the way."""
    x = torch.tensor(faces, requires_grad=True)
    with Seen() as seen:
        scores = network(x)
    return scores, seen.tensors


def gradient(scores: torch.Tensor, target: Array, maps: Array, tensors: Iterable[torch.Tensor]) -> Array | None:
    """The gradient of each face's target score at a layer, (N, h, w, c), as autograd has it; None if it is not found.

    Args:
        scores: (N, classes).
        target: (N,) classes.
        maps: (N, h, w, c), what the layer answers.
        tensors: of the network, in the order of its run.
    """
    for tensor in tensors:
        view = as_maps(tensor.detach(), maps.shape)
        if view is not None and same(view.numpy(), maps):
            chosen = scores.gather(1, torch.tensor(target)[:, None]).sum()
            (slope,) = torch.autograd.grad(chosen, tensor, retain_graph=True, allow_unused=True)
            found = as_maps(torch.zeros_like(tensor) if slope is None else slope, maps.shape)
            return None if found is None else np.asarray(found.numpy())
    return None


def as_maps(tensor: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor | None:
    """A tensor as (N, h, w, c): channels moved last, tokens laid out, those that stand before the cells left out."""
    number, height, width, channels = shape
    if tensor.ndim == 4 and tensor.shape[0] == number:
        for view in (tensor, tensor.permute(0, 2, 3, 1)):
            if tuple(view.shape) == shape:
                return view
    if tensor.ndim == 3 and tensor.shape[0] == number:
        for view in (tensor, tensor.permute(0, 2, 1)):
            if view.shape[2] == channels and 0 <= view.shape[1] - height * width <= 2:
                return view[:, view.shape[1] - height * width :].reshape(shape)
    return None


def same(one: Array, other: Array) -> bool:
    """Whether two stacks of maps are the same but for rounding."""
    scale = float(np.abs(other).max())
    return bool(np.abs(one - other).max() <= SAME * scale + 1e-12)
