"""FER+ votes become shares; what nobody can learn from weighs nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models.data.dataset import joined
from emoscope.models.data.load import load, with_votes
from emoscope.models.data.splitting import Splitting
from emoscope.models.data.votes import read_votes, shares
from emoscope.models.labels import EMOTIONS
from emoscope.network.contract import InputSpec

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


def test_microsofts_file_is_joined_by_row(tmp_path: Path) -> None:
    """Rows of FER2013's CSV and of the votes are the same; the second one has no face and weighs nothing."""
    (tmp_path / "fer.csv").write_text(
        "emotion,pixels,Usage\r\n0,1 2 3 4,Training\r\n3,9 9 9 9,Training\r\n4,5 5 5 5,PublicTest\r\n"
    )
    votes = write(
        tmp_path,
        HEADER.replace("file,", "Usage,Image name,")
        + "Training,fer0000000.png,1,9,0,0,0,0,0,0,0,0\nTraining,,0,0,0,0,0,0,0,0,0,10\n"
        + "PublicTest,fer0000002.png,0,0,0,0,0,0,0,10,0,0\n",
    )
    labels = (*EMOTIONS, "contempt")
    data = load(tmp_path / "fer.csv", InputSpec(2, 2), labels, Splitting(groups="none"), complete=False)
    public = with_votes(data, read_votes(votes, labels), ("votes",)).split("validation")
    assert public.targets[:, 0].tolist() == [[0] * 7 + [1]]
    train = joined([part for name, part in with_votes(data, read_votes(votes, labels), ("votes",)).splits.items()
                    if name != "validation"])  # fmt: skip
    by_name = dict(zip(train.names.tolist(), train.targets[:, 0].tolist(), strict=True))
    assert by_name["fer.csv line 2"] == pytest.approx([0, 0, 0, 0.9, 0.1, 0, 0, 0])
    assert sum(by_name["fer.csv line 3"]) == 0
    other = write(tmp_path, votes.read_text().replace("PublicTest", "PrivateTest"))
    with pytest.raises(DataError, match=r"fer\.csv line 4 is for validation, in the votes for another split"):
        with_votes(data, read_votes(other, labels), ("votes",))
    with pytest.raises(DataError, match="FER\\+ votes, no pictures: give FER2013's own CSV as DATA"):
        load(votes, InputSpec(2, 2))
