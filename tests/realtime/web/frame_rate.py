"""Annotated frames a second in a real browser: `python -m tests.realtime.web.frame_rate [SECONDS [SITE…]]`.

Folders that `emoscope site` wrote are measured in turns, twice each, so that builds can be compared beside other work,
after a page that does nothing but open the camera: that much is the browser's own. Without any, `emoscope serve` is
measured.

The server runs as its own process, as a user would start it; browser and server share the machine. The fake camera
shows the bundled clip at 640×480 and 30 frames/s, so 30 is the most there can be.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from emoscope.system.bundled import assets
from tests.realtime.web.browser import Page, chromium
from tests.realtime.web.film import camera_film
from tests.realtime.web.sites import hosted

WARM_UP_S = 6
"""Until the browser has compiled the runtime again, to its quickest form, which takes about a second of a core."""
LOADED = "document.querySelector('#notice').textContent === ''"
SHOWN = "Number(document.body.dataset.shown)"
READER = "DedicatedWorker"
"""The thread of a site that reads pictures, as the browser calls it."""
CAMERA_ALONE = """<!doctype html><body data-ready><script>
navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: 30 } }).then(async (stream) => {
    const video = Object.assign(document.createElement("video"), { muted: true, srcObject: stream });
    const count = (_, { presentedFrames }) => {
        document.body.dataset.shown = presentedFrames;
        video.requestVideoFrameCallback(count);
    };
    video.requestVideoFrameCallback(count);
    await video.play();
});
</script>"""


def measured(page: Page, seconds: float, server: int, browser: int) -> str:
    """Pictures shown in a second, and what each costs, in a line; `server` is 0 where there is none."""
    time.sleep(WARM_UP_S)
    shown, start, used = page.run(SHOWN), time.perf_counter(), _used(server, browser)
    time.sleep(seconds)
    frames = max(1, page.run(SHOWN) - shown)
    costs = [1000 * (now - before) / frames for now, before in zip(_used(server, browser), used, strict=True)]
    rate = frames / (time.perf_counter() - start)
    of_server = f"{costs[0]:.0f} ms of a core in the server, " if server else ""
    of_reader = f", {costs[2]:.0f} of them in the thread that reads" if costs[2] else ""
    return f"{rate:5.1f} frames/s, a frame costs {of_server}{costs[1]:.0f} ms of a core in the browser{of_reader}"


def _used(server: int, browser: int) -> tuple[float, float, float]:
    return cpu_s(server), cpu_s(browser), thread_s(browser)


def thread_s(browser: int, name: str = READER) -> float:
    """Processor time that the threads of this name have used so far, in a process and its descendants."""
    ticks = 0
    for process in family_of(browser):
        for path in Path(f"/proc/{process}/task").glob("*/stat"):
            with suppress(OSError):  # a thread may end meanwhile
                before, _, after = path.read_text().rpartition(")")
                if before.partition("(")[2].startswith(name):
                    ticks += sum(map(int, after.split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def cpu_s(process: int) -> float:
    """Processor time that a process and its descendants have used so far."""
    used = _stats()
    return sum(used[number][1] for number in family_of(process) if number in used) / os.sysconf("SC_CLK_TCK")


def family_of(process: int) -> set[int]:
    """A process and its descendants, by number."""
    stats = _stats()
    family, grown = {process}, True
    while grown:
        found = {number for number, (parent, _) in stats.items() if parent in family} - family
        family, grown = family | found, bool(found)
    return family


def _stats() -> dict[int, tuple[int, int]]:
    """Of each process its parent, and the ticks that it has used."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # a process may end while this looks at it
            stat = path.read_text().rpartition(")")[2].split()
            found[int(path.parent.name)] = int(stat[1]), int(stat[11]) + int(stat[12])
    return found


def main(seconds: float = 10.0, *sites: str) -> None:
    """Prints the rates, and how busy the machine was."""
    if sites:
        of_sites(seconds, [*sites, *reversed(sites)])
    else:
        of_server(seconds)
    load = os.getloadavg()[0]
    print(f"load average {load:.1f} on {os.cpu_count()} cores, this run included")


def of_sites(seconds: float, sites: Sequence[str]) -> None:
    """Each site's rate with heat on the face, and how long its first picture takes on later visits.

    From the third visit on the browser has the runtime compiled, if it was used long enough on one before.
    """
    with TemporaryDirectory() as folder:
        film, alone = camera_film(assets() / "demo.mp4", Path(folder) / "camera.mjpeg", 9), Path(folder) / "alone"
        alone.mkdir()
        (alone / "index.html").write_text(CAMERA_ALONE)
        with hosted(alone) as host, chromium(Path(folder) / "profile", film) as browser:
            page = browser.open()
            page.go(f"{host.url}/")
            page.wait(f"{SHOWN} > 0")
            print(f"the camera alone: {measured(page, seconds, 0, browser.process)}", flush=True)
        for number, site in enumerate(sites):
            with hosted(Path(site)) as host, chromium(Path(folder) / f"profile{number}", film) as browser:
                page = browser.open()
                page.size(1280, 800)
                page.go(f"{host.url}/")
                page.wait(LOADED)
                page.run("navigator.serviceWorker.ready.then(() => 0)")
                second_s = _first_s(page, host.url)
                page.wait("document.querySelector('#faces button')")
                page.press("o")
                rate = measured(page, seconds, 0, browser.process)
                third_s = _first_s(page, host.url)
                said = f"first picture {second_s:.1f} s after the second visit begins, {third_s:.1f} s after the third"
                print(f"{site}: {rate}; {said}", flush=True)


def _first_s(page: Page, url: str) -> float:
    """Seconds from a visit's beginning until its first picture of the camera is shown."""
    page.go(f"{url}/")
    page.click("#start")
    page.wait(f"{SHOWN} > 0")
    return float(page.run("performance.now()")) / 1000


def of_server(seconds: float) -> None:
    """The rate of both views."""
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
                print(f"watching, heat in the inset: {measured(page, seconds, server.pid, browser.process)}")
                page.press("o")
                print(f"watching, heat on the face:  {measured(page, seconds, server.pid, browser.process)}")
                page.click("#inside")
                print(f"inside, everything at once:  {measured(page, seconds, server.pid, browser.process)}")
        finally:
            server.terminate()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]), *sys.argv[2:])
