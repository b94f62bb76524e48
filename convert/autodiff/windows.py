"""Sliding windows: kernel, strides, dilations and pads of a convolution or pooling, with `auto_pad` worked out.

Along one axis, with size n, output size o, stride s, dilation d, kernel k and pads p, q, the windows cover

    (o − 1) s + d (k − 1) + 1    of    p + n + q

cells, and what the stride leaves over behind them is called `leftover` here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .builder import Shape
from .site import Site


@dataclass(frozen=True, slots=True)
class Windows:
    """Where the windows of a node lie, one entry per spatial axis.

    Attributes:
        sizes: of the input, in cells.
        outputs: of the output, in windows.
        kernel: cells of a window.
        strides: from window to window.
        dilations: from cell to cell within one.
        pads: cells added: first at the beginning of every axis, then at the end of every axis.
    """

    sizes: tuple[int, ...]
    outputs: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[int, ...]

    @classmethod
    def of(cls, b: Site, x: str, y: str, kernel: Shape = ()) -> Windows:
        """The windows of the node at which `b` stands, between its input x and its output y.

        Args:
            b: standing at the node.
            x: name of its input, (N, C, …).
            y: name of its output.
            kernel: cells of a window where no attribute says it.
        """
        bare = cls._bare(b, fixed(b.shape(x)[2:]), fixed(b.shape(y)[2:]), kernel)
        if b["auto_pad"] in (None, "NOTSET"):
            return replace(bare, pads=tuple(b["pads"] or bare.pads))
        return replace(bare, pads=bare.same(b["auto_pad"]))

    @classmethod
    def of_transposed(cls, b: Site, x: str, y: str, kernel: Shape = ()) -> Windows:
        """The windows of the convolution that the node at which `b` stands is the transpose of.

        Args:
            b: standing at the node.
            x: name of its input, (N, C, …).
            y: name of its output.
            kernel: cells of a window where no attribute says it.
        """
        bare = cls._bare(b, fixed(b.shape(y)[2:]), fixed(b.shape(x)[2:]), kernel)
        if b["auto_pad"] in (None, "NOTSET") and b["output_shape"] is None:
            return replace(bare, pads=tuple(b["pads"] or bare.pads))
        return replace(bare, pads=bare.same(b["auto_pad"], b["output_padding"]))

    @classmethod
    def _bare(cls, b: Site, sizes: tuple[int, ...], outputs: tuple[int, ...], kernel: Shape) -> Windows:
        ones = (1,) * len(sizes)
        kernel = tuple(b["kernel_shape"] or fixed(kernel))
        strides, dilations = tuple(b["strides"] or ones), tuple(b["dilations"] or ones)
        return cls(
            sizes, outputs, tuple(b["kernel_shape"] or fixed(kernel)), strides, dilations, pads=(0, 0) * len(sizes)
        )

    @property
    def reach(self) -> tuple[int, ...]:
        """Cells that one window spans, holes of the dilation included."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilations, self.kernel, strict=True))

    @property
    def begins(self) -> tuple[int, ...]:
        """Pads before the first cell of each axis."""
        return self.pads[: len(self.sizes)]

    @property
    def ends(self) -> tuple[int, ...]:
        """Pads after the last cell of each axis."""
        return self.pads[len(self.sizes) :]

    @property
    def covered(self) -> tuple[int, ...]:
        """Cells from the beginning of the first window to the end of the last."""
        return tuple((o - 1) * s + r for o, s, r in zip(self.outputs, self.strides, self.reach, strict=True))

    @property
    def leftover(self) -> tuple[int, ...]:
        """Cells of the padded input behind the last window; negative where `ceil_mode` lets it hang over."""
        spans = zip(self.begins, self.sizes, self.ends, self.covered, strict=True)
        return tuple(begin + size + end - covered for begin, size, end, covered in spans)

    @property
    def tiles(self) -> bool:
        """Whether windows neither overlap, leave gaps, nor reach into padding."""
        return self.strides == self.reach == self.kernel and not any(self.pads) and min(self.leftover) >= 0

    @property
    def transposed(self) -> dict[str, Any]:
        """Attributes of the ConvTranspose that leads from outputs back to exactly `sizes`."""
        hanging = [max(0, -left) for left in self.leftover]
        return {
            "strides": self.strides,
            "dilations": self.dilations,
            "pads": [*self.begins, *(end + over for end, over in zip(self.ends, hanging, strict=True))],
            "output_padding": [max(0, left) for left in self.leftover],
        }

    def same(self, mode: str, beyond: tuple[int, ...] | None = None) -> tuple[int, ...]:
        """Pads of `auto_pad`: what the output size asks for, the odd one last (SAME_UPPER) or first."""
        if mode == "VALID":
            return self.pads
        extra = beyond or (0,) * len(self.sizes)
        total = [max(0, c + e - n) for c, e, n in zip(self.covered, extra, self.sizes, strict=True)]
        less, more = [n // 2 for n in total], [n - n // 2 for n in total]
        return (*less, *more) if mode == "SAME_UPPER" else (*more, *less)

    def real_cells(self) -> NDArray[np.float32]:
        """Number of cells in each window that are not padding, in the shape of the outputs."""
        cells = np.ones((), np.float32)
        for axis, size in enumerate(self.sizes):
            starts = np.arange(self.outputs[axis]) * self.strides[axis] - self.begins[axis]
            places = starts[:, None] + np.arange(self.kernel[axis]) * self.dilations[axis]
            cells = np.multiply.outer(cells, ((places >= 0) & (places < size)).sum(1)).astype(np.float32)
        return cells


def fixed(sizes: Shape) -> tuple[int, ...]:
    """Spatial sizes, all known."""
    return tuple(int(size or 0) for size in sizes)
