"""The model's card as HTML: its CARD.md where there is one, and always what its contract says."""

from __future__ import annotations

from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from ...network.bundle import shipped_models
from ...network.contract import Contract
from ...system.bundled import pretrained
from ..html import part

CARD = "CARD.md"


def card_html(model: str, contract: Contract) -> Markup:
    """What is known of a model, named as `--model` names it."""
    path = pretrained() / CARD if model in shipped_models() else Path(model).with_name(CARD)
    written = markdown_html(path.read_text("utf-8")) if path.is_file() else Markup()
    return written + contract_html(contract)


def contract_html(contract: Contract) -> Markup:
    """The contract as a table."""
    spec = contract.input
    rows = {
        "classes": ", ".join(contract.labels),
        "input": f"{spec.width}×{spec.height} {spec.channels}, {spec.layout}, pixel × {spec.scale} + {spec.offset}",
        "layers": ", ".join(f"{layer.name} {layer.width}×{layer.height}×{layer.channels}" for layer in contract.layers),
        "methods": ", ".join(contract.methods),
        **{name: f"{value:g}" for name, value in contract.metrics.items()},
        "SHA-256 of its source": contract.source_sha256,
    }
    return Markup("<h2>What the file says of itself</h2>") + part("facts", rows)


def markdown_html(text: str) -> Markup:
    """CommonMark with tables as HTML; markup in the text is shown as it is written.

    A picture becomes a link, since pages load nothing; links to scripts and files stay text.
    """
    return Markup(MarkdownIt("commonmark", {"html": False}).enable("table").disable("image").render(text))
