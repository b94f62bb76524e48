"""The page: one HTML file that walks through photo → crop → layers → decision, with a sentence at each step.

Pictures and style are inside; its content security policy forbids it to load anything at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from ...draw.maps import order
from ...network.contract import Contract
from ...network.network import NOTHING
from ...system.atomic import atomic_write
from ...view.state import METHOD_NAMES
from . import words
from .beside import Beside
from .card import card_html
from .colours import emotion_colour
from .grids import border_line, title
from .heats import heat_title
from .pieces import (
    crop_address,
    heat_address,
    map_address,
    own_map_address,
    photo_address,
    pixels_address,
    sprite_address,
)
from .study import Heat, LayerMaps, Study, Unit
from .units import RULE_NAMES

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
MAPS = 16
FIRST = ' class="first"'
OPEN = 3
"""Faces up to which all stand open."""
INSIDE = (
    "A filter can be followed back to the pixels: which of them drive it, in this very face? Of each layer above, the "
    "map that answers most."
)


def write_page(
    path: Path, studies: Sequence[Study], name: str, contract: Contract, model: str, known: Beside | None = None
) -> None:
    """Writes the page about some faces.

    Args:
        path: of the HTML file; it appears only when it is whole.
        studies: the faces, in order.
        name: of the network.
        contract: of the network.
        model: the network as `--model` names it, by which its card is found.
        known: what is known of the model beside its answers.

    Raises:
        ResultError: the file cannot be written.
    """
    atomic_write(path, page(studies, name, contract, model, known), "choose another folder with -o")


def page(studies: Sequence[Study], name: str, contract: Contract, model: str, known: Beside | None = None) -> str:
    """The whole page as text. Faces of one photo stand together; each opens on a click, the first few are open."""
    known, numbered = known or Beside(), list(enumerate(studies, start=1))
    groups = [list(group) for _, group in groupby(numbered, key=lambda pair: (pair[1].name, id(pair[1].photo)))]
    photos = "".join(_photo_section(group, contract, known, len(studies)) for group in groups)
    count = "one face" if len(studies) == 1 else f"{len(studies)} faces"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>EmoScope: {count} explained</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE.read_text("utf-8")}</style>'
        f"</head><body><header><h1>Why the network said it</h1><p>{count}, read by the network "
        f"<strong>{escape(name)}</strong>, from photo to decision.</p>{_contents(studies)}</header>"
        f'<main>{photos}<section class="card" id="card">{card_html(model, contract)}{_made(known)}</section></main>'
        "</body></html>\n"
    )


def _made(known: Beside) -> str:
    if not known.name:
        return ""
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in known.made.items() if text
    )
    return f"<h2>How this page was made</h2><table>{cells}</table>"


def _contents(studies: Sequence[Study]) -> str:
    links = (
        f'<a href="#face{number}"><img src="{crop_address(study.crop)}" alt="">{_said(study)}</a>'
        for number, study in enumerate(studies, start=1)
    )
    return f'<nav aria-label="Faces">{"".join(links)}<a href="#card">model card</a></nav>'


def _photo_section(group: Sequence[tuple[int, Study]], contract: Contract, known: Beside, total: int) -> str:
    """A photo, once, and its faces below it."""
    (_, first), faces = group[0], "".join(_face(*numbered, contract, known, total <= OPEN) for numbered in group)
    head = f"<h2>{escape(first.name)}</h2><p>{escape(words.photo(first))}</p>"
    return f'<section class="photo">{head}{_photo(first)}{faces}</section>'


def _face(number: int, study: Study, contract: Contract, known: Beside, opened: bool) -> str:
    steps = [
        _step("What the network sees", words.crop(study), _crop(study)),
        *(_layer(layer, contract) for layer in study.layers),
    ]
    if any(unit.pixels for unit in study.units):
        steps.append(_step("Inside a filter", INSIDE, _units(study, known)))
    steps.append(_step("What it says", words.decision(study), _bars(study)))
    if study.heats:
        steps.append(_step("Where it looked", words.heat(study, known), _heats(study, known)))
    several = f", face {study.number}" if len(study.boxes) > 1 else ""
    head = (
        f'<summary><img src="{crop_address(study.crop)}" alt=""><h3>{escape(study.name)}{several}: {_said(study)}</h3>'
        "</summary>"
    )
    return (
        f'<details class="face" id="face{number}"{" open" if opened else ""}>{head}<ol>{"".join(steps)}</ol></details>'
    )


def _step(head: str, sentence: str, content: str) -> str:
    return f"<li><h4>{escape(head)}</h4><p>{escape(sentence)}</p>{content}</li>"


def _photo(study: Study) -> str:
    height, width = study.photo.shape[:2]
    size = max(12.0, height / 40)
    boxes = "".join(
        f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"/>'
        f'<text x="{x0 + size / 3:.1f}" y="{y0 + size:.1f}" font-size="{size:.1f}">{number}</text>'
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
    border = border_line(layer, MAPS)
    warning = f" {border[:1].upper()}{border[1:]}, which lies around every map, may answer there, not the face." * bool(
        border
    )
    sentence = f"{words.layer(layer, place, len(contract.layers))} {shown}{words.scale(layer)}{warning}"
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


def _units(study: Study, known: Beside) -> str:
    rows = "".join(_unit(unit, known) for unit in study.units if unit.pixels)
    rules = {rule: None for unit in study.units for rule in unit.pixels}
    legend = "".join(f"<dt>{RULE_NAMES[rule]}</dt><dd>{words.RULES[rule]}</dd>" for rule in rules)
    return f'{rows}<dl class="legend">{legend}</dl>'


def _unit(unit: Unit, known: Beside) -> str:
    shown = [(own_map_address(unit.map), "map", "map")]
    shown += [(pixels_address(pixels), RULE_NAMES[rule], "pixels") for rule, pixels in unit.pixels.items()]
    layer = known.atlas.layer(unit.spec.name) if known.atlas else None
    if layer:
        shown.append((sprite_address(layer.sprite(unit.channel)), "likes best", "sprite"))
    cells = "".join(
        f'<figure><img class="{kind}" src="{address}" alt=""><figcaption>{escape(name)}</figcaption></figure>'
        for address, name, kind in shown
    )
    head = f"<h5>{escape(unit.spec.name)}, map {unit.channel}</h5><p>{escape(words.unit(unit, known))}</p>"
    return f'{head}<div class="heats units">{cells}</div>'


def _heats(study: Study, known: Beside) -> str:
    rows = "".join(
        f"<h5>{escape(_question(study, *question))}</h5>"
        f'<div class="heats">{"".join(_heat(heat, study, known) for heat in study.of(*question))}</div>'
        for question in study.questions
    )
    methods = [heat.method for heat in study.of(*study.questions[0]) if heat.method in words.METHODS]
    legend = "".join(f"<dt>{METHOD_NAMES[method]}</dt><dd>{words.METHODS[method]}</dd>" for method in methods)
    return f'{rows}<dl class="legend">{legend}</dl>'


def _question(study: Study, target: int, against: int) -> str:
    labels = study.prediction.labels
    if against != NOTHING:
        return f"{labels[target]} rather than {labels[against]}"
    return f"{labels[target]}, {100 * float(study.prediction.probabilities[target]):.1f} %"


def _heat(heat: Heat, study: Study, known: Beside) -> str:
    name = heat_title(heat, study.heat_layer) + ("" if heat.heat.any() else ": all zero")
    score = f" <b>{known.score(heat)}</b>" if known.score(heat) else ""
    address = heat_address(heat, study.chip, float(study.prediction.probabilities[heat.target]))
    return f'<figure><img src="{address}" alt=""><figcaption>{escape(name)}{score}</figcaption></figure>'


def _said(study: Study) -> str:
    return escape(study.prediction.words)
