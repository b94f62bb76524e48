"""The model's card as HTML: its CARD.md where there is one, and always what its contract says.

CARD.md is Markdown; the few forms that cards use are understood: headings, paragraphs, lists, tables, fenced code,
`code`, **bold**, *emphasis* and [links](address). Everything else is shown as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from ...network.bundle import shipped_models
from ...network.contract import Contract
from ...system.bundled import pretrained

CARD = "CARD.md"
INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*(?!\w)"), r"<em>\1</em>"),
    (re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)"), r'<a href="\2">\1</a>'),
)
RULE = re.compile(r"^\|[\s:|-]+\|$")


def card_html(model: str, contract: Contract) -> str:
    """What is known of a model, named as `--model` names it."""
    path = pretrained() / CARD if model in shipped_models() else Path(model).with_name(CARD)
    written = markdown_html(path.read_text("utf-8")) if path.is_file() else ""
    return written + contract_html(contract)


def contract_html(contract: Contract) -> str:
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
    cells = (f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items() if text)
    return f"<h2>What the file says of itself</h2><table>{''.join(cells)}</table>"


def markdown_html(text: str) -> str:
    """The forms named above as HTML; nothing of the text can become markup of its own."""
    return "\n".join(_block(kind, list(lines)) for kind, lines in groupby(_lines(text), lambda line: line[0]))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Each line with the kind and number of the block that it belongs to."""
    block, fenced = 0, False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced, block = not fenced, block + 1
            continue
        kind = "code" if fenced else _kind(line)
        if kind in ("blank", "head"):
            block += 1
        if kind == "paragraph" and line.startswith(("  ", "\t")):
            kind = "item"
        if kind != "blank":
            yield f"{kind} {block}", line


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    if line.startswith("#"):
        return "head"
    if line.startswith("|"):
        return "table"
    return "item" if line.startswith(("- ", "* ")) else "paragraph"


def _block(kind: str, lines: list[tuple[str, str]]) -> str:
    texts = [line for _, line in lines]
    match kind.split()[0]:
        case "head":
            level = len(texts[0]) - len(texts[0].lstrip("#"))
            return f"<h{level}>{_inline(texts[0].lstrip('#').strip())}</h{level}>"
        case "table":
            return _table([line for line in texts if not RULE.match(line)])
        case "item":
            return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in _items(texts))}</ul>"
        case "code":
            return f"<pre>{escape(chr(10).join(texts))}</pre>"
    return f"<p>{_inline(' '.join(texts))}</p>"


def _items(lines: list[str]) -> list[str]:
    joined = "\n".join(line if line.startswith(("- ", "* ")) else " " + line.strip() for line in lines)
    return [item[2:].replace("\n", "") for item in re.split(r"\n(?=[-*] )", joined)]


def _table(lines: list[str]) -> str:
    rows = [[_inline(cell.strip()) for cell in line.strip("|").split("|")] for line in lines]
    head, *body = ["".join(f"<{tag}>{cell}</{tag}>" for cell in row) for tag, row in _tagged(rows)]
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in body)}</table>"


def _tagged(rows: list[list[str]]) -> list[tuple[str, list[str]]]:
    return [("td" if number else "th", row) for number, row in enumerate(rows)]


def _inline(text: str) -> str:
    text = escape(text)
    for pattern, form in INLINE:
        text = pattern.sub(form, text)
    return text
