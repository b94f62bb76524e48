"""One look for all pictures: sizes that grow with them, a colour for each class."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from emoscope.draw.style import EMOTIONS, OTHERS, REFERENCE_HEIGHT, Sizes, colour_of


def test_sizes_are_as_written_at_the_reference():
    assert Sizes.of(1280, REFERENCE_HEIGHT) == Sizes(17, 22, 10, 8, 4)


def test_sizes_grow_with_the_picture_and_never_become_unreadable():
    small, usual, large = (Sizes.of(16 * height // 9, height) for height in (32, 720, 2160))
    assert small.text == 10
    assert min(astuple(small)) >= 1
    assert all(a < b < c for a, b, c in zip(astuple(small), astuple(usual), astuple(large), strict=True))


def test_a_tall_picture_is_measured_by_its_width():
    assert Sizes.of(720, 1280) == Sizes.of(720, 684)


@pytest.mark.parametrize("label", EMOTIONS)
def test_known_emotions_keep_their_colour(label: str):
    assert {colour_of(label, index) for index in range(20)} == {EMOTIONS[label]}


def test_other_classes_get_colours_in_turn():
    assert len(set(EMOTIONS.values())) == len(EMOTIONS)
    assert [colour_of("calm", index) for index in range(len(OTHERS))] == list(OTHERS)
    assert colour_of("calm", len(OTHERS)) == OTHERS[0]
