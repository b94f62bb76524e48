"""Many cells of a detector's grid see the same face, each a little differently: one face from all of them.

The best cell is joined by those whose boxes overlap it; their boxes and eyes are averaged, weighted by score, and what
remains is treated alike. Taking the best cell alone makes the box jump by 1 to 3 % of its width whenever noise makes
another cell the best (Bazarevsky et al., BlazeFace, 2019, section 4.3).
"""

from __future__ import annotations

import numpy as np

from ..types import Face, Floats


def blended(table: Floats, same: float, rival: float) -> list[Face]:
    """One face for each group of cells, best first.

    Args:
        table: (M, 9) a row a cell: x0, y0, x1, y1, the left eye's x, y, the right eye's x, y, and the score.
        same: IoU with the best cell's box, above which a cell helps to place it.
        rival: the same, above which a cell is no other face.
    """
    # One cell that is not a number would hide every face that it is compared with.
    table = table[np.isfinite(table).all(axis=1) & (table[:, :2] < table[:, 2:4]).all(axis=1)]
    faces: list[Face] = []
    while len(table):
        best = table[table[:, -1].argmax()]
        ious = _ious(best, table)
        group = table[ious > same]
        weights = group[:, -1]
        mean = weights @ group[:, :-1] / weights.sum()
        faces.append(_face(mean.tolist(), float(best[-1])))
        table = table[ious <= rival]
    return faces


def _ious(best: Floats, table: Floats) -> Floats:
    """(M,) intersection over union of one box with every box of a table."""
    extent = np.minimum(table[:, 2:4], best[2:4]) - np.maximum(table[:, :2], best[:2])
    common = np.maximum(extent, 0).prod(axis=1)
    areas = (table[:, 2] - table[:, 0]) * (table[:, 3] - table[:, 1])
    own = (best[2] - best[0]) * (best[3] - best[1])
    return np.asarray(common / (areas + own - common), np.float32)


def _face(place: list[float], score: float) -> Face:
    x0, y0, x1, y1, ax, ay, bx, by = place
    return Face((x0, y0, x1, y1), ((ax, ay), (bx, by)), score)
