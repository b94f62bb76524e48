"""What class folders that are called by numbers mean.

    fer2013     0 angry    1 disgust  2 fear     3 happy    4 sad       5 surprise  6 neutral     (ExpW's likewise)
    raf-db      1 surprise 2 fear     3 disgust  4 happy    5 sad       6 angry     7 neutral
    affectnet   0 neutral  1 happy    2 sad      3 surprise 4 fear      5 disgust   6 angry    7 contempt
    ferplus     0 neutral  1 happy    2 surprise 3 sad      4 angry     5 disgust   6 fear     7 contempt
    ck+         0 neutral  1 angry    2 contempt 3 disgust  4 fear      5 happy     6 sad      7 surprise

Data sets number the same emotions differently, and nothing in a folder called 3 says which of them it is: whoever has
such folders is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from emoscope.errors import SettingsError

from ..labels import CONTEMPT, EIGHT, FER2013_ORDER, canonical
from .ck import EMOTIONS_OF_CK

Meanings = Mapping[int, str]
"""Number → class."""
SHOWN = 3
"""Numbers of an order that are shown where it is asked about, which tell it from the others."""
ORDERS: Mapping[str, Meanings] = {
    "fer2013": dict(enumerate(FER2013_ORDER)),
    "raf-db": dict(enumerate(("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"), 1)),
    "affectnet": dict(enumerate(("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", CONTEMPT))),
    "ferplus": dict(enumerate(("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", CONTEMPT))),
    "ck+": dict(enumerate(EMOTIONS_OF_CK)),
}


def meanings(asked: str) -> Meanings:
    """What `--numbers` says: a name of ORDERS, or 0=happy,1=sad; nothing of "".

    Raises:
        SettingsError: it is neither.
    """
    if asked.lower() in ORDERS or not asked:
        return ORDERS.get(asked.lower(), {})
    pairs = [pair.partition("=") for pair in asked.split(",")]
    if not all(number.strip().isdecimal() and name.strip() for number, _, name in pairs):
        raise SettingsError(f"--numbers {asked!r} is none of {', '.join(ORDERS)}, and no list like 0=happy,1=sad")
    return {int(number): canonical(name, EIGHT) or name.strip() for number, _, name in pairs}


def are_numbers(names: Collection[str]) -> bool:
    """Whether classes, two or more, are called by nothing but numbers."""
    return len(names) > 1 and all(name.isdecimal() for name in names)


def asking(names: Collection[str]) -> str:
    """What is asked where classes are called by such numbers."""
    ordered = sorted(names, key=int)
    numbers = [int(name) for name in ordered]
    fitting = {name: order for name, order in ORDERS.items() if set(numbers) <= order.keys()}
    first = numbers[:SHOWN]
    ways = [f"{name} ({', '.join(f'{one} {order[one]}' for one in first)}, …)" for name, order in fitting.items()]
    ways.append(",".join(f"{number}=NAME" for number in numbers[:2]) + ",…")
    return (
        f"classes are numbers, which data sets use differently: say --numbers {' or '.join(ways)}; "
        f"to keep them as names, --classes {','.join(ordered)}"
    )
