"""The table of keys. Dispatch, the help over the picture, and the README's block all come from it.

Letters are small ones: OpenCV's Qt window does not tell them from capitals. Every arrow has a letter beside
it, since Qt windows may keep arrows to themselves after a click.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .state import (
    VIEWS,
    Action,
    ViewState,
    ask,
    cycle_view,
    end_convolution,
    more_heat,
    pin,
    show,
    step_colours,
    step_face,
    step_layer,
    step_method,
    step_prior,
    step_unit,
    toggle,
    toggle_rest,
)


@dataclass(frozen=True, slots=True)
class Binding:
    """One row of the table.

    Attributes:
        keys: names of the keys that do it; letters are themselves.
        action: what it does to the state.
        help: the same in a few words.
        group: the heading under which help lists it.
    """

    keys: tuple[str, ...]
    action: Action
    help: str
    group: str

    @property
    def label(self) -> str:
        """The keys as people write them."""
        return " ".join(SIGNS.get(key, key) for key in self.keys)


SIGNS = {"left": "←", "right": "→", "up": "↑", "down": "↓", "escape": "Esc", "tab": "Tab", "space": "Space"}
SIGNS |= {"pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "f7": "F7", "f11": "F11"}
CLASSES = 9


def _view_rows() -> list[Binding]:
    rows = [Binding((view.key,), show(view.name), view.help, "Inset") for view in VIEWS.values() if view.key]
    return [
        *rows,
        Binding(("v",), cycle_view(tuple(VIEWS), +1), "next view, off among them", "Inset"),
    ]


def _class_rows() -> list[Binding]:
    numbers = tuple(str(number) for number in range(1, CLASSES + 1))
    return [Binding((number,), pin(int(number)), f"explain class {number}", "Class and face") for number in numbers]


BINDINGS: tuple[Binding, ...] = (
    *_view_rows(),
    Binding(("k", "up"), step_layer(-1), "layer towards the input", "Layers"),
    Binding(("j", "down"), step_layer(+1), "layer towards the output", "Layers"),
    Binding(("<", "home"), end_convolution(last=False), "first convolution", "Layers"),
    Binding((">", "end"), end_convolution(last=True), "last convolution", "Layers"),
    Binding(("p", "left"), step_unit(-1), "previous feature map", "Layers"),
    Binding(("n", "right"), step_unit(+1), "next feature map", "Layers"),
    Binding(("e",), toggle("sort"), "most active first, or in order", "Layers"),
    Binding(("t",), step_method(+1), "next CAM method", "Heat"),
    Binding(("/",), step_method(-1), "previous CAM method", "Heat"),
    Binding(("o",), toggle("heat"), "heat on the faces", "Heat"),
    Binding(("+", "="), more_heat(+0.1), "more heat", "Heat"),
    Binding(("-",), more_heat(-0.1), "less heat", "Heat"),
    Binding(("u",), step_colours, "next colour map", "Heat"),
    *_class_rows(),
    Binding(("0",), pin(0), "explain the prediction", "Class and face"),
    Binding(("tab",), step_face(+1), "next face, or click one", "Class and face"),
    Binding((";",), toggle_rest, "my neutral face, on or off", "Class and face"),
    Binding(("f7",), step_prior, "prior: 0, default, 1", "Class and face"),
    Binding(("b",), toggle("bars"), "probability bars", "Shown"),
    Binding(("l",), toggle("names"), "labels", "Shown"),
    Binding(("y",), toggle("history"), "probabilities over time", "Shown"),
    Binding(("d",), toggle("hud"), "status", "Shown"),
    Binding(("h", "?"), toggle("help"), "this help", "Shown"),
    Binding(("f", "f11"), ask("fullscreen"), "full screen", "Shown"),
    Binding(("w",), toggle("mirror"), "mirror", "Shown"),
    Binding(("space",), toggle("paused"), "pause", "Source"),
    Binding((".",), ask("step"), "one frame on, paused", "Source"),
    Binding(("z", "pageup"), ask("back"), "5 s back, or previous picture", "Source"),
    Binding(("x", "pagedown"), ask("forward"), "5 s on, or next picture", "Source"),
    Binding(("c",), ask("camera"), "next camera", "Source"),
    Binding(("s",), ask("snapshot"), "snapshot", "Keep"),
    Binding(("r",), ask("record"), "record what is shown", "Keep"),
    Binding(("*",), ask("record_clean"), "record the clean picture", "Keep"),
    Binding(("q", "escape"), ask("quit"), "leave", "Keep"),
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
