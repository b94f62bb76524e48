"""The page without a server in a real browser: its keys against the window's, its readings against Python's."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from emoscope.faces import YUNET_PLAN, open_finder
from emoscope.faces.gate import GatedSchedule
from emoscope.media.raster import raster_of
from emoscope.network.bundle import ModelBundle, open_bundle
from emoscope.network.contract import CropSpec
from emoscope.network.network import Network
from emoscope.reading.crops import crop_square
from emoscope.reading.session import Session
from emoscope.report.explain.beside import beside
from emoscope.system.bundled import assets
from emoscope.types import Face, Image
from emoscope.view import keys
from emoscope.view.state import ViewState, first_state, wish_of
from emoscope.view.told import news_of
from emoscope.web import cover
from emoscope.web.cover import Cover
from emoscope.web.readout import Readout
from emoscope.web.site.writer import write_site
from tests.realtime.tiny import face
from tests.realtime.web.agreement import PROBABILITY, Apart, SiteReader
from tests.realtime.web.browser import FEW, Browser, Page, drop
from tests.realtime.web.sites import Host, hosted, site_of, stand_in
from tests.realtime.web.test_snapshot import tells_what_the_window_tells
from tests.waiting import until

NUMBER, PRESSES = 20, 60
"""Runs of random keys, and keys in each."""
LAYER_OF_THE_ATLAS = """(async () => {
    const [name] = (await (await fetch("about.json")).json()).atlas, list = document.querySelector("#layer");
    list.value = [...list.options].find(({ text }) => text.startsWith(`${name} `)).value;
    list.dispatchEvent(new Event("change"));
})()"""
STEP_S = 0.0625
"""Between pictures that the gates are shown, in seconds."""
COVER = [0.5, 0.7, 0.4]
"""What is covered of the chosen face."""
FRAMES = (0, 1, 2, 3, 40, 41, 200, 201, 202)
"""Of the demo clip: a still stretch, then jumps."""


@pytest.fixture(scope="module")
def site(runtime: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The shipped network's site, in a folder of its host, with frames of the demo clip beside it."""
    root = tmp_path_factory.mktemp("host")
    bundle = open_bundle()
    write_site(site_of(bundle, "auto", beside(bundle.name, bundle.contract)), runtime, root / "below")
    for number, frame in enumerate(clip()):
        cv2.imwrite(str(root / f"{number}.png"), frame)
    with hosted(root) as host:
        yield host


def clip() -> list[Image]:
    """The frames that are compared."""
    film, frames = cv2.VideoCapture(str(assets() / "demo.mp4")), []
    for _ in range(FRAMES[-1] + 1):
        frames.append(film.read()[1])
    return [frames[number] for number in FRAMES]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.open()
    opened.size(1280, 800)
    yield opened
    opened.run("document.body.dataset.shown")
    assert opened.errors == []


def test_keys_mean_what_they_mean_in_the_window(page: Page, tiny_bundle: ModelBundle, tmp_path: Path):
    write_site(site_of(tiny_bundle), stand_in(tmp_path / "runtime"), tmp_path / "site")
    draw, names = random.Random(0), sorted(keys.BY_KEY)
    runs = [[draw.choice(names) for _ in range(PRESSES)] for _ in range(NUMBER)]
    start = replace(first_state(tiny_bundle.contract), tracks=(3, 5), subject=5)
    with hosted(tmp_path / "site") as host:
        page.send("Page.navigate", url=f"{host.url}/about.json")
        page.wait("document.contentType === 'application/json'")
        answers = page.run(f"""(async () => {{
            const {{ press, told }} = await import("/local/state.js");
            const walk = (names) => {{
                let state = {json.dumps(asdict(start))};
                return names.map((name) => {{
                    const [shown, next] = told(press(state, name));
                    state = next;
                    return shown;
                }});
            }};
            return {json.dumps(runs)}.map(walk);
        }})()""")
    for names, shown in zip(runs, answers, strict=True):
        state = start
        for name, one in zip(names, shown, strict=True):
            state = keys.press(state, name)
            assert one == _told(state), f"after {name}"
            state = keys.answered(state)


def _told(state: ViewState) -> dict[str, Any]:
    told = {key: value for key, value in asdict(state).items() if key not in ("labels", "layers", "methods")}
    told |= {"said": news_of(state, state.asked), "colour_map": state.colour_map}
    return json.loads(json.dumps(told))


def test_another_source_is_new_to_log_and_choices(page: Page, tiny_bundle: ModelBundle, tmp_path: Path):
    write_site(site_of(tiny_bundle), stand_in(tmp_path / "runtime"), tmp_path / "site")
    with hosted(tmp_path / "site") as host:
        page.send("Page.navigate", url=f"{host.url}/about.json")
        page.wait("document.contentType === 'application/json'")
        told = page.run("""(async () => {
            window.Worker = class { postMessage() {} };
            const { default: Local } = await import("/local/link.js"), link = new Local(), rest = [];
            await link.about();
            const face = { track: 1, box: [1, 2, 3, 4], score: 0.9, raw: [0.7, 0.2, 0.1] };
            const ask = (number, time_s) => link.frame({ number, time_s }, { data: new Uint8Array(4) });
            const seen = { tracks: [1], subject: 1, faces: [face] };
            const hear = (number) => link.hear({ kind: "reading", reading: { number, ...seen } });
            const press = (key) => {
                link.press(key);
                rest.push(link.state.at_rest);
            };
            link.open = true;
            link.press("f8");
            ask(1, 1 / 3), hear(1), ask(2, 1 / 3), hear(2); // asked about again
            press(";");
            ask(3, 0); // is answered when the next source is watched already
            link.forget();
            ask(4, 0), hear(3), press(";"), hear(4), press(";");
            link.forget();
            ask(5, 0), hear(5);
            const { columns, rows } = link.log, cell = (row, name) => row[columns.indexOf(name)];
            return { rest, rows: rows.map((row) => [cell(row, "frame"), cell(row, "face"), cell(row, "event")]) };
        })()""")
    assert told["rest"] == [[1], [], [1]]
    assert told["rows"] == [
        [1, 1, ""], [3, 1, ""], [4, "", "source"], [4, 1, ""], [5, "", "source"], [5, 1, ""],
    ]  # fmt: skip


@pytest.mark.parametrize("detector", ["yunet", "auto"])
def test_the_page_reads_as_python_reads(page: Page, site: Host, detector: str):
    reader = SiteReader(page, f"{site.url}/below/", detector)
    told = [reader.read(f"/{place}.png", number / 24, COVER) for place, number in enumerate(FRAMES)]
    reader.close()
    network = Network(open_bundle(), "cpu")
    wish = replace(wish_of(replace(first_state(network.contract), heat=True)), exact=True)
    apart = Apart()
    with Session(open_finder(detector), network) as session:
        for number, frame, faces in zip(FRAMES, clip(), told, strict=True):
            seen = session.read(frame, number / 24, wish)
            assert [face["track"] for face in faces] == [one.reading.face.track for one in seen.faces]
            apart.add(faces, seen)
            for face, one in zip(faces, seen.faces, strict=True):
                assert np.allclose(face["box"], one.reading.face.box_xyxy, atol=0.3)
                if face["covered"]:
                    readout = Readout()
                    cover.tell(readout, session, one.reading, Cover(*COVER), wish.prior)
                    mine = readout.facts["covered"]["probabilities"]
                    assert np.allclose(face["covered"]["probabilities"], mine, atol=PROBABILITY)
                    assert not np.allclose(mine, face["raw"], atol=PROBABILITY), "the square covers nothing"
    assert apart.faces >= len(FRAMES) and apart.labels == 0
    assert apart.is_little, str(apart)


def test_heat_of_the_page_speaks_at_once_for_the_class_that_is_said(page: Page, site: Host):
    moments = ((FRAMES.index(41), 0.0), (FRAMES.index(200), 1.0))
    reader, frames = SiteReader(page, f"{site.url}/below/", "yunet"), clip()
    told = [reader.read(f"/{place}.png", time_s) for place, time_s in moments]
    reader.close()
    network = Network(open_bundle(), "cpu")
    wish = replace(wish_of(replace(first_state(network.contract), heat=True)), exact=True)
    with Session(open_finder("yunet"), network) as session:
        before, seen = [session.read(frames[place], time_s, wish) for place, time_s in moments]
    (was,), (one,) = before.faces, seen.faces
    assert one.reading.face.track == was.reading.face.track and one.label != was.label
    apart = Apart()
    apart.add(told[1], seen)
    assert apart.is_little, str(apart)


def test_the_page_leaves_out_the_looks_that_python_leaves_out(page: Page, site: Host):
    order = [0, 0, 1, 1, 2, 3, 4, 4, 5, 5, 0, 0, 0, 6, 6, 7, 7, 8, *[8] * 25]
    known = [[face(300, 180, 90)] if place % 3 else [] for place in range(len(order))]
    boxes = [[{"box": list(one.box_xyxy)} for one in faces] for faces in known]
    page.send("Page.navigate", url=f"{site.url}/below/about.json")
    page.wait("document.contentType === 'application/json'")
    told = page.run(f"""(async () => {{
        const {{ GatedSchedule }} = await import("/below/local/gate.js");
        const {{ Raster }} = await import("/below/local/raster.js");
        const {{ faces: {{ finders }} }} = await import("/below/local/tables.js");
        const rasters = await Promise.all([...Array({len(FRAMES)}).keys()].map(async (number) => {{
            const bitmap = await createImageBitmap(await (await fetch(`/${{number}}.png`)).blob());
            const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
            context.drawImage(bitmap, 0, 0);
            return new Raster(context.getImageData(0, 0, bitmap.width, bitmap.height));
        }}));
        const gate = new GatedSchedule(finders.YUNET_PLAN), known = {json.dumps(boxes)};
        return {order}.map((number, place) => {{
            const looks = gate.due(rasters[number], known[place], place === 9, {STEP_S} * place);
            if (place === 12 && looks.length) gate.doubt(looks[0]);
            return looks.map(({{ left, top, width, height }}) => [left, top, width, height]);
        }});
    }})()""")
    gate, frames = GatedSchedule(YUNET_PLAN), [raster_of(frame) for frame in clip()]
    for place, (number, looks) in enumerate(zip(order, told, strict=True)):
        due = gate.due(frames[number], known[place], place == 9, STEP_S * place)
        if place == 12 and due:
            gate.doubt(due[0])
        assert looks == [[look.left, look.top, look.width, look.height] for look in due], place
    assert 0 < gate.count < 0.7 * (len(order) * STEP_S * YUNET_PLAN.per_s), "nothing is left out"


def test_a_look_in_haste_is_at_the_whole_picture_and_its_parts_come_next(page: Page, site: Host):
    page.send("Page.navigate", url=f"{site.url}/below/about.json")
    page.wait("document.contentType === 'application/json'")
    told = page.run("""Promise.all(["schedule", "tables"].map((name) => import(`/below/local/${name}.js`))).then(
        ([{ Schedule, looksOf }, { faces: { finders: { YUNET_PLAN } } }]) => {
            const schedule = new Schedule(YUNET_PLAN), look = (...when) => schedule.due(640, 480, ...when);
            const taken = look(0, true), first = taken.length, all = looksOf(YUNET_PLAN, 640, 480);
            for (let frame = 1; frame < all.length; frame += 1) taken.push(...look(frame / YUNET_PLAN.per_s + 0.001));
            return { first, isAll: JSON.stringify(taken) === JSON.stringify(all), count: all.length };
        })""")
    assert told["first"] == 1 and told["isAll"] and told["count"] > 2


@pytest.mark.parametrize("spec", [CropSpec(2.8, 0.35, align=True), CropSpec(), CropSpec(box_margin=0.1)])
def test_crops_are_cut_where_python_cuts_them(page: Page, site: Host, spec: CropSpec):
    page.send("Page.navigate", url=f"{site.url}/below/about.json")
    page.wait("document.contentType === 'application/json'")
    one = Face((40, 30, 90, 110), ((52, 60), (78, 66)), 0.9, 1)
    told = page.run(f"""import("/below/local/crops.js").then(({{ cropSquare }}) => cropSquare(
        {json.dumps({"box": one.box_xyxy, "eyes": one.eyes})}, {json.dumps(asdict(spec))}))""")
    square, turn_rad = crop_square(one, spec)
    assert told == pytest.approx([*square, turn_rad])


def test_the_camera_is_read_below_a_folder_and_without_a_network(page: Page, site: Host):
    page.go(f"{site.url}/below/index.html")
    page.click("#start")
    page.wait(FEW)
    page.wait("document.querySelector('#insettitle').textContent.startsWith('LayerCAM')")
    page.run(LAYER_OF_THE_ATLAS)
    page.press("Enter")
    page.press(" ")
    page.wait("document.querySelectorAll('#heats canvas').length === 8")
    page.wait("document.querySelector('#unitrule').textContent.includes('pixels that drive it')")
    page.wait("document.querySelector('#unitfilter canvas')")
    page.run("navigator.serviceWorker.ready.then(() => 0)")
    kept = f"caches.match('{site.url}/below/samples/demo.mp4').then(Boolean)"
    until(lambda: page.run(kept), "the clip is not kept", 0.1)
    elsewhere = {path for path in site.asked if not path.startswith("/below/")}
    assert elsewhere <= {f"/{number}.png" for number in range(len(FRAMES))}
    asked = len(site.asked)
    page.send("Network.enable")
    page.send("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    page.go(f"{site.url}/below/")
    page.click("#lesson")
    page.wait("document.querySelector('#lessonpage').open")
    assert page.run("document.querySelectorAll('#lessonsteps section').length") == 10
    page.wait("[...document.querySelectorAll('#lessonsteps img')].every((one) => one.naturalWidth > 0)")
    page.click("#lessonclose")
    page.click("#samples button:nth-of-type(2)")
    page.wait("document.querySelector('#faces button')")
    page.wait("document.querySelector('#status').innerText.includes('a picture')")
    assert not [path for path in site.asked[asked:] if not path.endswith(("offline.js", "files.js"))]
    page.errors.clear()  # the browser looks for another service worker, and says that there is no network


def test_a_snapshot_tells_what_the_window_tells(page: Page, site: Host, tmp_path: Path):
    page.go(f"{site.url}/below/index.html")
    tells_what_the_window_tells(page, tmp_path)


def test_what_the_browser_does_not_read_is_refused_in_a_line(page: Page, site: Host):
    page.go(f"{site.url}/below/index.html")
    page.wait("document.querySelector('#notice').textContent === ''")
    for data, words in (
        (b"\0\0\0\x18ftypheic\0\0\0\0", "does not read HEIC: save it as JPEG"),
        (b"hello", "save it as JPEG, PNG"),
    ):
        drop(page, "some.heic", data)
        page.wait(f"document.querySelector('#notice').textContent.includes({words!r})")
