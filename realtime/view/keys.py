"""The table of keys. Dispatch, the help over the picture, and the README's block all come from it.

Letters are small ones: OpenCV's Qt window does not tell them from capitals. Every arrow has a letter beside
it, since Qt windows may keep arrows to themselves after a click.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import told
from .actions import (
    Action,
    ask,
    cycle_view,
    end_convolution,
    more_heat,
    pin,
    show,
    step,
    step_colours,
    step_contrast,
    step_face,
    step_layer,
    step_method,
    step_order,
    step_page,
    step_prior,
    step_rule,
    step_unit,
    toggle,
    toggle_rest,
)
from .state import INSET_SIZES, STATUS, TEXT_SCALES, VIEWS, ViewState
from .told import Told


@dataclass(frozen=True, slots=True)
class Binding:
    """One row of the table.

    Attributes:
        keys: names of the keys that do it; letters are themselves.
        action: what it does to the state.
        help: the same in a few words.
        group: the heading under which help lists it.
        told: what it says of the change.
    """

    keys: tuple[str, ...]
    action: Action
    help: str
    group: str
    told: Told = told.nothing

    @property
    def label(self) -> str:
        """The keys as people write them."""
        return " ".join(SIGNS.get(key, key) for key in self.keys)


SIGNS = {"left": "←", "right": "→", "up": "↑", "down": "↓", "escape": "Esc", "tab": "Tab", "space": "Space"}
SIGNS |= {
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "enter": "Enter",
    "backspace": "Backspace",
}
SIGNS |= {f"f{number}": f"F{number}" for number in range(1, 13)}
CLASSES = 9


def _view_rows() -> list[Binding]:
    rows = [Binding((view.key,), show(view.name), view.help, "Inset") for view in VIEWS.values() if view.key]
    return [
        *rows,
        Binding(("v",), cycle_view(tuple(VIEWS), +1), "next view, off among them", "Inset"),
    ]


def _class_rows() -> list[Binding]:
    numbers = tuple(str(number) for number in range(1, CLASSES + 1))
    return [
        Binding((number,), pin(int(number)), f"explain class {number}", "Class and face", told.target)
        for number in numbers
    ]


BINDINGS: tuple[Binding, ...] = (
    *_view_rows(),
    Binding(("enter",), step("inset", INSET_SIZES), "inset small, half, whole", "Inset", told.inset),
    Binding(("k", "up"), step_layer(-1), "layer towards the input", "Layers", told.layer),
    Binding(("j", "down"), step_layer(+1), "layer towards the output", "Layers", told.layer),
    Binding(("<", "home"), end_convolution(last=False), "first convolution", "Layers", told.layer),
    Binding((">", "end"), end_convolution(last=True), "last convolution", "Layers", told.layer),
    Binding(("p", "left"), step_unit(-1), "previous feature map", "Layers", told.unit),
    Binding(("n", "right"), step_unit(+1), "next feature map", "Layers", told.unit),
    Binding(("f5",), step_page(-1), "previous page of maps", "Layers", told.page),
    Binding(("f6",), step_page(+1), "next page of maps", "Layers", told.page),
    Binding(("f4",), toggle("all_layers"), "all layers in a strip", "Layers", told.all_layers),
    Binding(("f2",), step_rule, "pixels that drive the map", "Layers", told.rule),
    Binding(("e",), step_order, "most active first, held, by number", "Layers", told.order),
    Binding(("t",), step_method(+1), "next CAM method", "Heat", told.method),
    Binding(("/",), step_method(-1), "previous CAM method", "Heat", told.method),
    Binding(("f3",), step_contrast, "rather than another class", "Heat", told.against),
    Binding(("o",), toggle("heat"), "heat on the faces", "Heat", told.switch("heat", "heat on the faces:")),
    Binding(("+", "="), more_heat(+0.1), "more heat", "Heat", told.opacity),
    Binding(("-",), more_heat(-0.1), "less heat", "Heat", told.opacity),
    Binding(("u",), step_colours, "next colour map", "Heat", told.colours),
    *_class_rows(),
    Binding(("0",), pin(0), "explain the prediction", "Class and face", told.target),
    Binding(("tab",), step_face(+1), "next face, or click one", "Class and face", told.face),
    Binding((";",), toggle_rest, "my neutral face, on or off", "Class and face"),
    Binding(("f7",), step_prior, "prior: 0, default, 1", "Class and face"),
    Binding(("b",), toggle("bars"), "probability bars", "Shown"),
    Binding(("l",), toggle("names"), "labels", "Shown"),
    Binding(("y",), toggle("history"), "probabilities over time", "Shown"),
    Binding(("d",), step("hud", STATUS), "status: a line, a table, off", "Shown"),
    Binding(("f9",), step("text_scale", TEXT_SCALES), "size of text and panels", "Shown", told.text),
    Binding(("h", "?", "f1"), toggle("help"), "this help", "Shown"),
    Binding(("f", "f11"), ask("fullscreen"), "full screen", "Shown"),
    Binding(("w",), toggle("mirror"), "mirror", "Shown", told.mirror),
    Binding(("space",), toggle("paused"), "pause", "Source"),
    Binding((".",), ask("step"), "one frame on", "Source"),
    Binding((",",), ask("step_back"), "one frame back", "Source"),
    Binding(("z", "pageup"), ask("back"), "5 s back, or previous picture", "Source"),
    Binding(("x", "pagedown"), ask("forward"), "5 s on, or next picture", "Source"),
    Binding(("backspace",), ask("restart"), "from the start", "Source"),
    Binding(("f10",), toggle("loop"), "again and again", "Source", told.loop),
    Binding(("c",), ask("camera"), "next camera", "Source"),
    Binding(("s",), ask("snapshot"), "snapshot", "Keep"),
    Binding(("r",), ask("record"), "record what is shown", "Keep"),
    Binding(("*",), ask("record_clean"), "record the clean picture", "Keep"),
    Binding(("f8",), ask("log"), "log the readings", "Keep"),
    Binding(("!", "f12"), ask("marker"), "mark this moment", "Keep"),
    Binding(("q",), ask("quit"), "leave", "Keep"),
    Binding(("escape",), ask("escape"), "leave full screen, then leave", "Keep"),
)


def by_key(bindings: Sequence[Binding]) -> dict[str, Binding]:
    """Key → row; a key that stands twice is a mistake in the table.

    Raises:
        ValueError: two rows claim one key.
    """
    table: dict[str, Binding] = {}
    for binding in bindings:
        for key in binding.keys:
            if key in table:
                raise ValueError(f"key {key!r} stands for {table[key].help!r} and for {binding.help!r}")
            table[key] = binding
    return table


BY_KEY = by_key(BINDINGS)


def press(state: ViewState, key: str) -> ViewState:
    """The state after a key; a key without a row changes nothing."""
    binding = BY_KEY.get(key)
    return state if binding is None else binding.action(state)


def said(key: str, before: ViewState, after: ViewState) -> str:
    """What is to be said of what a key has done; "" for nothing.

    Args:
        key: its name.
        before: the state before.
        after: the state that it made.
    """
    binding = BY_KEY.get(key)
    return "" if binding is None else binding.told(before, after)


def answered(state: ViewState) -> ViewState:
    """The state after the loop has done what was asked."""
    return replace(state, asked="")


def _help_rows() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for binding in BINDINGS:
        rows = groups.setdefault(binding.group, [])
        if binding.help == "explain class 1":
            rows.append((f"1 … {CLASSES}", "explain this class"))
        elif not binding.help.startswith("explain class"):
            rows.append((binding.label, binding.help))
    return list(groups.items())


KEYS = _help_rows()
"""The table as people read it: groups of (keys, what they do)."""


def readme_block() -> str:
    """The table as Markdown."""
    lines = ["| key | what it does |", "|---|---|"]
    for title, rows in KEYS:
        lines.append(f"| **{title}** | |")
        lines += [f"| `{keys}` | {words} |" for keys, words in rows]
    return "\n".join(lines)
