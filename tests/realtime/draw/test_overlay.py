"""Drawing on planes: the same as drawing on BGR, and nothing changes beside it."""

from __future__ import annotations

from typing import Any

import av
import cv2
import numpy as np
import pytest

from emoscope.draw.overlay import draw_on
from emoscope.draw.patch import Patch, lay
from emoscope.types import Image

WIDTH, HEIGHT = 320, 240
INK = (40, 200, 90)


def scene(width: int, height: int) -> Image:
    small = np.random.default_rng(3).integers(0, 255, (height // 40 + 1, width // 40 + 1, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def patch(x: int, y: int, clear: int = 120, size: tuple[int, int] = (101, 77)) -> Patch:
    width, height = size
    sheet = np.array([*(value * (255 - clear) / 255 for value in INK), clear])
    return Patch(x, y, np.full((height, width, 4), sheet, np.uint8))


def drawn(width: int, height: int, patches: list[Patch], **colours: Any) -> tuple[Image, Image, Image]:
    """The picture before, as drawn on planes, and as drawn on BGR."""
    frame = av.VideoFrame.from_ndarray(scene(width, height), "bgr24").reformat(format="yuv420p", **colours)
    before: Image = frame.to_ndarray(format="bgr24")  # type: ignore[assignment]
    expected = before.copy()
    lay(expected, patches)
    draw_on(frame, patches)
    return before, frame.to_ndarray(format="bgr24"), expected  # type: ignore[return-value]


@pytest.mark.parametrize("at", [(20, 30), (21, 30), (20, 31), (21, 31), (-40, -50), (270, 200)])
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (WIDTH + 1, HEIGHT + 1)])
def test_planes_and_bgr_show_the_same(at: tuple[int, int], size: tuple[int, int]) -> None:
    _, planes, bgr = drawn(*size, [patch(*at)])
    x0, y0 = max(at[0], 0) + 4, max(at[1], 0) + 4
    x1, y1 = min(at[0] + 101, size[0]) - 4, min(at[1] + 77, size[1]) - 4
    inner = np.abs(planes.astype(int) - bgr)[y0:y1, x0:x1]
    assert inner.size and inner.max() <= 4


@pytest.mark.parametrize("at", [(20, 30), (21, 31)])
def test_nothing_changes_beside_the_patch(at: tuple[int, int]) -> None:
    before, after, _ = drawn(WIDTH, HEIGHT, [patch(*at)])
    beside = np.ones((HEIGHT, WIDTH), bool)
    beside[at[1] - 2 : at[1] + 79, at[0] - 2 : at[0] + 103] = False
    assert np.array_equal(before[beside], after[beside])
    assert not np.array_equal(before, after)


@pytest.mark.parametrize("clear", [0, 255])
def test_hidden_and_untouched(clear: int) -> None:
    before, after, _ = drawn(WIDTH, HEIGHT, [patch(40, 40, clear)])
    inside = (slice(44, 110), slice(44, 136))
    if clear:
        assert np.abs(after.astype(int) - before)[inside].max() <= 1
    else:
        assert np.abs(after[inside].astype(int) - INK).max() <= 4


@pytest.mark.parametrize(
    "colours",
    [
        {"dst_colorspace": 1},
        {"dst_colorspace": 5},
        {"dst_colorspace": 1, "dst_color_range": 2},
        {"dst_colorspace": 5, "dst_color_range": 2},
    ],
)
def test_every_colour_space_gets_its_own_ink(colours: dict[str, int]) -> None:
    _, planes, bgr = drawn(WIDTH, HEIGHT, [patch(40, 40, 0)], **colours)
    assert np.abs(planes.astype(int) - bgr)[44:110, 44:136].max() <= 4


def test_a_patch_beyond_the_border_is_left_out() -> None:
    before, after, _ = drawn(WIDTH, HEIGHT, [patch(400, 20), patch(20, -90)])
    assert np.array_equal(before, after)


def test_later_patches_lie_over_earlier_ones() -> None:
    first, second = patch(40, 40, 0), Patch(40, 40, np.zeros((77, 101, 4), np.uint8))
    _, after, _ = drawn(WIDTH, HEIGHT, [first, second])
    assert after[60:100, 60:120].max() <= 4
