"""Sliding windows: kernel, strides, dilations and pads of a convolution or pooling, with `auto_pad` worked out.

Along one axis, with size n, output size o, stride s, dilation d, kernel k and pads p, q, the last window ends at

    (o − 1) s + d (k − 1) + 1    of    p + n + q

and what the stride leaves over behind it is called `leftover` here.
"""

from __future__ import annotations

from dataclasses import dataclass

from convert.autodiff.builder import Shape
from convert.autodiff.site import Site


@dataclass(frozen=True, slots=True)
class Windows:
    """Where the windows of a node lie; one entry per spatial axis, `pads` first all beginnings, then all ends."""

    sizes: tuple[int, ...]
    outputs: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[int, ...]

    @classmethod
    def of(cls, b: Site, x: str, y: str, kernel: Shape = ()) -> Windows:
        """Reads the windows of the node at which `b` stands, between its input x and its output y."""
        sizes, outputs = _spatial(b.shape(x)), _spatial(b.shape(y))
        ones = (1,) * len(sizes)
        kernel = tuple(b["kernel_shape"] or kernel)
        strides, dilations = tuple(b["strides"] or ones), tuple(b["dilations"] or ones)
        bare = cls(sizes, outputs, _spatial(kernel, 0), strides, dilations, (0,) * (2 * len(sizes)))
        pads = tuple(b["pads"] or bare.pads)
        return bare.padded(pads if b["auto_pad"] in (None, "NOTSET") else bare.automatic(b["auto_pad"]))

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

    def automatic(self, mode: str) -> tuple[int, ...]:
        """Pads of `auto_pad`: as many as the output size asks for, the odd one last (UPPER) or first (LOWER)."""
        if mode == "VALID":
            return self.pads
        total = [max(0, covered - size) for covered, size in zip(self.covered, self.sizes, strict=True)]
        less, more = [n // 2 for n in total], [n - n // 2 for n in total]
        return (*less, *more) if mode == "SAME_UPPER" else (*more, *less)

    def padded(self, pads: tuple[int, ...]) -> Windows:
        """The same windows with other pads."""
        return Windows(self.sizes, self.outputs, self.kernel, self.strides, self.dilations, pads)


def _spatial(shape: Shape, first: int = 2) -> tuple[int, ...]:
    sizes = shape[first:]
    if None in sizes:
        raise ValueError(f"spatial sizes {sizes} must be fixed")
    return tuple(int(size) for size in sizes if size is not None)
