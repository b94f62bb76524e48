"""The demo clip is read as it was, and a change would be noticed."""

from __future__ import annotations

import pytest

from tests.reliability import golden


def test_the_demo_clip_is_read_as_it_was(capsys: pytest.CaptureFixture[str]):
    before = golden.stored()
    assert len(before) > 30
    assert sum(bool(row["face"]) for row in before) > 30
    assert golden.differences(before, golden.rows()) == []


def test_every_kind_of_change_is_noticed():
    before = golden.stored()
    label = golden._labels(before[0])[0]
    for column, by in (("x", 3.5), ("height", -4), (label, 0.03)):
        after = [dict(row) for row in before]
        after[5][column] = str(float(after[5][column]) + by)
        (told,) = golden.differences(before, after)
        assert f"{column} differs by" in told
    small = [{**row, "x": str(float(row["x"] or 0) + 2)} if row["face"] else row for row in before]
    assert golden.differences(before, small) == []
    assert "other frames or faces" in golden.differences(before, before[1:])[0]
    assert "other columns" in golden.differences(before, [{**row, "new": ""} for row in before])[0]
