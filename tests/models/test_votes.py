"""FER+ votes become shares; what nobody can learn from weighs nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models.data.votes import read_votes, shares
from emoscope.models.labels import EMOTIONS

HEADER = "file,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text(text)
    return path


def test_votes_are_sorted_into_our_order(tmp_path: Path) -> None:
    votes = read_votes(write(tmp_path, HEADER + "train/happy/a.jpg,1,6,0,0,2,0,0,1,0,0\n"), EMOTIONS)
    expected = dict(zip(EMOTIONS, (0.2, 0, 0, 0.6, 0.1, 0, 0), strict=True))
    np.testing.assert_allclose(votes["happy/a.jpg"], list(expected.values()), rtol=1e-6)


def test_a_picture_without_votes_has_zeros(tmp_path: Path) -> None:
    votes = read_votes(write(tmp_path, HEADER + "sad/a.jpg,10,0,0,0,0,0,0,0,0,0\n"), EMOTIONS)
    table = shares(["train/sad/a.jpg", "train/sad/b.jpg"], votes, 7)
    assert table.sum(axis=1).tolist() == [1, 0]
    assert table.dtype == np.float32


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,neutral\na,1\n", "line 1 has no column for angry, disgust"),
        (HEADER + "a.jpg,1,x,0,0,0,0,0,0,0,0\n", "line 2: not one number"),
        (HEADER + "a.jpg,1\n", "line 2: not one number"),
        (HEADER + "a.jpg,0,0,0,0,0,0,0,0,0,0\n", "line 2: votes must be positive"),
    ],
)
def test_broken_votes_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_votes(write(tmp_path, text), EMOTIONS)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: cannot be read"):
        read_votes(tmp_path / "nowhere.csv", EMOTIONS)


def test_the_real_votes_cover_fer2013(shared: Path) -> None:
    votes = read_votes(shared / "labels" / "ferplus_by_file.csv", EMOTIONS)
    private = np.stack([share for name, share in votes.items() if "/PrivateTest" in name])
    assert len(votes) == 35519
    assert (private.max(axis=1) > 0.5).sum() == 2719
