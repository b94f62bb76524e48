"""An atlas as one HTML file: each filter with what excites it most, what it says about classes, where it was seen."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

import cv2
import numpy as np

from ..network.atlas import NINE, Atlas, AtlasLayer
from ..network.contract import Contract
from ..system.atomic import atomic_write
from ..types import Floats, Image
from .explain.colours import emotion_colour

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root{color-scheme:light dark;--ground:#fff;--ink:#20242c;--soft:#5c6675;--line:#dde1e7;--panel:#f4f5f7}
@media(prefers-color-scheme:dark){:root{--ground:#14161a;--ink:#eceef2;--soft:#a3acba;--line:#343a44;--panel:#1d2026}}
body{margin:0 auto;max-width:76rem;padding:2rem 1.2rem;background:var(--ground);color:var(--ink);
 font:1rem/1.5 system-ui,"Noto Sans","DejaVu Sans",sans-serif}
h1{font-size:2rem;margin:0 0 .4rem}h2{margin:2.2rem 0 .3rem;font-size:1.35rem}p{max-width:48rem;margin:.3rem 0 .9rem}
.filters{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.6rem,1fr));gap:.8rem}
figure{margin:0;background:var(--panel);border:1px solid var(--line);border-radius:.4rem;padding:.4rem}
figure>img{width:100%;aspect-ratio:1;image-rendering:pixelated;display:block;border-radius:.2rem}
figcaption{font-size:.8rem;color:var(--soft);margin-top:.25rem}figcaption b{color:var(--ink)}
.share{display:grid;grid-template-columns:4.4rem 1fr;font-size:.72rem;gap:0 .3rem;align-items:center;line-height:1.35}
.bar{position:relative;height:.5rem;
 background:linear-gradient(90deg,transparent calc(50% - .5px),var(--line) 0 calc(50% + .5px),transparent 0)}
.bar i{position:absolute;top:0;bottom:0;display:block;min-width:1px}
.nine{display:grid;grid-template-columns:repeat(9,1fr);gap:1px;margin-top:.3rem}
.nine img{width:100%;image-rendering:pixelated;display:block}
.key{color:var(--soft);font-size:.85rem}
"""


def write_page(path: Path, atlas: Atlas, contract: Contract) -> None:
    """Writes the page; it appears only when it is whole. ResultError where it cannot be written."""
    atomic_write(path, page(atlas, contract), "choose another folder with -o")


def page(atlas: Atlas, contract: Contract) -> str:
    """The whole page as text."""
    name, layers = escape(atlas.model), "".join(_layer(layer, atlas) for layer in atlas.layers.values())
    count = sum(layer.channels for layer in atlas.layers.values())
    seen = f"Bars and means come from {atlas.pictures:,} faces that it was shown. " if atlas.pictures else ""
    digest, settings = escape(contract.source_sha256[:16]), escape(str(atlas.made))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Atlas of {name}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="viewport" content="width='
        f'device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
        f"<h1>What the filters of {name} look for</h1>"
        f"<p>{count} filters. The large picture is made up: starting from grey, it was changed step by step until the "
        "filter’s middle cell answered as strongly as it could. It shows what the filter would like best, not what any "
        "face holds, and one picture cannot show all that a filter answers to. Contrast is stretched about grey.</p>"
        f"<p>{seen}{BARS if atlas.pictures else ''}</p>{layers}"
        f'<p class="key">Source SHA-256 {digest}… · {settings}</p></body></html>\n'
    )


BARS = (
    "A bar to the right: with this filter’s activity the score of the class rises; to the left: it falls. Its length "
    "is the filter’s share of all that the layer says for or against that class (gradient × activation, mean over the "
    "faces), drawn so that the layer’s largest share fills the bar."
)


def _layer(layer: AtlasLayer, atlas: Atlas) -> str:
    cells = "".join(_filter(layer, channel, atlas) for channel in range(layer.channels))
    nine = f" Below each, the {NINE} places in real faces that excite it most, and what drives it there." * (
        layer.examples is not None
    )
    return (
        f'<h2 id="{escape(layer.name, quote=True)}">{escape(layer.name)}</h2><p>{layer.channels} filters; a cell sees '
        f"{layer.field}×{layer.field} pixels of the face.{nine}</p><div class=filters>{cells}</div>"
    )


def _filter(layer: AtlasLayer, channel: int, atlas: Atlas) -> str:
    silent = "" if layer.excited[channel] > 0 else ": never woken"
    shares = "" if layer.shares is None else _shares(layer.shares[channel], float(np.abs(layer.shares).max()), atlas)
    nine = "" if layer.examples is None else _nine(layer, channel)
    return (
        f'<figure><img src="{address(layer.sprite(channel))}" alt=""><figcaption><b>{channel}</b>{silent}</figcaption>'
        f"{shares}{nine}</figure>"
    )


def _shares(shares: Floats, most: float, atlas: Atlas) -> str:
    rows = []
    for number, (label, share) in enumerate(zip(atlas.labels, shares, strict=True)):
        wide = 50 * abs(float(share)) / (most or 1)
        left = 50 if share >= 0 else 50 - wide
        style = f"left:{left:.1f}%;width:{wide:.1f}%;background:{emotion_colour(label, number)}"
        rows.append(
            f'<span>{escape(label)}</span><span class=bar title="{100 * share:+.1f} %"><i style="{style}"></i></span>'
        )
    return f"<div class=share>{''.join(rows)}</div>"


IMAGE = '<img src="{}" alt="">'


def _nine(layer: AtlasLayer, channel: int) -> str:
    tiles = [layer.example(channel, place) for place in range(NINE)]
    tiles += [layer.back(channel, place) for place in range(NINE)]
    return f"<div class=nine>{''.join(IMAGE.format(address(tile)) for tile in tiles if tile is not None)}</div>"


def address(picture: Image) -> str:
    """A small picture inside the page itself."""
    _, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return f"data:image/png;base64,{base64.b64encode(data.tobytes()).decode('ascii')}"
