"""`emoscope serve`: the page in a browser, on this machine only unless told otherwise."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from socket import gethostname
from threading import Timer
from typing import TYPE_CHECKING, Any

import click

from ..errors import SystemLibraryError
from ..faces import open_finder
from ..network.bundle import open_bundle
from ..network.network import Network
from ..sinks.about import About
from ..sinks.options import SinkOptions
from ..system.display import has_display
from ..system.listening import listen
from ..view.state import ViewOptions
from .options import look_options, model_options, reidentify_option, sink_options
from .profile import Profile, profile_option

if TYPE_CHECKING:
    from ..web.certificate import Certificate

PORT = 8770
NEEDS = ("starlette", "uvicorn", "websockets")
OPEN_AFTER_S = 0.7
SESSIONS = 48
"""A dashboard asks for a layer, a pooling and every method at once, and clients look at different layers."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; others can reach it there.")
@click.option(
    "--port", default=PORT, show_default=True, envvar="PORT", type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option("--public-url", default="", help="https://name by which a proxy before this server is known.")
@click.option("--tls", is_flag=True, help="Serve https by a certificate made for this run, for a telephone's camera.")
@click.option("--certificate", type=click.Path(dir_okay=False, path_type=Path), help="Serve https by this one (PEM).")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="The certificate's private key (PEM).")
@click.option("--qr/--no-qr", default=None, help="Print the address as a QR code; default: with --tls.")
@click.option("--open/--no-open", "show", default=None, help="Open the browser; default: where there is a screen.")
@model_options
@look_options
@reidentify_option
@profile_option()
@sink_options(pictures=False)
def serve(
    host: str,
    port: int,
    public_url: str,
    tls: bool,
    certificate: Path | None,
    key: Path | None,
    qr: bool | None,
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
    Where others can reach it, they need the token in the address; EMOSCOPE_TOKEN sets one that stays the same.
    """
    require_extra()
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key belong together")
    from ..report.explain.beside import beside
    from ..web.address import address
    from ..web.app import application
    from ..web.app_state import AppState
    from ..web.finders import SharedFinders
    from ..web.page_sinks import ServerSinks
    from ..web.qr import qr_lines
    from ..web.server import run

    network = Network(open_bundle(model), provider, kept=SESSIONS)
    state = ViewOptions(**look).state(network.contract)
    known = beside(model, network.contract, "the page of `emoscope serve`")
    state = state if profile is None else profile.recalled(state)
    about = About.of(network)
    # MediaPipe's own detectors remember what they saw, so that each page has one.
    finders = partial(open_finder, detector, reidentify=reidentify) if detector == "mediapipe" else None
    with (
        _certificate(host, tls, certificate, key) as secured,
        listen(host, port) as listening,
        ServerSinks(sinks, about, partial(click.echo, err=True)) as out,
        SharedFinders(partial(open_finder, detector, reidentify=reidentify, provider=provider)) as shared,
        AppState(network, finders or shared, state, model, out, known) as app_state,
    ):
        scheme, token = "https" if secured else "http", os.environ.get("EMOSCOPE_TOKEN", "")
        where = address(host, listening.getsockname()[1], scheme, public_url, token)
        if where.token:
            click.echo(WARNING if where.is_secure else WARNING + PLAIN, err=True)
        click.echo(f"EmoScope is at {where.url} (Ctrl-C ends it)")
        if tls if qr is None else qr:
            click.echo("\n".join(qr_lines(where.numeric_url)))
        if has_display() if show is None else show:
            Timer(OPEN_AFTER_S, webbrowser.open, (where.url,)).start()
        run(application(app_state, where), listening, secured)


@contextmanager
def _certificate(host: str, tls: bool, chain: Path | None, key: Path | None) -> Iterator[Certificate | None]:
    """What https is served by, None for http."""
    from ..web.address import ANY, lan_number
    from ..web.certificate import Certificate, checked, self_signed

    if chain is not None and key is not None:
        yield checked(Certificate(chain, key))
    elif tls:
        with self_signed(["localhost", "127.0.0.1", gethostname(), lan_number() if host in ANY else host]) as made:
            yield made
    else:
        yield None


WARNING = (
    "emoscope: warning: everyone who can reach this address and has the token below can use the page; keep it to "
    "those who may."
)
PLAIN = (
    " What is sent is not encrypted, and browsers give cameras to secure addresses only: add --tls, use an SSH tunnel "
    "to 127.0.0.1, or drop files."
)


def require_extra() -> None:
    """Raises SystemLibraryError, naming the cure, where the packages of the extra `web` are missing."""
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise SystemLibraryError(f'{", ".join(missing)} missing: run `pip install "emoscope[web]"`')
