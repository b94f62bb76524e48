"""Drawing on planes: the same as drawing on BGR, and nothing changes beside it."""

from __future__ import annotations

from typing import Any

import av
import cv2
import numpy as np
import pytest

from emoscope.draw.layout import Rect
from emoscope.draw.overlay import EACH_BYTES, KEPT_BYTES, Inks, draw_on
from emoscope.draw.patch import Patch, Since, lay
from emoscope.media.planes import planes
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


def dyed(x: int, y: int, opaque: bool, size: tuple[int, int] = (101, 77)) -> Patch:
    """Levels that rise to the right, of a table that hides everything or ever more."""
    clear = 0 if opaque else np.arange(255, -1, -1)
    colours = [value * (255 - clear) / 255 * np.linspace(0.5, 1, 256) for value in INK]
    table = np.column_stack([*colours, np.broadcast_to(clear, 256)]).astype(np.uint8).view(np.uint32)[:, 0]
    levels = np.linspace(0, 255, size[0]).astype(np.uint8)[None].repeat(size[1], axis=0)
    return Patch(x, y, levels, table)


@pytest.mark.parametrize("at", [(20, 30), (21, 31), (-41, -51), (271, 201)])
@pytest.mark.parametrize("opaque", [True, False])
def test_a_table_looks_on_planes_as_its_colours_do(at: tuple[int, int], opaque: bool) -> None:
    short = dyed(*at, opaque)
    long = Patch(*at, short.pixels)
    _, with_table, bgr = drawn(WIDTH, HEIGHT, [short])
    _, with_pixels, _ = drawn(WIDTH, HEIGHT, [long])
    assert np.abs(with_table.astype(int) - with_pixels).max() <= 6
    x0, y0 = max(at[0], 0) + 4, max(at[1], 0) + 4
    inner = (slice(y0, min(at[1] + 77, HEIGHT) - 4), slice(x0, min(at[0] + 101, WIDTH) - 4))
    assert np.abs(with_table.astype(int) - bgr)[inner].max() <= 6


@pytest.mark.parametrize("at", [(20, 30), (21, 31)])
def test_nothing_changes_beside_a_patch_with_a_table(at: tuple[int, int]) -> None:
    before, after, _ = drawn(WIDTH, HEIGHT, [dyed(*at, True)])
    beside = np.ones((HEIGHT, WIDTH), bool)
    beside[at[1] - 2 : at[1] + 79, at[0] - 2 : at[0] + 103] = False
    assert np.array_equal(before[beside], after[beside])


def test_only_sheets_that_come_again_are_kept() -> None:
    inks, weights = Inks(), np.zeros((3, 5), np.float32)
    large = np.zeros((200, 200, 4), np.uint8)
    assert inks.of(Patch(0, 0, large), weights) is not inks.of(Patch(0, 0, large), weights)
    large.flags.writeable = False
    assert inks.of(Patch(0, 0, large), weights) is inks.of(Patch(2, 4, large), weights)
    table = np.zeros(256, np.uint32)
    assert inks.dyes(table, weights) is inks.dyes(table, weights)


def test_what_is_kept_has_a_bound() -> None:
    inks, weights = Inks(), np.zeros((3, 5), np.float32)
    sheets = [np.zeros((100, 100, 4), np.uint8) for _ in range(KEPT_BYTES // (40_000 + EACH_BYTES) + 5)]
    first = [inks.of(Patch(0, 0, sheet), weights) for sheet in sheets]
    assert inks.of(Patch(0, 0, sheets[-1]), weights) is first[-1]
    assert inks.of(Patch(0, 0, sheets[6]), weights) is first[6], "what came last is kept"
    assert inks.of(Patch(0, 0, sheets[0]), weights) is not first[0]


@pytest.mark.parametrize("at", [(20, 30), (21, 30), (20, 31), (21, 31)])
@pytest.mark.parametrize("size", [(60, 40), (201, 177)])
def test_of_a_sheet_that_was_made_from_another_only_what_has_changed_is_converted(
    at: tuple[int, int], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    random, inks = np.random.default_rng(5), Inks()
    weights = np.array([[0.1, 0.6, 0.2, -0.06, 16], [0.44, -0.29, -0.15, -0.5, 128], [-0.1, -0.3, 0.44, -0.5, 128]])
    (wide, high), before = size, random.integers(0, 128, (*size[::-1], 4), dtype=np.uint8)
    before.flags.writeable = False
    inks.of(Patch(*at, before), weights)
    whole, converted = high * wide, list[int]()

    def split(sheet: Image, *to: Any, split: Any = cv2.split) -> Any:
        converted.append(sheet.size)
        return split(sheet, *to)

    monkeypatch.setattr(cv2, "split", split)
    for changed in (Rect(0, 0, 7, 5), Rect(wide - 3, high - 4, 3, 4), Rect(9, 11, 14, 1), Rect(0, 0, wide, high)):
        sheet = before.copy()
        rows, columns = slice(changed.y, changed.bottom), slice(changed.x, changed.right)
        sheet[rows, columns] = random.integers(0, 128, sheet[rows, columns].shape)
        sheet.flags.writeable = False
        converted.clear()
        made = inks.of(Patch(*at, sheet, since=Since(before, changed)), weights)
        assert changed.area == whole or sum(converted) < 4 * whole / 2
        for one, other in zip(made, Inks().of(Patch(*at, sheet), weights), strict=True):
            np.testing.assert_array_equal(one.ink, other.ink)
            np.testing.assert_array_equal(one.clear, other.clear)
        before = sheet


@pytest.mark.parametrize("at", [(20, 30), (21, 31), (21, 30)])
def test_shades_have_their_luma_and_no_colour(at: tuple[int, int]) -> None:
    shades = np.arange(256, dtype=np.uint8)
    table = np.column_stack([shades, shades, shades, np.zeros_like(shades)]).view(np.uint32)[:, 0]
    levels = np.random.default_rng(7).integers(0, 256, (77, 101), dtype=np.uint8)
    short, long = (av.VideoFrame.from_ndarray(scene(WIDTH, HEIGHT), "bgr24").reformat(format="yuv420p") for _ in "12")
    draw_on(short, [Patch(*at, levels, table)])
    draw_on(long, [Patch(at[0], at[1], Patch(*at, levels, table).pixels)])
    y, u, v = planes(short)
    np.testing.assert_array_equal(y[at[1] : at[1] + 77, at[0] : at[0] + 101], np.rint(16 + levels * (219 / 255)))
    inside = slice(at[1] // 2 + 1, (at[1] + 76) // 2), slice(at[0] // 2 + 1, (at[0] + 100) // 2)
    assert (u[inside] == 128).all() and (v[inside] == 128).all()
    for one, other in zip(planes(short), planes(long), strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1
