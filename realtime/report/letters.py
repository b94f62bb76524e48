"""Words in charts, in letters that there are: names of people's files and classes are of any script, and the font of
matplotlib's charts is of few. Words that it would draw as boxes are written in Latin letters, as in the picture's own
drawing (emoscope.draw.text).
"""

from __future__ import annotations

import unicodedata
from functools import cache, partial

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from ..draw.text import RIGHT_TO_LEFT, written


def spell(figure: Figure) -> Figure:
    """The same figure, in which every word can be drawn, and no name is read as a formula; last, before it is saved."""
    for text in figure.findobj(Text):
        text.set_text(written(text.get_text(), _drawable))
        text.set_parse_math(False)
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        named = axis.get_major_formatter()
        if isinstance(named, FuncFormatter):  # what set_xticks makes of names
            axis.set_major_formatter(FuncFormatter(partial(_named, named)))
    return figure


def _named(by: FuncFormatter, value: float, place: int | None = None) -> str:
    return written(by(value, place), _drawable)


def _drawable(word: str) -> bool:
    """Whether the font has every letter; matplotlib neither joins nor orders those that run to the left."""
    return all(unicodedata.bidirectional(sign) not in RIGHT_TO_LEFT and ord(sign) in _letters() for sign in word)


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())
