"""The state of the app, which all pages share: the network and the threads that work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ..faces import FaceFinder
from ..network.network import Network
from ..report.explain.beside import Beside
from ..sinks.about import About
from ..sinks.options import SinkOptions
from ..system.closing import Closing
from ..view.state import ViewState
from .page_sinks import ServerSinks

WORKERS = 2
MOST_CLIENTS = 16
"""Pages that may be open at once; each holds a face finder."""


class AppState(Closing):
    """One network for all pages; a context manager that ends its threads.

    Args:
        network: answers from several threads at once.
        open_finder: makes a face finder, one for each client, since it remembers faces.
        state: what a page shows at first.
        model: the network as `--model` names it, by which its card is found.
        sinks: where readings go besides the pages, None for nowhere; closed by whoever opened it.
        known: measured scores and the atlas, where they lie beside the model.

    Attributes:
        clients: how many pages are open.
    """

    def __init__(
        self,
        network: Network,
        open_finder: Callable[[], FaceFinder],
        state: ViewState,
        model: str,
        sinks: ServerSinks | None = None,
        known: Beside | None = None,
    ) -> None:
        self.sinks = sinks or ServerSinks(SinkOptions(), About.of(network))
        self.network, self.open_finder, self.state, self.model = network, open_finder, state, model
        self.frames = ThreadPoolExecutor(WORKERS, "frames")
        self.slow = ThreadPoolExecutor(1, "uploads")
        self.clients = 0
        self.known = known or Beside()

    def close(self) -> None:
        """Waits for what the threads have begun, and ends them."""
        for pool in (self.frames, self.slow):
            pool.shutdown(wait=True, cancel_futures=True)
