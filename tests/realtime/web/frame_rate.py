"""Annotated frames a second in a real browser: `python -m tests.realtime.web.frame_rate [SECONDS]`.

The server runs as its own process, as a user would start it; browser and server share the machine. The fake camera
shows the bundled clip at 640×480 and 30 frames/s, so 30 is the most there can be.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from realtime.bundled import assets
from tests.realtime.web.browser import Page, chromium
from tests.realtime.web.film import camera_film

WARM_UP_S = 3
SHOWN = "Number(document.body.dataset.shown)"


def rate(page: Page, seconds: float) -> float:
    """Pictures shown in a second, over so many seconds."""
    time.sleep(WARM_UP_S)
    before, start = page.run(SHOWN), time.perf_counter()
    time.sleep(seconds)
    return float((page.run(SHOWN) - before) / (time.perf_counter() - start))


def main(seconds: float = 10.0) -> None:
    """Prints the rate of both views, and how busy the machine was."""
    command = [str(Path(sys.executable).with_name("emoscope")), "serve", "--port", "0", "--no-open"]
    with TemporaryDirectory() as folder, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found is not None
            film = camera_film(assets() / "demo.mp4", Path(folder) / "camera.mjpeg", 9)
            with chromium(Path(folder) / "profile", film) as browser:
                page = browser.open()
                page.size(1280, 800)
                page.go(found[0])
                page.click("#start")
                page.wait("document.querySelector('#faces button')")
                print(f"watching, heat in the inset: {rate(page, seconds):5.1f} frames/s")
                page.press("o")
                print(f"watching, heat on the face:  {rate(page, seconds):5.1f} frames/s")
                page.click("#inside")
                print(f"inside, everything at once:  {rate(page, seconds):5.1f} frames/s")
        finally:
            server.terminate()
    load = os.getloadavg()[0]
    print(f"load average {load:.1f} on {os.cpu_count()} cores, this run included")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
