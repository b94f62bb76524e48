"""Whether a PNG is an animation: then a chunk `acTL` stands somewhere before its pixels.

FFmpeg looks for it in the first 2 kB only, which a colour profile fills by itself.
"""

from __future__ import annotations

import struct
from pathlib import Path

from .memory_file import MemoryFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 1000


def is_animation(path: Path | MemoryFile) -> bool:
    """Whether a file is a PNG that moves; False where it cannot be read: whoever reads it will say why."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            if file.read(len(SIGNATURE)) != SIGNATURE:
                return False
            for _ in range(MOST_CHUNKS):
                head = file.read(8)
                if len(head) < 8 or head[4:] == b"IDAT":
                    return False
                if head[4:] == b"acTL":
                    return True
                file.seek(struct.unpack(">I", head[:4])[0] + 4, 1)  # its content and checksum
    except OSError:
        pass
    return False
