"""Names of any script in charts: what the font lacks is spelled in Latin letters, and nothing is read as a formula."""

from __future__ import annotations

import io
import warnings

from matplotlib.figure import Figure

from emoscope.report.letters import spell


def test_words_that_would_be_boxes_are_spelled() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.set_title("Überraschung 悲しい: 80 %")
    axes.set_xticks([0, 1, 2], ["행복", "سعيد", "радость"])
    axes.text(0, 0, "costs $5 or $x_{")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spell(figure).savefig(io.BytesIO(), format="png")
    assert axes.get_title() == "Überraschung Beishii: 80 %"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["HaengBog", "s`yd", "радость"]
