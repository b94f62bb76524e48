"""EmoScope in a browser: a page of plain modules, and a server on this machine that shares one network among clients.

    browser                                         server
    camera ──▶ JPEG ──── frame, at most two ───────▶ client state ──▶ faces, network
    canvas ◀── drawing ◀── numbers, never pictures ──┘                 (shared by all clients)
    keys   ──────────────── key ──────────────────▶ `emoscope.view.keys` ──▶ state ──▶ page

Pixels are drawn where they are shown; the server sends boxes, probabilities and maps. Nothing is stored.
"""

from .. import media  # noqa: F401  (OpenCV before PyAV, see there)
