"""What `auto_pad` asks of a pooling, written as cells of padding, where only the runtime knows it.

Along one axis, with size n, kernel k and stride s, onnxruntime adds

    t = (⌈n / s⌉ − 1) s + k − n    cells, of which    SAME_UPPER  t / 2,  SAME_LOWER  (t + 1) / 2    stand first

(rounded towards zero), whatever the dilation, which shape inference counts. Where the stride leaves gaps t may be
negative: windows then begin that far inside. Some of its kernels do so, others refuse it.

    x → AveragePool<auto_pad>    ⇒    x → Slice → AveragePool<pads>      Slice only where t is negative
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from .observe import random_faces, session
from .passes import fresh, taken

POOLS = ("AveragePool", "LpPool", "MaxPool")
FIRST = {b"SAME_UPPER": 0, b"SAME_LOWER": 1}
"""What is added to t before it is halved."""
END = np.iinfo(np.int64).max


def say_pads(model: onnx.ModelProto, face_shape: tuple[int, ...]) -> None:
    """Writes the pads of poolings that leave gaps or are dilated; of all others the runtime and the standard agree.

    Args:
        model: one input; changed in place.
        face_shape: shape of the input without its batch axis.
    """
    for node in list(model.graph.node):
        style = {item.name: helper.get_attribute_value(item) for item in node.attribute}
        if node.op_type in POOLS and style.get("auto_pad") in FIRST and not style.get("ceil_mode") and _odd(style):
            _say(model, node, style, _sizes(model, node, face_shape))


def _odd(style: dict[str, Any]) -> bool:
    """Whether windows leave gaps between them or within."""
    gaps = (s > k for s, k in zip(style.get("strides", ()), style["kernel_shape"], strict=False))
    return any(gaps) or max(style.get("dilations", (1,))) > 1


def _sizes(model: onnx.ModelProto, node: onnx.NodeProto, face_shape: tuple[int, ...]) -> tuple[int, ...]:
    """Spatial sizes of what a node is fed, seen by running all that stands before it."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    at = next(at for at, other in enumerate(model.graph.node) if other.output[0] == node.output[0])
    del probe.graph.node[at:], probe.graph.output[:], probe.graph.value_info[:]
    probe.graph.output.append(onnx.ValueInfoProto(name=node.input[0]))
    (x,) = session(probe, optimised=False).run(None, {model.graph.input[0].name: random_faces(2, face_shape)})
    return tuple(int(size) for size in np.shape(x)[2:])


def _say(model: onnx.ModelProto, node: onnx.NodeProto, style: dict[str, Any], sizes: tuple[int, ...]) -> None:
    strides = style.get("strides", [1] * len(sizes))
    begins, ends = [], []
    for size, kernel, stride in zip(sizes, style["kernel_shape"], strides, strict=True):
        total = (-(-size // stride) - 1) * stride + kernel - size
        begin = int((total + FIRST[style["auto_pad"]]) / 2)
        begins.append(begin)
        ends.append(total - begin)
    kept = [item for item in node.attribute if item.name not in ("auto_pad", "pads")]
    pads = helper.make_attribute("pads", [max(0, pad) for pad in (*begins, *ends)])
    del node.attribute[:]
    node.attribute.extend([*kept, pads])
    if min(begins) < 0:
        _begin_inside(model, node, [max(0, -begin) for begin in begins])


def _begin_inside(model: onnx.ModelProto, node: onnx.NodeProto, starts: list[int]) -> None:
    """Cuts the first cells of every axis off before a pooling."""
    known = taken(model)
    values = (starts, [END] * len(starts), [2 + axis for axis in range(len(starts))])
    names = [fresh(f"{node.output[0]}/{what}", known) for what in ("starts", "ends", "axes", "inside")]
    weights = [
        numpy_helper.from_array(np.array(value, np.int64), name) for value, name in zip(values, names, strict=False)
    ]
    model.graph.initializer.extend(weights)
    cut = helper.make_node("Slice", [node.input[0], *names[:3]], names[3:], name=names[3])
    model.graph.node.insert(list(model.graph.node).index(node), cut)
    node.input[0] = names[3]
