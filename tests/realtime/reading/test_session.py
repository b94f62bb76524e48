"""One session for every picture: what it is asked, what it remembers, and what it forgets."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.media.raster import raster_of
from emoscope.network.network import Network, Request
from emoscope.reading.session import FacesFound, Seen, Session, Subject, Wish
from tests.realtime.tiny import FixedFinder, face, gray, shown

LEFT, RIGHT = face(20, 40, 20, track=1), face(100, 40, 30, track=2)
BLACK, WHITE = gray(0), gray(255)
HEAT = Request("conv1", method="gradcam")


def opened(network: Network, *faces) -> Session:
    return Session(FixedFinder(*(faces or (LEFT, RIGHT))), network)


def emotions(seen: Seen) -> list[str]:
    return [reading.prediction.emotion for reading in seen.readings]


def test_what_is_seen_is_read_said_and_someone_is_chosen(network: Network):
    seen = opened(network).read(WHITE, 0.0)
    assert emotions(seen) == ["happy", "happy"]
    assert [one.label for one in seen.faces] == ["happy", "happy"]
    assert seen.chosen == 1 and seen.subject is seen.faces[1]


def test_gray_and_colour_are_the_same_picture(network: Network):
    for picture in (WHITE, WHITE[:, :, 0]):
        np.testing.assert_array_equal(opened(network).read(picture, 0.0).readings[0].crop, 255)


def test_nobody_is_an_answer(network: Network):
    nobody = Session(FixedFinder(), network).read(WHITE, 0.0, Wish(Request("conv9", maps=True)))
    assert nobody == Seen()


def test_what_is_said_is_smoothed_unless_it_is_not_wanted(network: Network):
    one = opened(network, LEFT)
    one.read(WHITE, 0.0)
    assert one.read(BLACK, 0.04).faces[0].label == "happy"
    assert one.read(BLACK, 0.08, Wish(smoothed=False)).faces[0].label == "sad"


def test_heat_is_of_the_class_that_is_said(network: Network):
    one, wish = opened(network, LEFT), Wish(HEAT)
    one.read(WHITE, 0.0, wish)
    seen = one.read(BLACK, 0.04, wish)
    assert (emotions(seen), seen.faces[0].label) == (["sad"], "happy")
    assert seen.readings[0].explanation.target == "happy"


@pytest.mark.parametrize(("exact", "target"), [(False, "happy"), (True, "sad")])
def test_where_the_label_changes_heat_follows_a_frame_later_or_at_once(network: Network, exact: bool, target: str):
    one, wish = opened(network, LEFT), Wish(HEAT, exact=exact)
    one.read(WHITE, 0.0, wish)
    seen = one.read(BLACK, 1.9, wish)
    assert seen.faces[0].label == "sad"
    assert seen.readings[0].explanation.target == target


def test_a_pinned_class_is_explained_whatever_is_said(network: Network):
    seen = opened(network).read(WHITE, 0.0, Wish(HEAT, target=2, exact=True))
    assert {reading.explanation.target for reading in seen.readings} == {"neutral"}


def test_only_the_chosen_face_is_explained_where_no_other_is_asked_for(network: Network):
    seen = opened(network).read(WHITE, 0.0, Wish(HEAT, everyone=False))
    assert [reading.explanation is None for reading in seen.readings] == [True, False]
    seen = opened(network).read(WHITE, 0.0, Wish(HEAT, face=1, everyone=False))
    assert [reading.explanation is None for reading in seen.readings] == [False, True]


def test_where_time_runs_back_all_but_who_they_are_is_forgotten(network: Network):
    one = opened(network, LEFT, RIGHT)
    one.read(WHITE, 5.0, Wish(face=1))
    assert one.read(WHITE, 5.1).chosen == 0
    seen = one.read(BLACK, 1.0)
    assert (one.finder.jumps, one.finder.resets) == (1, 0)
    assert seen.faces[0].label == "sad" and seen.chosen == 0


def test_for_another_source_everything_is_forgotten(network: Network):
    one = opened(network, LEFT, RIGHT)
    one.read(WHITE, 5.0, Wish(face=1))
    one.reset()
    seen = one.read(BLACK, 6.0)
    assert (one.finder.jumps, one.finder.resets) == (0, 1)
    assert seen.faces[0].label == "sad" and seen.chosen == 1


def test_known_faces_are_not_looked_for(network: Network):
    one = Session(FixedFinder(), network)
    assert emotions(one.read_faces(WHITE, [RIGHT], 0.0)) == ["happy"]
    assert one.finder.times_s == []


def test_frames_read_together_are_said_as_one_after_another(network: Network):
    shades = (WHITE, WHITE, BLACK, WHITE, BLACK, BLACK)
    found = [
        FacesFound(raster_of(shade), [LEFT, RIGHT][number % 2 :], number / 2) for number, shade in enumerate(shades)
    ]
    wish, together, apart = Wish(HEAT, exact=True), opened(network), opened(network)
    for one, other in zip(
        together.read_together(found, wish),
        [apart.read_faces(one.picture, one.faces, one.time_s, wish) for one in found],
        strict=True,
    ):
        assert (one.chosen, emotions(one)) == (other.chosen, emotions(other))
        assert [face.label for face in one.faces] == [face.label for face in other.faces]
        targets = [[reading.explanation.target for reading in seen.readings] for seen in (one, other)]
        assert targets[0] == targets[1] == [face.label for face in one.faces]
    assert together.memory().subject == apart.memory().subject


def test_each_stage_is_timed(session: Session):
    session.read(gray(), 0.0)
    assert list(session.stopwatch.seconds) == ["faces", "crops", "network"]


def test_the_finder_is_closed_with_the_opened(network: Network):
    with pytest.raises(RuntimeError), opened(network) as one:
        raise RuntimeError
    assert one.finder.closed


SMALL, LARGE, OTHER = (face(x, 0, edge, track) for track, (x, edge) in enumerate([(0, 10), (50, 30), (90, 31)], 1))


def test_the_largest_is_chosen_and_kept_while_it_stays():
    subject = Subject()
    assert subject.pick([SMALL, LARGE]) == 1
    assert subject.pick([OTHER, SMALL, LARGE]) == 2
    assert subject.pick([OTHER, SMALL]) == 0


def test_a_wish_goes_before_and_is_kept_after():
    subject = Subject()
    assert subject.pick([LARGE, SMALL]) == 0
    assert subject.pick([LARGE, SMALL], wanted=1) == 1
    assert subject.pick([LARGE, SMALL]) == 1
    assert subject.pick([LARGE], wanted=1) == 0


def test_nobody_there():
    assert Subject().pick([]) is None
    assert Subject().pick([], wanted=3) is None


def test_tracks_from_left_to_right():
    assert Seen(tuple(shown(one) for one in (OTHER, SMALL, LARGE))).tracks == (1, 2, 3)
    assert Seen().tracks == ()
