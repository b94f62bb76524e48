"""Do the site and Python say the same of the same pixels? `python -m tests.realtime.web.agreement [FRAMES [FOLDER]]`.

    picture ──PNG──▶ Chromium ──▶ the site's worker ──▶ faces, probabilities, heat ─┐
           └──────────────────▶ emoscope ─────────────▶ faces, probabilities, heat ─┴▶ how far apart

So many frames of the demo clip, one after another, and each picture of a folder by itself (those of the real recordings
beside the project, where there are any); with either detector of the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from emoscope.errors import EmoscopeError
from emoscope.faces import open_finder
from emoscope.media.photo import read_photo
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.reading.session import Seen, Session
from emoscope.reading.smoothing import Shown
from emoscope.system.bundled import assets
from emoscope.types import Image
from emoscope.view.state import first_state, wish_of
from emoscope.web.site.runtime import fetched
from emoscope.web.site.writer import DETECTORS, write_site
from tests.conftest import SHARED
from tests.realtime.web.browser import Page, chromium
from tests.realtime.web.sites import hosted, site_of

PROBABILITY, HEAT, OF_FACES = 0.005, 0.02, 0.95
"""By how much the page may say something else, and look elsewhere, on so many of the faces."""
RATE = 24
EDGE = 1280
"""Of a picture's longer edge; the page shows no larger ones."""
NEAR = 3.0
"""Boxes whose edges are all within so many pixels are of one face."""


class SiteReader:
    """The site's worker, asked frame by frame.

    Args:
        page: in which it runs; it leaves whatever it shows.
        url: of the site, with its last stroke.
        detector: that it opens.
    """

    def __init__(self, page: Page, url: str, detector: str) -> None:
        self._page = page
        page.send("Page.navigate", url=f"{url}about.json")
        page.wait("document.contentType === 'application/json'")
        page.run(f"""(async () => {{
            const get = async (path) => (await fetch(path)).json();
            const [about, contract] = [await get("about.json"), await get("model/contract.json")];
            const worker = new Worker("local/worker.js", {{ type: "module" }});
            const ask = (message, awaited) => new Promise((done, fail) => {{
                worker.onmessage = ({{ data }}) => {{
                    if (data.words) fail(new Error(data.words));
                    else if (data.kind === awaited) done(data);
                }};
                worker.onerror = () => fail(new Error("the worker does not start"));
                worker.postMessage(message);
            }});
            const {{ layers, methods }} = contract, state = {{ ...about.state, layers, methods, heat: true }};
            await ask({{ kind: "open", detector: {detector!r}, halves: about.halves, state }}, "whole");
            const picture = async (address) => {{
                const bitmap = await createImageBitmap(await (await fetch(address)).blob());
                const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
                context.drawImage(bitmap, 0, 0);
                const {{ width, height, data }} = context.getImageData(0, 0, bitmap.width, bitmap.height);
                return {{ width, height, data }};
            }};
            let number = 0;
            window.reader = async (address, time_s, cover, forget) => {{
                if (forget) worker.postMessage({{ kind: "forget" }});
                const header = {{ number: number++, time_s, cover }}, message = {{ kind: "frame", header, state }};
                const {{ reading }} = await ask({{ ...message, picture: await picture(address) }}, "reading");
                const {{ faces, arrays, chosen, covered }} = reading, heat = (face) => [...arrays[face.heat].values];
                return faces.map((face, at) => ({{ ...face, heat: heat(face), covered: at === chosen && covered }}));
            }};
            window.endReader = () => worker.terminate();
        }})()""")

    def read(
        self, address: str, time_s: float, cover: Sequence[float] | None = None, forget: bool = False
    ) -> list[dict[str, Any]]:
        """The faces of a picture that the host has, each with its heat, 0–255, and what the covered one says."""
        told = "null" if cover is None else list(cover)
        return self._page.run(f"reader({address!r}, {time_s}, {told}, {str(forget).lower()})")

    def close(self) -> None:
        """Ends the worker."""
        self._page.run("endReader()")


@dataclass
class Apart:
    """How far two readings of the same pictures are apart.

    Attributes:
        faces: of Python.
        missing: faces that only one of both found.
        labels: faces that both name, but differently.
        probabilities: the largest difference of each face's.
        heat: likewise.
    """

    faces: int = 0
    missing: int = 0
    labels: int = 0
    probabilities: list[float] = field(default_factory=list)
    heat: list[float] = field(default_factory=list)

    def add(self, told: Sequence[dict[str, Any]], seen: Seen) -> None:
        """The faces of one picture; those at the same place are compared."""
        self.faces += len(seen.faces)
        pairs = [(face, one) for one in seen.faces for face in told if _is_same(face, one)]
        self.missing += len(told) + len(seen.faces) - 2 * len(pairs)
        for face, one in pairs:
            why = one.reading.explanation
            assert why is not None and why.heat is not None
            self.labels += face["label"] != one.label
            said = np.subtract(face["raw"], one.reading.prediction.probabilities)
            shown = np.subtract(face["probabilities"], one.probabilities)
            self.probabilities.append(float(max(np.abs(said).max(), np.abs(shown).max())))
            self.heat.append(float(np.abs(np.array(face["heat"]) / 255 - why.heat.ravel()).max()))

    def __str__(self) -> str:
        near = [f"{np.mean(np.array(one) <= limit):.1%}" for one, limit in self._limited()]
        said, heat = max(self.probabilities), np.quantile(self.heat, OF_FACES)
        parts = (
            f"{self.faces} faces, {self.missing} found by one alone, {self.labels} named otherwise",
            f"probabilities within {PROBABILITY} for {near[0]}, at most {said:.4f} apart",
            f"heat within {HEAT} for {near[1]}, {heat:.4f} apart for {OF_FACES:.0%}, at most {max(self.heat):.3f}",
        )
        return "; ".join(parts)

    @property
    def is_little(self) -> bool:
        """Whether both find the same faces, and say and show the same of them."""
        (said, most), (heat, apart) = self._limited()
        return not self.missing and max(said) <= most and float(np.mean(np.array(heat) <= apart)) >= OF_FACES

    def _limited(self) -> tuple[tuple[list[float], float], tuple[list[float], float]]:
        return (self.probabilities, PROBABILITY), (self.heat, HEAT)


def _is_same(face: dict[str, Any], one: Shown) -> bool:
    return bool(np.abs(np.subtract(face["box"], one.reading.face.box_xyxy)).max() < NEAR)


def clip(count: int) -> Iterator[Image]:
    """The first frames of the demo clip."""
    film = cv2.VideoCapture(str(assets() / "demo.mp4"))
    for _ in range(count):
        yield film.read()[1]


def photos(folder: Path) -> Iterator[Image]:
    """The pictures of a folder, no larger than the page shows."""
    for path in sorted(folder.iterdir()):
        try:
            image = read_photo(path)
        except EmoscopeError:
            continue
        factor = min(1.0, EDGE / max(image.shape[:2]))
        yield image if factor == 1 else cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def main(count: str = "200", folder: str = str(SHARED / "photos")) -> None:
    """Prints how far both are apart, and ends with 1 where that is too far."""
    network, good = Network(open_bundle(), "cpu"), True
    wish = replace(wish_of(replace(first_state(network.contract), heat=True)), exact=True)
    with TemporaryDirectory() as made, ExitStack() as opened:
        root = Path(made)
        with fetched() as runtime:
            write_site(site_of(open_bundle(), "auto"), runtime, root / "site")
        kinds = {f"{count} frames of the demo clip": clip(int(count))}
        if Path(folder).is_dir():
            kinds[f"the pictures of {folder}"] = photos(Path(folder))
        host = opened.enter_context(hosted(root))
        page = opened.enter_context(chromium(root / "profile")).open()
        for number, (name, images) in enumerate(kinds.items()):
            together = {detector: Apart() for detector in DETECTORS}
            shown = list(images)
            for place, image in enumerate(shown):
                cv2.imwrite(str(root / f"{number}-{place}.png"), image)
            for detector, apart in together.items():
                reader = SiteReader(page, f"{host.url}/site/", detector)
                with Session(open_finder(detector), network) as session:
                    for place, image in enumerate(shown):
                        if number:
                            session.reset()
                        time_s = place / RATE
                        told = reader.read(f"/{number}-{place}.png", time_s, forget=bool(number))
                        apart.add(told, session.read(image, time_s, wish))
                reader.close()
                good &= apart.is_little
                print(f"{name}, {detector}: {apart}", flush=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
