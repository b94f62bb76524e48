"""Which frames of a recording are read together."""

from __future__ import annotations

from typing import Any, cast

import pytest

from emoscope.media.encoding import LARGE_PIXELS
from emoscope.media.raster import raster_of
from emoscope.media.reader import RecordedFrame
from emoscope.network.network import Network
from emoscope.processing import reading
from emoscope.processing.finding import Found, Seam
from emoscope.processing.reading import FACES, FRAMES, LARGE_FRAMES, reads
from emoscope.processing.sections import Handover
from emoscope.reading.session import ReadFrame, Session, Wish
from tests.realtime.tiny import FixedFinder, face, gray


@pytest.fixture
def calls(network: Network, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many faces the network was asked about in each call, growing."""
    asked, answer = list[int](), network.answer
    monkeypatch.setattr(network, "answer", lambda batch, *rest: asked.append(len(batch)) or answer(batch, *rest))
    return asked


def found(index: int, faces: int | None = 1) -> Found:
    """A frame with so many faces, or one that is not looked at."""
    frame = RecordedFrame(index, index / 30, cast(Any, raster_of(gray(255))), pts=index)
    seen = None if faces is None else tuple(face(5 + 3 * number, 40, 20, number + 1) for number in range(faces))
    return Found(frame, seen)


def read(network: Network, items: list[Any]) -> list[Any]:
    return list(reads(iter(items), Session(FixedFinder(), network), Wish()))


def test_so_many_frames_are_read_in_one_call(network: Network, calls: list[int]) -> None:
    items = read(network, [found(index) for index in range(2 * FRAMES + 1)])
    assert calls == [FRAMES, FRAMES, 1]
    assert [item.frame.index for item in items] == list(range(2 * FRAMES + 1))


def test_fewer_are_where_they_have_many_faces(network: Network, calls: list[int]) -> None:
    read(network, [found(0, FACES), found(1, FACES // 2), found(2, FACES // 2), found(3, 0)])
    assert calls == [FACES, FACES]


def test_fewer_are_where_they_are_large(network: Network, calls: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    picture = found(0).frame.picture
    assert picture.width * picture.height < LARGE_PIXELS
    monkeypatch.setattr(reading, "LARGE_PIXELS", picture.width * picture.height - 1)
    read(network, [found(index) for index in range(2 * LARGE_FRAMES)])
    assert calls == [LARGE_FRAMES, LARGE_FRAMES]


def test_groups_begin_anew_with_a_section_which_is_told_what_was_said(network: Network, calls: list[int]) -> None:
    items = read(network, [found(0), found(1), Seam(Handover(1)), *(found(index) for index in range(2, 3 + FRAMES))])
    assert calls == [2, FRAMES, 1]
    (seam,) = (item for item in items if isinstance(item, Seam))
    assert items.index(seam) == 2 and list(seam.told.memory.said.tracks) == [1]


def test_frames_that_are_not_looked_at_wait_no_longer_than_others(network: Network, calls: list[int]) -> None:
    given, stream = [], iter([found(0), *(found(index, None) for index in range(1, 20))])
    for item in reads(stream, Session(FixedFinder(), network), Wish()):
        given.append(item)
        if len(given) == 1:
            assert next(stream).frame.index == FRAMES, "no more than a group was taken before the first came out"
            break
    assert isinstance(given[0], ReadFrame) and given[0].fresh


def test_sound_passes_at_once(network: Network) -> None:
    sound = object()
    items = read(network, [found(0), sound, found(1)])
    assert items[0] is sound and len(items) == 3
