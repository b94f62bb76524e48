"""The page: one HTML file that walks through photo → crop → layers → decision, with a sentence at each step.

How it looks says `templates/page.html`; here is what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

from ...draw.maps import order
from ...network.contract import Contract
from ...network.network import NOTHING
from ...system.atomic import atomic_write
from ...view.state import METHOD_NAMES
from ..html import render
from . import pieces, words
from .beside import Beside
from .card import card_html
from .grids import border_lines, title
from .heats import heat_title
from .study import Heat, LayerMaps, Study, Unit
from .units import RULE_CAPTIONS

MAPS = 16
MOST_OPEN = 3
"""Faces up to which all stand open."""


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
    """The whole page as text. Faces of one photo stand together; each opens on a click, the first few are open.

    Args:
        studies: the faces, in order; those of one photo follow one another.
        name: of the network.
        contract: of the network.
        model: the network as `--model` names it, by which its card is found.
        known: what is known of the model beside its answers.
    """
    known, numbered = known or Beside(), list(enumerate(studies, start=1))
    return render(
        "page.html",
        studies=studies,
        groups=[list(group) for _, group in groupby(numbered, key=lambda pair: (pair[1].name, id(pair[1].photo)))],
        count="one face" if len(studies) == 1 else f"{len(studies)} faces",
        name=name,
        known=known,
        card=card_html(model, contract),
        most_open=MOST_OPEN,
        words=words,
        title=title,
        layer_words=partial(_layer_words, contract),
        channels_of=_channels_of,
        unit_pictures=partial(_unit_pictures, known),
        rules_of=_rules_of,
        question_words=_question_words,
        heat_name=_heat_name,
        methods_of=_methods_of,
        pieces=pieces,
    )


def _channels_of(layer: LayerMaps) -> list[int]:
    return [int(channel) for channel in order(layer.maps, most_active_first=True)[:MAPS]]


def _layer_words(contract: Contract, layer: LayerMaps) -> str:
    shown, channels = len(_channels_of(layer)), layer.spec.channels
    said = [words.layer(layer, contract.layer_names.index(layer.spec.name), len(contract.layers))]
    said += [f"The {shown} most active of {channels} maps."] if shown < channels else []
    said.append(words.scale(layer))
    border = next(iter(border_lines(layer, MAPS)), "")
    if border:
        said.append(f"{border[0].upper()}{border[1:]}, which lies around every map, may answer there, not the face.")
    return " ".join(said)


def _rules_of(units: Sequence[Unit]) -> Mapping[str, str]:
    return {rule: RULE_CAPTIONS[rule] for unit in units for rule in unit.pixels}


def _unit_pictures(known: Beside, unit: Unit) -> Iterator[tuple[str, str, str]]:
    """Address, caption and kind of each picture of a channel."""
    yield pieces.own_map_address(unit.map), "map", "map"
    for rule, pixels in unit.pixels.items():
        yield pieces.pixels_address(pixels), RULE_CAPTIONS[rule], "pixels"
    if known.atlas and (layer := known.atlas.layer(unit.spec.name)):
        yield pieces.sprite_address(layer.sprite(unit.channel)), "likes best", "sprite"


def _question_words(study: Study, target: int, against: int) -> str:
    labels = study.prediction.labels
    if against != NOTHING:
        return f"{labels[target]} rather than {labels[against]}"
    return f"{labels[target]}, {100 * float(study.prediction.probabilities[target]):.1f} %"


def _methods_of(study: Study) -> Mapping[str, str]:
    methods = (heat.method for heat in study.of(*study.questions[0]))
    return {method: METHOD_NAMES[method] for method in methods if method in words.METHODS}


def _heat_name(heat: Heat, study: Study) -> str:
    return heat_title(heat, study.heat_layer) + ("" if heat.heat.any() else ": all zero")
