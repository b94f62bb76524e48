"""How many processes work at once where nobody says it: one a core, as far as memory and work go."""

from __future__ import annotations

from collections.abc import Sequence

from ..system.libraries import cores
from ..system.memory import available_mb
from .results import Results

PROCESS_MB = 600.0
"""Of memory that a process is counted with: with the default network it holds 433 MB at 1080p, more of larger films."""
WORTH_BYTES = 4 << 20
"""Of films, for which another process pays: it takes as long to begin as these take to be processed."""


def jobs_for(todo: Sequence[Results]) -> int:
    """Processes for some inputs: as many as there are cores, fewer where memory is short or the inputs are small."""
    worth = 1 + sum(results.size for results in todo) // WORTH_BYTES
    return max(1, min(cores(), within_memory(), worth))


def within_memory() -> int:
    """How many processes the memory is enough for."""
    return max(1, int(available_mb() / PROCESS_MB))


def told_memory() -> str:
    """One line where memory is not enough for a process a core, "" where it is."""
    fitting, all_cores = within_memory(), cores()
    told = f"{fitting} of {all_cores} cores are used: there are {available_mb():.0f} MB of memory"
    return f"{told}, {PROCESS_MB:.0f} for each; --jobs says otherwise" if fitting < all_cores else ""
