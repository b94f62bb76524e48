"""The README's snippets, run one after another as a reader of it would, in a folder with a photo and a film.

python -m tests.realtime.snippets README.md FOLDER
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np


def snippets(readme: Path) -> list[str]:
    """The Python blocks, in order."""
    return re.findall(r"^```python\n(.*?)^```", readme.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def furnish(folder: Path, clip: Path) -> None:
    """A short film and a photo, named as in the README."""
    from emoscope.media.reader import Recording
    from emoscope.media.span import Span

    size, fps = (640, 360), 25
    film = cv2.VideoWriter(str(folder / "film.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), fps, size)
    with Recording(clip, Span(0.0, 0.6)) as recording:
        for number, frame in enumerate(recording.frames()):
            if number == 0:
                cv2.imwrite(str(folder / "photo.jpg"), frame.image)
            film.write(np.asarray(cv2.resize(frame.image, size)))
    film.release()


def run(readme: Path) -> dict[str, Any]:
    """All names after the last snippet."""
    names: dict[str, Any] = {"__name__": "snippet"}
    for number, snippet in enumerate(snippets(readme)):
        exec(compile(snippet, f"snippet {number}", "exec"), names)
    return names


def main() -> None:
    """Furnishes the current folder, runs everything in it, and says with what it ended."""
    import emoscope
    from emoscope.system.bundled import assets

    furnish(Path.cwd(), assets() / "demo.mp4")
    names = run(Path(sys.argv[1]))
    print(emoscope.__file__, emoscope.__version__, len(snippets(Path(sys.argv[1]))), names["frames"], sep="\n")


if __name__ == "__main__":
    main()
