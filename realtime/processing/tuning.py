"""Settings of a process that does nothing but process recordings.

Pictures of a megabyte or more are made by one stage and freed by another, hundreds a second. glibc gives each of them
back to the system at once and asks for it anew, which costs more than the work on some; and OpenCV splits small work
among threads that the stages need themselves.
"""

from __future__ import annotations

import ctypes

import cv2

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""glibc's numbers, from malloc.h."""
KEPT_BYTES = 16 << 20
"""Free memory that is kept at the end of the heap."""
LARGE_BYTES = 32 << 20
"""Pieces larger than this still come from the system, the most that glibc allows."""


def tune() -> None:
    """Keeps freed pictures for the next, where the C library is glibc, and OpenCV on the stages' own threads."""
    cv2.setNumThreads(1)
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
