"""What a frame costs the site's worker at 25 frames/s: `python -m tests.realtime.web.worker_cost [FRAMES [SITE…]]`.

Frames of the demo clip are read one after another, each at its time in a film of 25 frames/s however long it takes, and
the processor time of the worker's thread is counted: it hardly depends on what else runs beside it, and what happens so
many times a second, as looks for new faces, is shared by as many frames as on a machine that keeps up. Below 40 ms a
core that does nothing else reads 25 frames/s; the page draws on another one. Sites are measured in turns, twice each.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

from tests.realtime.web.agreement import SiteReader, clip
from tests.realtime.web.browser import chromium
from tests.realtime.web.frame_rate import thread_s
from tests.realtime.web.sites import hosted

RATE, WARM_UP, EDGE = 25, 20, (640, 480)


def main(count: str = "100", *sites: str) -> None:
    """Prints a line a site and turn."""
    with TemporaryDirectory() as made:
        root, total = Path(made), WARM_UP + int(count)
        for number, frame in enumerate(clip(total)):
            part = frame[:, -frame.shape[0] * 4 // 3 :]  # where the face is
            cv2.imwrite(str(root / f"{number}.png"), cv2.resize(part, EDGE))
        for turn, site in enumerate([*sites, *reversed(sites)]):
            (root / f"site{turn}").symlink_to(Path(site).resolve())
            with hosted(root) as host, chromium(root / f"profile{turn}") as browser:
                reader = SiteReader(browser.open(), f"{host.url}/site{turn}/", "auto")
                faces = 0
                for number in range(total):
                    if number == WARM_UP:
                        used = thread_s(browser.process)
                    faces += len(reader.read(f"/{number}.png", number / RATE))
                cost = 1000 * (thread_s(browser.process) - used) / int(count)
                print(f"{site}: {cost:.1f} ms of a core a frame, {faces / total:.2f} faces in each", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
