"""What is different while tf2onnx traces a Keras model, so that its graph is complete and its layers stay apart.

grouped convolutions    Keras wraps them in a function compiled by XLA, where tf2onnx cannot look: left unwrapped
equal nodes             tf2onnx merges two layers that do the same to the same tensor (NASNet has such); then they
                        would share one gradient: kept apart
Erfc                    exact GELU is made of it, and tf2onnx does not know it: 1 − Erf
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np

from convert.tensorflow import tensorflow

MERGING = "merge_duplication"


@contextmanager
def traceable() -> Iterator[None]:
    """Makes the differences while it is open."""
    from tf2onnx import optimizer

    kept = {name: made for name, made in optimizer._optimizers.items() if name != MERGING}
    unwrapped = mock.patch.object(tensorflow(), "function", _unwrapping(tensorflow().function))
    with unwrapped, mock.patch.object(optimizer, "_optimizers", kept):
        yield


def _unwrapping(function: Callable[..., Any]) -> Callable[..., Any]:
    def chosen(*args: Any, jit_compile: bool | None = None, **kwargs: Any) -> Any:
        return (lambda plain: plain) if jit_compile and not args else function(*args, **kwargs)

    return chosen


def _erfc(graph: Any, node: Any, name: str, _: Any) -> None:
    shapes, types, x = node.output_shapes, node.output_dtypes, node.input[0]
    graph.remove_node(node.name)
    one = graph.make_const(f"{name}/one", np.float32(1)).output[0]
    erf = graph.make_node("Erf", [x]).output[0]
    graph.make_node("Sub", [one, erf], name=name, outputs=node.output, shapes=shapes, dtypes=types)


HANDLERS: dict[str, tuple[Callable[..., None], list[Any]]] = {"Erfc": (_erfc, [])}
"""Operators of TensorFlow that tf2onnx does not know."""
