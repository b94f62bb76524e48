"""Binary messages carry what was put into them; damaged ones are refused."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.errors import EmoscopeError
from emoscope.web.packet import LENGTH, pack, unpack


def test_what_is_packed_is_unpacked() -> None:
    message = pack({"name": "größe"}, [np.arange(6, dtype=np.uint8).reshape(2, 3), np.zeros((0, 4), np.uint8)])
    header, data = unpack(message)
    assert header == {"name": "größe", "arrays": [[2, 3], [0, 4]]}
    assert data == bytes(range(6))


@pytest.mark.parametrize(
    "message",
    [b"", b"\x01", LENGTH.pack(5000) + b" " * 5000, LENGTH.pack(2) + b"[]", LENGTH.pack(3) + b"{x}", b"[" * 99],
)
def test_anything_else_is_refused(message: bytes) -> None:
    with pytest.raises(EmoscopeError, match="load the page again"):
        unpack(message)
