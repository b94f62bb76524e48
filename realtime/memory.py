"""Memory that is free in this process, given back to the operating system.

The C library keeps what was freed, in a heap for each thread. Building a session allocates many times what the session
needs in the end, so a viewer whose layers are browsed for half an hour would grow by hundreds of megabytes of nothing.
"""

from __future__ import annotations

import ctypes
import sys


def return_memory() -> None:
    """Gives free memory back; does nothing where the C library cannot."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
