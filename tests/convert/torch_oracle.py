"""A shipped graph run by PyTorch, whose autograd is a second witness: the forward nodes, each by torch's own function.

Only operators that our networks and a few others are made of; padding as the nodes say, nothing of ours backwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import onnx
import torch
from onnx import helper, numpy_helper
from torch.nn import functional


class Changed(torch.autograd.Function):
    """Relu that sends back what guided backpropagation or a deconvolution sends."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, rule: str) -> torch.Tensor:
        y = torch.relu(x)
        ctx.save_for_backward(y)
        ctx.rule = rule
        return y

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor, None]:
        (y,) = ctx.saved_tensors
        return torch.relu(g) * ((y > 0) if ctx.rule == "guided" else 1), None


def run(
    model: onnx.ModelProto, faces: torch.Tensor, rule: str = "gradient", source: str = "faces"
) -> dict[str, torch.Tensor]:
    """Every tensor of a graph that has `source` for its only input that is fed."""
    values = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in model.graph.initializer}
    values[source] = faces
    for node in model.graph.node:
        given = {item.name: helper.get_attribute_value(item) for item in node.attribute}
        inputs = [values[name] if name else None for name in node.input]
        if node.op_type == "Relu" and rule != "gradient":
            values[node.output[0]] = Changed.apply(inputs[0], rule)
        else:
            made = OPERATORS[node.op_type](given, *inputs)
            values |= zip(node.output, made if isinstance(made, tuple) else (made,), strict=True)
    return values


def conv(a: dict[str, Any], x: torch.Tensor, w: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    top, left, bottom, right = same(a, x) if a.get("auto_pad", b"NOTSET") != b"NOTSET" else a.get("pads", [0] * 4)
    padded = functional.pad(x, (left, right, top, bottom))
    return functional.conv2d(padded, w, bias, a.get("strides", 1), 0, a.get("dilations", 1), a.get("group", 1))


def same(a: dict[str, Any], x: torch.Tensor) -> list[int]:
    spans = zip(x.shape[2:], a["kernel_shape"], a.get("strides", [1, 1]), strict=True)
    lacking = [max(0, (-(-size // step) - 1) * step + kernel - size) for size, kernel, step in spans]
    assert a["auto_pad"] in (b"SAME_UPPER", b"VALID")
    used = lacking if a["auto_pad"] == b"SAME_UPPER" else [0, 0]
    return [used[0] // 2, used[1] // 2, used[0] - used[0] // 2, used[1] - used[1] // 2]


def max_pool(a: dict[str, Any], x: torch.Tensor) -> torch.Tensor:
    top, left, bottom, right = same(a, x) if a.get("auto_pad", b"NOTSET") != b"NOTSET" else a.get("pads", [0] * 4)
    padded = functional.pad(x, (left, right, top, bottom), value=-torch.inf)
    return functional.max_pool2d(padded, tuple(a["kernel_shape"]), tuple(a["strides"]))


def reshape(a: dict[str, Any], x: torch.Tensor, shape: torch.Tensor) -> torch.Tensor:
    sizes = [x.shape[axis] if size == 0 else int(size) for axis, size in enumerate(shape)]
    return x.reshape(sizes)


def pad(a: dict[str, Any], x: torch.Tensor, pads: torch.Tensor, *rest: Any) -> torch.Tensor:
    assert not any(one is not None for one in rest[1:])
    begins, ends = pads.tolist()[: x.ndim], pads.tolist()[x.ndim :]
    mode = a.get("mode", b"constant").decode()
    if mode == "constant":
        return functional.pad(x, [n for axis in reversed(range(x.ndim)) for n in (begins[axis], ends[axis])])
    for axis in range(x.ndim):
        size = x.shape[axis]
        places = torch.arange(-begins[axis], size + ends[axis]).abs()
        x = x.index_select(axis, torch.where(places >= size, 2 * size - 2 - places, places))
    assert mode == "reflect"
    return x


def batch_norm(a: dict[str, Any], x: torch.Tensor, scale: Any, shift: Any, mean: Any, variance: Any) -> torch.Tensor:
    return functional.batch_norm(x, mean, variance, scale, shift, eps=a["epsilon"])


def reduced(mean: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def run_reduction(a: dict[str, Any], x: torch.Tensor, axes: torch.Tensor | None = None) -> torch.Tensor:
        named = a.get("axes") or range(x.ndim) if axes is None else axes.tolist()
        return mean(x, tuple(named), keepdim=bool(a.get("keepdims", 1)))

    return run_reduction


def split(a: dict[str, Any], x: torch.Tensor, sizes: torch.Tensor | None = None) -> tuple[torch.Tensor, ...]:
    axis = a.get("axis", 0)
    told = [x.shape[axis] // a["num_outputs"]] * a["num_outputs"] if sizes is None else sizes.tolist()
    return torch.split(x, told, axis)


def slice_(a: dict[str, Any], x: Any, start: Any, end: Any, axes: Any = None, steps: Any = None) -> torch.Tensor:
    for place, (first, last) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        assert steps is None or int(steps[place]) == 1
        axis = place if axes is None else int(axes[place])
        x = x[(slice(None),) * (axis % x.ndim) + (slice(first, min(last, 2**62)),)]
    return x


def resize(a: dict[str, Any], x: Any, roi: Any = None, scales: Any = None, sizes: Any = None) -> torch.Tensor:
    mode = a.get("mode", b"nearest").decode()
    told = [int(one) for one in sizes[2:]] if sizes is not None and len(sizes) else None
    factor = None if told else scales[2:].tolist()
    aligned = a.get("coordinate_transformation_mode") == b"align_corners"
    style = {} if mode == "nearest" else {"align_corners": aligned}
    kind = "nearest" if mode == "nearest" else "bilinear"
    return functional.interpolate(x, told, factor, mode=kind, **style)


def conv_transpose(a: dict[str, Any], x: Any, w: Any, bias: Any = None) -> torch.Tensor:
    pads, more = a.get("pads", [0] * 4), a.get("output_padding", 0)
    assert pads[:2] == pads[2:]
    return functional.conv_transpose2d(x, w, bias, a.get("strides", 1), pads[:2], more, a.get("group", 1))


TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 11: torch.float64}


OPERATORS: dict[str, Callable[..., Any]] = {
    "Add": lambda a, x, y: x + y,
    "BatchNormalization": batch_norm,
    "Cast": lambda a, x: x.to(TYPES[a["to"]]),
    "Clip": lambda a, x, low=None, high=None: torch.clamp(x, low, high),
    "Concat": lambda a, *parts: torch.cat(parts, a["axis"]),
    "Constant": lambda a: torch.tensor(numpy_helper.to_array(a["value"])),
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Div": lambda a, x, y: x / y if x.is_floating_point() else x // y,
    "Einsum": lambda a, *parts: torch.einsum(a["equation"].decode(), *parts),
    "Flatten": lambda a, x: x.flatten(a.get("axis", 1)),
    "Gather": lambda a, x, places: x.index_select(a.get("axis", 0), places.reshape(-1)).reshape(
        (*x.shape[: a.get("axis", 0)], *places.shape, *x.shape[a.get("axis", 0) + 1 :])
    ),
    "Gemm": lambda a, x, w, c: x @ (w.T if a.get("transB") else w) + c,
    "Identity": lambda a, x: x,
    "MatMul": lambda a, x, y: x @ y,
    "Max": lambda a, x, y: torch.maximum(x, y),
    "MaxPool": max_pool,
    "Mul": lambda a, x, y: x * y,
    "PRelu": lambda a, x, slope: torch.where(x > 0, x, x * slope),
    "Pad": pad,
    "ReduceL2": reduced(lambda x, axes, keepdim: torch.linalg.vector_norm(x, dim=axes, keepdim=keepdim)),
    "ReduceMax": reduced(torch.amax),
    "ReduceMean": reduced(torch.mean),
    "Relu": lambda a, x: torch.relu(x),
    "Reshape": reshape,
    "Resize": resize,
    "Shape": lambda a, x: torch.tensor(x.shape),
    "Sigmoid": lambda a, x: torch.sigmoid(x),
    "Slice": slice_,
    "Softmax": lambda a, x: torch.softmax(x, a.get("axis", -1)),
    "Split": split,
    "Squeeze": lambda a, x, axes: x.squeeze(tuple(axes.tolist())),
    "Transpose": lambda a, x: x.permute(a["perm"]),
    "Unsqueeze": lambda a, x, axes: x.unsqueeze(int(axes[0])),
}
