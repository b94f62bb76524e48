"""Writes the page without a server: everything that it needs into one folder, which any web server gives out as it is.

    index.html  about.json  files.js  offline.js
    page/       what `emoscope serve` shows too
    local/      what its server does, in JavaScript; tables.js
    ort/        onnxruntime-web
    model/      contract.json  names.json  first.onnx  weights.bin  skeleton.onnx
    detectors/  atlas/  samples/  lesson.html

All addresses in it are relative, so it works in any folder of any host; nothing in it names another host.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ...errors import EmoscopeError, unwritten
from ...faces import open_finder
from ...faces.yunet_graph import joined
from ...media.reader import Recording
from ...network.bundle import ModelBundle
from ...network.network import Network
from ...reading.crops import to_batch
from ...reading.session import Session, Wish
from ...report.explain.beside import Beside
from ...report.explain.choice import choose, narrow
from ...report.explain.lesson import lesson, lesson_layers
from ...report.explain.study import study_photo
from ...report.rows import columns_of
from ...sinks.log import WHEN
from ...system.bundled import assets, bundled, pretrained
from ...system.versions import versions
from ...types import Floats, Image
from ...view.state import ViewState, request_of
from ..about import about
from ..atlas import told
from ..headers import HEADERS, POLICY
from .graphs import packed
from .runtime import SUMS, VERSION, install, served
from .tables import tables

HERE = Path(__file__).parent
PAGE = HERE.with_name("page")
DETECTORS = {"auto": ("yunet", "blazeface_full", "blazeface_short"), "yunet": ("yunet",)}
"""What the page has of `--detector`, and the files that each needs."""
LATER = ("blazeface_full", "blazeface_short")
"""Files that the first picture does not wait for."""
LINK = ('data-link="./served.js"', 'data-link="../local/link.js"')
"""What the page talks to, with a server and without."""
MAIN = '<script type="module" src="page/main.js"'
"""The page's own script, as its text has it."""
LINKED = ("state", "log", "tables")
"""Modules that the link loads."""
WORKER = "worker.js"
OF_PAGE = ("from_disk.js", "link.js", "log.js", WORKER)
"""Scripts that the worker does not load."""
CLIP = "demo.mp4"
PICTURES = {"sadness.jpg": 1.5, "joy.jpg": 10.5}
"""Pictures for whoever has no camera: of the demo clip, at these seconds."""
TITLES = {CLIP: "a film", "sadness.jpg": "a picture", "joy.jpg": "another"}
"""What the first screen calls them."""
LESSON = "joy.jpg"
"""The picture whose face the lesson walks through: a visitor's own face would need Python."""
LESSON_OF = "a face of the demo clip"
"""What the page calls it."""
TRIED = 24
"""Faces of the demo clip on which weights in 16 bits are tried."""
PARTED = "the folder of a site is written anew: name an empty one, or one that holds a site"


@dataclass(frozen=True, slots=True)
class SiteParts:
    """What a site is made of.

    Attributes:
        bundle: the model.
        state: what the page shows at first.
        known: measured scores and the atlas, where they lie beside the model.
        detector: name of the face finder, a row of `DETECTORS`.
    """

    bundle: ModelBundle
    state: ViewState
    known: Beside
    detector: str = "auto"


def write_site(site: SiteParts, runtime: Path, folder: Path) -> int:
    """Writes a site; a site that was there before is replaced.

    Args:
        site: what it is made of.
        runtime: folder with the files of onnxruntime-web; may be the site's own.
        folder: to write into.

    Returns:
        Bytes of all files together.

    Raises:
        EmoscopeError: the folder holds something else, or cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and ((folder / "files.js").is_file() or not any(folder.iterdir()))):
        raise EmoscopeError(f"{folder}: not empty, and no site: {PARTED}")
    try:
        (folder / "files.js").unlink(missing_ok=True)  # it comes last: with it the site is whole
        install(runtime, folder / "ort")
        return _Writer(site, folder).write()
    except OSError as error:
        raise unwritten(folder, error) from None


class _Writer:
    def __init__(self, site: SiteParts, folder: Path) -> None:
        self._site, self._folder = site, folder
        self._first: list[str] = [f"ort/{served(name)}" for name in SUMS]
        self._later: list[str] = []

    def write(self) -> int:
        site = self._site
        network = Network(site.bundle, "cpu")
        faces, frames = _shown(network)
        model = packed(site.bundle, faces, request_of(site.state))
        self._page()
        self._put("model/contract.json", site.bundle.contract.to_json())
        self._put("model/names.json", _json(model.names))
        self._put("model/first.onnx", model.first)
        self._put("model/weights.bin", model.weights)
        self._put("model/skeleton.onnx", model.skeleton, first=False)
        for name in DETECTORS[site.detector]:
            self._detector(name)
        self._atlas()
        self._samples(frames)
        self._lesson(network, frames[LESSON])
        self._put("about.json", _json(self._about(network, model.halves)))
        self._put("files.js", self._files(), first=False)
        return sum((self._folder / path).stat().st_size for path in {*self._first, *self._later})

    def _page(self) -> None:
        for path in sorted(PAGE.iterdir()):
            if path.suffix != ".html" and path.name != "served.js":
                self._put(f"page/{path.name}", path.read_bytes())
        local = {path.name: path.read_text("utf-8") for path in sorted((HERE / "local").iterdir())}
        # Likewise: named by the worker itself, all its modules come at once.
        names = [name for name in [*local, "tables.js"] if name not in OF_PAGE]
        local[WORKER] = "".join(f'import "./{name}";\n' for name in names) + local[WORKER]
        for name, script in local.items():
            self._put(f"local/{name}", script)
        self._put("local/tables.js", tables())
        self._put("offline.js", (HERE / "offline.js").read_bytes(), first=False)
        policy = f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'
        text = (PAGE / "index.html").read_text("utf-8").replace(*LINK)
        script = '<script defer src="local/from_disk.js"></script>'
        text = text.replace("<head>", f"<head>\n  {policy}\n  {script}")
        self._put("index.html", text.replace(MAIN, "\n  ".join([*self._ahead(), MAIN])))

    def _ahead(self) -> Iterator[str]:
        """What the head asks for before the page's own script, so that no module waits for another one to name it.

        The link comes first: it begins the worker, which takes longest.
        """
        yield '<script type="module" src="local/link.js"></script>'
        page = [path for path in self._first if path.startswith("page/") and path.endswith(".js")]
        for path in [*page, *(f"local/{name}.js" for name in LINKED)]:
            yield f'<link rel="modulepreload" href="{path}">'

    def _detector(self, name: str) -> None:
        path = bundled(pretrained() / "detectors", f"{name}.onnx")
        data = joined().SerializeToString() if name == "yunet" else path.read_bytes()
        self._put(f"detectors/{name}.onnx", data, first=name not in LATER)
        licence = next(path.parent.glob(f"LICENSE.{name.partition('_')[0]}.txt"))
        self._put(f"detectors/{licence.name}", licence.read_bytes(), first=False)

    def _atlas(self) -> None:
        atlas = self._site.known.atlas
        for name, layer in (atlas.layers if atlas else {}).items():
            self._put(f"atlas/{name}.json", _json(told(layer)), first=False)
            self._put(f"atlas/{name}.png", cv2.imencode(".png", layer.sheet)[1].tobytes(), first=False)

    def _samples(self, frames: dict[str, Image]) -> None:
        self._put(f"samples/{CLIP}", bundled(assets(), CLIP).read_bytes(), first=False)
        for name, picture in frames.items():
            self._put(f"samples/{name}", cv2.imencode(".jpg", picture)[1].tobytes(), first=False)

    def _lesson(self, network: Network, photo: Image) -> None:
        contract = network.contract
        try:
            choice = choose(contract, lesson_layers(contract), methods=narrow(contract))
        except EmoscopeError:
            return  # the network is too short for one
        with Session(open_finder("yunet"), network) as session:
            studies = study_photo(session, choice, photo, LESSON)
        self._put("lesson.html", lesson(studies[0], contract, self._site.known), first=False)

    def _about(self, network: Network, halves: bool) -> dict[str, Any]:
        site = self._site
        state = {key: value for key, value in asdict(site.state).items() if key not in ("labels", "layers", "methods")}
        samples = [{"file": f"samples/{name}", "title": title} for name, title in TITLES.items()]
        log = [*columns_of(site.bundle.contract.labels, beside=WHEN), *WHEN]
        results = ["lesson"] if "lesson.html" in self._later else []
        own = {"state": state, "detector": site.detector, "halves": halves, "log": log, "provider": "WebAssembly"}
        own |= {"versions": {"emoscope": versions().get("emoscope", ""), "onnxruntime-web": VERSION}}
        own |= {"samples": samples, "results": results, "lesson_of": LESSON_OF}
        return about(network, site.state, site.known) | own

    def _files(self) -> str:
        """What the service worker keeps, and a version that changes with any of it."""
        digest = hashlib.sha256()
        for path in sorted({*self._first, *self._later, "offline.js"}):
            digest.update(path.encode() + (self._folder / path).read_bytes())
        later = [path for path in self._later if path not in ("offline.js", "files.js")]
        return f"self.FILES = {_json({'version': digest.hexdigest()[:16], 'first': self._first, 'later': later})};\n"

    def _put(self, path: str, content: str | bytes, first: bool = True) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        kept = self._first if first else self._later
        if path not in kept:
            kept.append(path)


def _policy() -> str:
    """The server's own, with what a runtime in WebAssembly needs, and without what a page cannot say of itself."""
    parts = {part.split()[0]: part for part in HEADERS[POLICY].split("; ")}
    parts["script-src"] += " 'wasm-unsafe-eval'"
    parts["worker-src"] = "worker-src 'self'"
    del parts["frame-ancestors"]
    return "; ".join(parts.values())


def _shown(network: Network) -> tuple[Floats, dict[str, Image]]:
    """Faces of the demo clip as the network is fed them, and the pictures for whoever has no camera."""
    crops, frames = list[Image](), dict[str, Image]()
    with Session(open_finder("yunet"), network) as session, Recording(bundled(assets(), CLIP)) as clip:
        for number, shown in enumerate(clip.frames()):
            due = [name for name, at_s in PICTURES.items() if name not in frames and shown.time_s >= at_s]
            if not due and number % 10:
                continue
            picture = shown.picture.bgr
            frames |= dict.fromkeys(due, picture)
            if len(crops) < TRIED:
                crops += [reading.crop for reading in session.read(picture, shown.time_s, Wish()).readings]
    return _batch(crops, network), frames


def _batch(crops: Sequence[Image], network: Network) -> Floats:
    spec = network.contract.input
    return to_batch(np.stack(crops), spec) if crops else np.empty((0, *spec.shape), np.float32)


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
