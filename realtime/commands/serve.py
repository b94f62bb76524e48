"""`emoscope serve`: the page in a browser, on this machine only unless told otherwise."""

from __future__ import annotations

import webbrowser
from functools import partial
from importlib.util import find_spec
from threading import Timer
from typing import Any

import click

from ..errors import SystemLibraryError
from ..faces import open_finder
from ..network.bundle import open_bundle
from ..network.network import Network
from ..sinks.about import About
from ..sinks.options import SinkOptions
from ..system.display import has_display
from ..system.listening import is_loopback, listen
from ..view.state import ViewOptions
from .options import look_options, model_options, reidentify_option, sink_options
from .profile import Profile, profile_option

PORT = 8770
NEEDS = ("starlette", "uvicorn", "websockets")
OPEN_AFTER_S = 0.7
SESSIONS = 48
"""A dashboard asks for a layer, a pooling and every method at once, and clients look at different layers."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; others can reach it there.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--open/--no-open", "show", default=None, help="Open the browser; default: where there is a screen.")
@model_options
@look_options
@reidentify_option
@profile_option()
@sink_options(pictures=False)
def serve(
    host: str,
    port: int,
    show: bool | None,
    model: str,
    provider: str,
    detector: str,
    reidentify: bool,
    sinks: SinkOptions,
    profile: Profile | None,
    **look: Any,
) -> None:
    """Serve the page: live camera, dropped pictures and videos, and the inside of the network.

    Nothing is stored but what --log asks for, a file a page, and no other site's page can reach it. Ctrl-C ends it.
    """
    require_extra()
    from ..report.explain.beside import beside
    from ..web.address import address
    from ..web.app import application
    from ..web.app_state import AppState
    from ..web.page_sinks import ServerSinks
    from ..web.server import run

    network = Network(open_bundle(model), provider, kept=SESSIONS)
    state = ViewOptions(**look).state(network.contract)
    known = beside(model, network.contract, "the page of `emoscope serve`")
    state = state if profile is None else profile.recalled(state)
    about = About(network.contract.labels, network.name)
    finders = partial(open_finder, detector, reidentify=reidentify, provider=provider)
    with (
        listen(host, port) as listening,
        ServerSinks(sinks, about, partial(click.echo, err=True)) as out,
        AppState(network, finders, state, model, out, known) as app_state,
    ):
        where = address(host, listening.getsockname()[1])
        if not is_loopback(host):
            click.echo(WARNING, err=True)
        click.echo(f"EmoScope is at {where.url} (Ctrl-C ends it)")
        if has_display() if show is None else show:
            Timer(OPEN_AFTER_S, webbrowser.open, (where.url,)).start()
        run(application(app_state, where), listening)


WARNING = (
    "emoscope: warning: everyone who can reach this address and has the token below can use the page; what is sent "
    "is not encrypted. Browsers give cameras to secure addresses only: from elsewhere, use an SSH tunnel to "
    "127.0.0.1, or drop files."
)


def require_extra() -> None:
    """Raises SystemLibraryError, naming the cure, where the packages of the extra `web` are missing."""
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise SystemLibraryError(f'{", ".join(missing)} missing: run `pip install "emoscope[web]"`')
