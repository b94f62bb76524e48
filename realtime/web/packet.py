"""A binary message: one JSON object, and arrays of bytes behind it that it speaks of.

┌ length u32 ┬ JSON, UTF-8 ┬ bytes … ┐      little-endian
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import EmoscopeError

LENGTH = struct.Struct("<I")
MOST_HEADER = 4096
"""Bytes of JSON that a browser may send before a picture."""


def pack(header: dict[str, Any], arrays: Sequence[NDArray[np.uint8]] = ()) -> bytes:
    """A message; `header["arrays"]` gets the arrays' shapes, in order."""
    told = header | {"arrays": [list(array.shape) for array in arrays]}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join([LENGTH.pack(len(text)), text, *(np.ascontiguousarray(array).tobytes() for array in arrays)])


def unpack(message: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON object of a message and the bytes behind it.

    Raises:
        EmoscopeError: it is no such message.
    """
    try:
        (length,) = LENGTH.unpack_from(message)
        if length > MOST_HEADER:
            raise ValueError("too long")
        header = json.loads(message[LENGTH.size : LENGTH.size + length])
    except (struct.error, ValueError, RecursionError):
        raise EmoscopeError("not a message of this page: load the page again") from None
    if not isinstance(header, dict):
        raise EmoscopeError("not a message of this page: load the page again")
    return header, message[LENGTH.size + length :]
