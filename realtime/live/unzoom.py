"""Undoes the zoom of OpenCV's Qt window, which the mouse's wheel sets off whatever a program does with the wheel.

OpenCV tells the wheel first and zooms then, and no option keeps it from that (opencv/opencv#11500). Its window has a
slot of its own that undoes the zoom, `resetZoom()`, which Qt's own table of slots finds by its name:

    QApplication::allWidgets ──▶ the one whose QMetaObject knows resetZoom() ──▶ QMetaObject::metacall

The names stand in the Qt that the opencv-python wheels for Linux bring along. Where they are not found, the wheel stays
without a meaning. Windows and macOS have windows that do not zoom.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

SPACE = "14QtOpenCVPython"
"""The namespace that Qt has in the wheels, as symbols write it."""
WIDGETS = f"_ZN{SPACE}12QApplication10allWidgetsEv"
INDEX = f"_ZNK{SPACE}11QMetaObject13indexOfMethodEPKc"
CALL = f"_ZN{SPACE}11QMetaObject8metacallEPNS_7QObjectENS0_4CallEiPPv"
SLOT = b"resetZoom()"
LIST_HEADER = 16
"""Bytes before the elements of a QList: counter, room, begin and end, four integers."""


def wheel_is_ours() -> bool:
    """Whether the wheel can be used: the window does not zoom by it, or the zoom can be undone."""
    return sys.platform != "linux" or _qt() is not None


def unzoom() -> None:
    """Undoes the zoom of all windows; on the window's own thread."""
    found = _qt() if sys.platform == "linux" else None
    if found is None:
        return
    widgets, index, call = found
    for widget in _widgets(widgets):
        number = index(_meta_object(widget), SLOT)
        if number >= 0:
            call(widget, 0, number, ctypes.byref(ctypes.c_void_p()))


Qt = tuple[Callable[..., Any], Callable[..., int], Callable[..., int]]


@cache
def _qt() -> Qt | None:
    """Qt's three functions, as they are loaded; None where this Qt has others. To be asked when a window is open."""
    loaded = Path("/proc/self/maps").read_text("utf-8", "replace")
    paths = [re.search(rf"/\S*lib{name}\S*", loaded) for name in ("Qt5Widgets", "Qt5Core")]
    try:
        ours, core = (ctypes.CDLL(path[0]) for path in paths if path is not None)
        widgets, index, call = ours[WIDGETS], core[INDEX], core[CALL]
    except (OSError, AttributeError, ValueError):
        return None
    widgets.restype, widgets.argtypes = None, [ctypes.c_void_p]
    index.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    call.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    return widgets, index, call


def _widgets(all_widgets: Callable[..., Any]) -> Iterator[int]:
    """Addresses of all widgets, from the QList that Qt writes to where it is told."""
    given = ctypes.c_void_p()
    all_widgets(ctypes.byref(given))
    if given.value is None:
        return
    _, _, begin, end = (ctypes.c_int * 4).from_address(given.value)
    places = (ctypes.c_void_p * end).from_address(given.value + LIST_HEADER)
    yield from (place for place in places[begin:end] if place is not None)


def _meta_object(widget: int) -> int:
    """What an object says of its class: the answer of its first virtual function."""
    table = ctypes.c_void_p.from_address(widget).value or 0
    function = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(ctypes.c_void_p.from_address(table).value or 0)
    return int(function(widget) or 0)
