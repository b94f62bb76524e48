"""HTML by templates that stand in `templates`: whatever is put into one is text, and never becomes markup.

Every page is one file that loads nothing: pictures and style are inside, and `document.html`, which all extend, has a
content security policy that forbids the rest.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .explain.colours import emotion_colour

TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: Any) -> str:
    """A template, filled in.

    Args:
        template: name of the file; its style is the file of the same name that ends in `.css`.
        values: what the template names; one that is missing is an error, not an empty place.
    """
    return _environment().get_template(template).render(style=Path(template).with_suffix(".css").name, **values)


def part(name: str, *values: Any) -> Markup:
    """A piece of a page: a macro of `parts.html`, which other templates take as it is."""
    return Markup(getattr(_environment().get_template("parts.html").module, name)(*values))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(zip=zip, emotion_colour=emotion_colour)
    return environment
