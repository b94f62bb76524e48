"""The page: one HTML file that walks through photo → crop → layers → decision, with a sentence at each step.

Pictures and style are inside; its content security policy forbids it to load anything at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from ...draw.inset import METHOD_NAMES
from ...draw.maps import order
from ...network.contract import Contract
from ...system.atomic import atomic_write
from . import words
from .card import card_html
from .colours import emotion_colour
from .grids import title
from .heats import heat_title
from .pieces import crop_address, heat_address, map_address, photo_address
from .study import Heat, LayerMaps, Study

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
MAPS = 16
CHOSEN, FIRST = ' class="chosen"', ' class="first"'


def write_page(path: Path, studies: Sequence[Study], name: str, contract: Contract, model: str) -> None:
    """Writes the page about some faces.

    Args:
        path: of the HTML file; it appears only when it is whole.
        studies: the faces, in order.
        name: of the network.
        contract: of the network.
        model: the network as `--model` names it, by which its card is found.

    Raises:
        ResultError: the file cannot be written.
    """
    atomic_write(path, page(studies, name, contract, model), "choose another folder with -o")


def page(studies: Sequence[Study], name: str, contract: Contract, model: str) -> str:
    """The whole page as text."""
    faces = "".join(_face(number, study, contract) for number, study in enumerate(studies, start=1))
    count = "one face" if len(studies) == 1 else f"{len(studies)} faces"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>EmoScope: {count} explained</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE.read_text("utf-8")}</style>'
        f"</head><body><header><h1>Why the network said it</h1><p>{count}, read by the network "
        f"<strong>{escape(name)}</strong>, from photo to decision.</p>{_contents(studies)}</header>"
        f'<main>{faces}<section class="card" id="card">{card_html(model, contract)}</section></main></body></html>\n'
    )


def _contents(studies: Sequence[Study]) -> str:
    links = (
        f'<a href="#face{number}"><img src="{crop_address(study.crop)}" alt="">{_said(study)}</a>'
        for number, study in enumerate(studies, start=1)
    )
    return f'<nav aria-label="Faces">{"".join(links)}<a href="#card">model card</a></nav>'


def _face(number: int, study: Study, contract: Contract) -> str:
    steps = [
        _step("The photo", words.photo(study), _photo(study)),
        _step("What the network sees", words.crop(study), _crop(study)),
        *(_layer(layer, contract) for layer in study.layers),
        _step("What it says", words.decision(study), _bars(study)),
    ]
    if study.heats:
        steps.append(_step("Where it looked", words.heat(study), _heats(study)))
    several = f", face {study.number}" if len(study.boxes) > 1 else ""
    head = f"<h2>{escape(study.name)}{several}: {_said(study)}</h2>"
    return f'<section class="face" id="face{number}">{head}<ol>{"".join(steps)}</ol></section>'


def _step(head: str, sentence: str, content: str) -> str:
    return f"<li><h3>{escape(head)}</h3><p>{escape(sentence)}</p>{content}</li>"


def _photo(study: Study) -> str:
    height, width = study.photo.shape[:2]
    boxes = "".join(
        f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"'
        f"{CHOSEN if number == study.number else ''}/>"
        for number, (x0, y0, x1, y1) in enumerate(study.boxes, start=1)
    )
    image = f'<image href="{photo_address(study.photo)}" width="{width}" height="{height}"/>'
    label = f"{study.name} with {len(study.boxes)} boxes" if study.boxes else study.name
    return (
        f'<svg class="photo" viewBox="0 0 {width} {height}" style="max-width:min(100%,{26 * width / height:.1f}rem)" '
        f'role="img" aria-label="{escape(label, quote=True)}">{image}{boxes}</svg>'
    )


def _crop(study: Study) -> str:
    return f'<img class="crop" src="{crop_address(study.crop)}" alt="the network’s input, enlarged">'


def _layer(layer: LayerMaps, contract: Contract) -> str:
    channels = order(layer.maps, most_active_first=True)[:MAPS]
    cells = "".join(
        f'<figure><img src="{map_address(layer, int(channel))}" alt=""><figcaption>{channel}</figcaption></figure>'
        for channel in channels
    )
    place = contract.layer_names.index(layer.spec.name)
    shown = (
        f"The {len(channels)} most active of {layer.spec.channels} maps. "
        if len(channels) < layer.spec.channels
        else ""
    )
    sentence = f"{words.layer(layer, place, len(contract.layers))} {shown}{words.scale(layer)}"
    return _step(title(layer), sentence, f'<div class="maps">{cells}</div>')


def _bars(study: Study) -> str:
    said = study.prediction
    rows = "".join(
        f'<tr{FIRST if number == said.index else ""}><th>{escape(label)}</th><td class="track">'
        f'<span style="width:{100 * float(share):.2f}%;background:{emotion_colour(label, number)}"></span></td>'
        f"<td>{100 * float(share):.1f} %</td></tr>"
        for number, (label, share) in enumerate(zip(said.labels, said.probabilities, strict=True))
    )
    return f'<table class="bars">{rows}</table>'


def _heats(study: Study) -> str:
    rows = "".join(
        f"<h4>{escape(study.prediction.labels[target])}</h4>"
        f'<div class="heats">{"".join(_heat(heat, study) for heat in study.of(target))}</div>'
        for target in study.targets
    )
    known = [heat.method for heat in study.of(study.targets[0]) if heat.method in words.METHODS]
    legend = "".join(f"<dt>{METHOD_NAMES[method]}</dt><dd>{words.METHODS[method]}</dd>" for method in known)
    return f'{rows}<dl class="legend">{legend}</dl>'


def _heat(heat: Heat, study: Study) -> str:
    name = heat_title(heat, study.heat_layer) + ("" if heat.heat.any() else ": all zero")
    address = heat_address(heat, study.chip)
    return f'<figure><img src="{address}" alt=""><figcaption>{escape(name)}</figcaption></figure>'


def _said(study: Study) -> str:
    return escape(study.prediction.words)
