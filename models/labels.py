"""The seven emotions, in the order every contract uses, and the names that data sets give them."""

from __future__ import annotations

from collections.abc import Sequence

EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

FER2013_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""What the numbers 0–6 mean in the column `emotion` of the FER2013 CSV."""

SYNONYMS = {
    "anger": "angry",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "scared": "fear",
    "happiness": "happy",
    "joy": "happy",
    "neutrality": "neutral",
    "sadness": "sad",
    "surprised": "surprise",
}


def canonical(name: str, labels: Sequence[str] = EMOTIONS) -> str | None:
    """The label that a folder's or column's name stands for, or None: case, plural and word form are forgiven."""
    plain = name.strip().lower()
    known = {label.lower(): label for label in labels}
    return known.get(plain) or known.get(SYNONYMS.get(plain, ""))
