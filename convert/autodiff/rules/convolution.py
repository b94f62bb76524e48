"""Convolutions. With y = Conv(x, W), the gradient of x is g convolved with W turned by 180°.

    stride 1     Conv(g, W′), where W′[c, m] = W[m, c] flipped along every spatial axis: a plain convolution, the
                 operator that runtimes run fastest
    otherwise    ConvTranspose(g, W), padded at the end by what the strides left over (`output_padding`); so also where
                 one window takes in the whole map, as the first matrix of VGG is often written: its weights are most of
                 a network's, and would be turned into as many more

ConvTranspose is Conv's own transpose, so the gradient of its input is a Conv with the same weights.
"""

from __future__ import annotations

from ..site import Site
from ..table import UNSUPPORTED, defvjp
from ..windows import Windows


def conv_input(b: Site, g: str, y: str, x: str, w: str, bias: str | None = None) -> str:
    """Gradient of a convolution's input."""
    windows = Windows.of(b, x, y, kernel=b.shape(w)[2:])
    mirrored = [reach - pad - 1 for reach, pad in zip(windows.reach * 2, windows.pads, strict=True)]
    if max(windows.strides) == 1 and min(mirrored) >= 0 and max(size or 0 for size in b.shape(y)[2:]) > 1:
        return b.Conv(g, turned(b, w), pads=mirrored, dilations=windows.dilations, group=b["group"])
    return b.ConvTranspose(g, w, group=b["group"], **windows.transposed)


def turned(b: Site, w: str) -> str:
    """W (M, C/G, …) → W′ (C, M/G, …): flipped in space, inputs and outputs exchanged within each group."""
    (m, c, *space), group = b.shape(w), b["group"]
    axes = list(range(2, len(space) + 2))
    flipped = b.Slice(w, [-1] * len(axes), [-(2**31)] * len(axes), axes, [-1] * len(axes))
    grouped = b.Reshape(flipped, [group, int(m or 0) // group, c, *space])
    swapped = b.Transpose(grouped, perm=[0, 2, 1, *(axis + 1 for axis in axes)])
    return b.Reshape(swapped, [group * int(c or 0), int(m or 0) // group, *space])


def conv_transpose_input(b: Site, g: str, y: str, x: str, w: str, bias: str | None = None) -> str:
    """Gradient of a transposed convolution's input."""
    windows = Windows.of_transposed(b, x, y, kernel=b.shape(w)[2:])
    style = {"strides": windows.strides, "dilations": windows.dilations, "pads": windows.pads}
    return b.Conv(g, w, group=b["group"], **style)


def channel_sum(b: Site, g: str, y: str, x: str, w: str, bias: str) -> str:
    """Gradient of a bias: the sum over batch and space."""
    return b.ReduceSum(g, [0, *range(2, b.rank(y))], keepdims=0)


defvjp("Conv", conv_input, UNSUPPORTED, channel_sum)
defvjp("ConvTranspose", conv_transpose_input, UNSUPPORTED, channel_sum)
