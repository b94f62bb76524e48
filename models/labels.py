"""The seven emotions, in the order every contract uses, an eighth, and the names that data sets give them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

CONTEMPT = "contempt"
"""The eighth emotion, which FER+, CK+ and AffectNet tell from the others."""
EIGHT = (*EMOTIONS, CONTEMPT)

FER2013_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""What the numbers 0–6 mean in the column `emotion` of the FER2013 CSV."""

SYNONYMS = {
    "anger": "angry",
    "contemptuous": "contempt",
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


def ordered(found: Collection[str]) -> tuple[str, ...]:
    """Class names as a network has them: the emotions in their order, then what else there is, by name."""
    return (*(label for label in EIGHT if label in found), *sorted(set(found) - set(EIGHT)))
