"""The summary: time counts, not frames; spans and changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emoscope.report.lanes import MOST_BINS, Lanes
from emoscope.report.summary import Summary, write_summary
from emoscope.types import Reading
from tests.realtime.tiny import LABELS, face, reading

HAPPY, SAD, NEUTRAL = range(3)


def seen(best: int, track: int = 1) -> list[Reading]:
    return [reading(face(track=track), best=best)]


def summed(*frames: tuple[float, list[Reading]]) -> Summary:
    summary = Summary(LABELS)
    for time_s, readings in frames:
        summary.add(time_s, readings)
    summary.close()
    return summary


def test_a_frame_counts_for_as_long_as_it_is_shown() -> None:
    told = summed((0.0, seen(HAPPY)), (0.1, seen(HAPPY)), (0.4, seen(SAD)), (0.5, seen(HAPPY))).as_json()
    (one,) = told["faces"]
    assert one["seen_s"] == pytest.approx(0.6)
    assert one["share_of_time"] == pytest.approx({"happy": 5 / 6, "sad": 1 / 6, "neutral": 0}, abs=1e-5)
    assert one["mean_probability"] == pytest.approx(
        {"happy": (0.7 * 5 + 0.15) / 6, "sad": (0.15 * 5 + 0.7) / 6, "neutral": 0.15}, abs=1e-5
    )
    assert one["changes"] == 2
    assert [(span["emotion"], span["seconds"]) for span in one["longest_spans"]] == [
        ("happy", pytest.approx(0.4)),
        ("sad", pytest.approx(0.1)),
        ("happy", pytest.approx(0.1)),
    ]
    assert told["end_s"] == pytest.approx(0.6)


def test_a_face_that_was_gone_starts_a_new_span_and_has_not_changed() -> None:
    frames = [(0.0, seen(HAPPY)), (0.1, []), (3.0, seen(SAD)), (3.1, [])]
    (one,) = summed(*frames).as_json()["faces"]
    assert (one["changes"], one["frames"], one["seen_s"]) == (0, 2, pytest.approx(0.2))
    assert {(span["start_s"], span["end_s"]) for span in one["longest_spans"]} == {(0.0, 0.1), (3.0, 3.1)}


def test_a_short_gap_does_not_end_a_span() -> None:
    frames = [(0.0, seen(HAPPY)), (0.1, []), (0.2, seen(HAPPY)), (0.3, seen(HAPPY))]
    (one,) = summed(*frames).as_json()["faces"]
    assert [(span["start_s"], span["end_s"]) for span in one["longest_spans"]] == [(0.0, pytest.approx(0.4))]


def unreadable(quality: float = 0.1) -> list[Reading]:
    (one,) = seen(NEUTRAL)
    return [replace(one, prediction=replace(one.prediction, quality=quality, readable=False))]


def test_what_cannot_be_read_is_no_emotion() -> None:
    frames = [(0.0, seen(HAPPY)), (0.1, unreadable()), (0.2, unreadable()), (0.3, seen(HAPPY)), (0.4, seen(SAD))]
    told = summed(*frames, (0.5, [])).as_json()
    (one,) = told["faces"]
    assert one["share_of_time"] == pytest.approx({"happy": 2 / 3, "sad": 1 / 3, "neutral": 0}, abs=1e-5)
    assert (one["seen_s"], one["unreadable_s"], told["unreadable_s"]) == pytest.approx((0.5, 0.2, 0.2))
    assert one["changes"] == 1
    assert [span["emotion"] for span in one["longest_spans"]] == ["happy", "happy", "sad"]


def test_a_face_that_can_never_be_read() -> None:
    (one,) = summed((0.0, unreadable()), (0.1, unreadable()), (0.2, [])).as_json()["faces"]
    assert (one["longest_spans"], one["changes"], one["frames"]) == ([], 0, 2)
    assert set(one["share_of_time"].values()) == {0.0}


def test_quality_is_averaged_over_time_where_it_is_told() -> None:
    (one,) = summed((0.0, unreadable(0.1)), (0.1, unreadable(0.4)), (0.4, [])).as_json()["faces"]
    assert one["mean_quality"] == pytest.approx((0.1 * 0.1 + 0.4 * 0.3) / 0.4, abs=1e-4)
    (other,) = summed((0.0, seen(SAD)), (0.1, [])).as_json()["faces"]
    assert other["mean_quality"] is None


def test_the_chart_shows_nothing_where_a_face_could_not_be_read() -> None:
    lanes = Lanes(LABELS)
    for number in range(60):
        lanes.add(number / 10, unreadable() if 20 <= number < 40 else seen(SAD))
    lanes.close()
    times, values = lanes.lane(1)
    empty = np.isnan(values[:, 0])
    assert not empty[(times < 1.8) | (times > 4.1)].any()
    assert empty[(times > 2.1) & (times < 3.9)].all()


def test_faces_are_told_apart_and_added_up() -> None:
    both = [*seen(HAPPY, 1), *seen(SAD, 2)]
    told = summed((0.0, both), (1.0, both), (2.0, []), (3.0, [])).as_json()
    assert [one["face"] for one in told["faces"]] == [1, 2]
    assert told["share_of_time"] == pytest.approx({"happy": 0.5, "sad": 0.5, "neutral": 0.0})
    assert (told["frames"], told["frames_with_faces"]) == (4, 2)


def test_one_frame_and_none() -> None:
    assert summed((4.0, seen(NEUTRAL))).as_json()["faces"][0]["seen_s"] == pytest.approx(0.04)
    assert summed().as_json()["faces"] == []


def test_it_is_written_as_json(tmp_path: Path) -> None:
    write_summary(tmp_path / "a.json", summed((0.0, seen(HAPPY))), {"source": "ä.mp4"})
    told = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert (told["source"], told["frames"]) == ("ä.mp4", 1)


def test_lanes_hold_means_and_gaps() -> None:
    lanes = Lanes(LABELS)
    for time_s, best in ((10.0, HAPPY), (10.01, SAD), (10.02, None), (10.2, HAPPY), (10.24, None), (12.0, SAD)):
        lanes.add(time_s, [] if best is None else seen(best))
    lanes.close()
    times, values = lanes.lane(1)
    assert times[0] == 10.0 and times[-1] == pytest.approx(13.76, abs=lanes.bin_s)
    assert values[0] == pytest.approx([0.425, 0.425, 0.15])
    assert values[3] == pytest.approx(values[0]), "a gap of a moment repeats what was there"
    assert values[20:40].size and np.isnan(values[20:40]).all(), "a face that is gone is nowhere"


def test_a_look_fills_the_time_until_the_next() -> None:
    lanes = Lanes(LABELS, 1.0)
    for time_s, readings in ((0.0, seen(HAPPY)), (1.0, seen(SAD)), (2.0, []), (3.0, seen(HAPPY))):
        lanes.add(time_s, readings)
    lanes.close()
    times, values = lanes.lane(1)
    assert len(times) == 4.0 / lanes.bin_s
    happy, sad = values[:, HAPPY] > 0.6, values[:, SAD] > 0.6
    assert (happy == (times < 0.99) | (times > 2.99)).all() and (sad == (times > 0.99) & (times < 1.99)).all()


def test_a_mean_is_over_time_not_over_looks() -> None:
    lanes = Lanes(LABELS)
    for time_s, best in ((0.0, HAPPY), (0.03, SAD), (0.035, SAD), (0.04, SAD)):
        lanes.add(time_s, seen(best))
    _, values = lanes.lane(1)
    assert values[0] == pytest.approx([0.75 * 0.7 + 0.25 * 0.15, 0.25 * 0.7 + 0.75 * 0.15, 0.15])


def test_a_long_recording_takes_no_more_bins() -> None:
    lanes, steps = Lanes(LABELS), 40_000
    for number in range(steps):
        lanes.add(number / 10, seen(HAPPY if number < steps // 2 else SAD))
    lanes.close()
    times, values = lanes.lane(1)
    assert len(times) <= MOST_BINS
    assert times[-1] + lanes.bin_s >= steps / 10 - 1
    assert values[10] == pytest.approx([0.7, 0.15, 0.15]) and values[-10] == pytest.approx([0.15, 0.7, 0.15])


def test_faces_that_are_seen_longest_come_first() -> None:
    lanes = Lanes(LABELS)
    for number in range(9):
        lanes.add(number / 10, [*seen(HAPPY, 4), *(seen(SAD, 2) if number > 5 else [])])
    lanes.close()
    assert lanes.faces == [4, 2]
