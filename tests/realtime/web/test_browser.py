"""The page in a real browser, its fake camera showing the bundled clip to the shipped network."""

from __future__ import annotations

from pathlib import Path

import av
import cv2

from emoscope.faces import open_finder
from emoscope.network.bundle import DEFAULT_MODEL, open_bundle
from emoscope.network.network import Network
from emoscope.system.bundled import assets
from emoscope.view.keys import BINDINGS
from emoscope.view.state import first_state
from emoscope.web.app_state import AppState
from tests.realtime.web.browser import FEW, TEXT, Browser, Page, drop
from tests.realtime.web.conftest import serving
from tests.waiting import until

KEYS = {"left": "ArrowLeft", "right": "ArrowRight", "up": "ArrowUp", "down": "ArrowDown", "space": " "}
KEYS |= {"pageup": "PageUp", "pagedown": "PageDown", "home": "Home", "end": "End"}
COLOURED = """(() => {
    const inset = document.querySelector("#inset canvas");
    const { data } = inset.getContext("2d").getImageData(0, 0, inset.width, inset.height);
    return data.filter((red, at) => at % 4 === 0 && Math.abs(red - data[at + 2]) > 40).length;
})()"""
"""Pixels of the inset that are no gray."""
FOR_A_WHILE = "new Promise((done) => setTimeout(done, 500))"
"""For what must not happen. What must happen is waited for."""
HELD = f"{TEXT.format('#pause')} === 'Go on'"
SHARES = "[...document.querySelectorAll('.bar span:last-child')].map((e) => Number(e.textContent))"
FIRST_FACES = """(() => {
    const told = (window.firstFaces = {});
    new MutationObserver(() => {
        const film = document.querySelector("#status dd")?.textContent, face = document.querySelector("#faces button");
        if (film && face) told[film] ??= face.dataset.track;
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
})()"""
"""Notes the number of the first face of each film."""


def first_convolution() -> str:
    """Its name in the shipped network."""
    return next(layer.name for layer in open_bundle().contract.layers if layer.kind == "conv")


def test_the_camera_is_read_and_drawn(watching: Page) -> None:
    assert watching.run("document.querySelector('#welcome').hidden")
    watching.wait("document.querySelectorAll('#faces button').length === 1")
    watching.wait(f"{SHARES}.length === 7 && Math.abs({SHARES}.reduce((sum, share) => sum + share) - 100) <= 3")
    watching.wait("document.querySelector('#insettitle').textContent.startsWith('LayerCAM')")
    watching.wait("document.querySelector('#status').innerText.replaceAll('\\n', ' ').includes('faces 1')")


def test_the_windows_keys_work(watching: Page) -> None:
    watching.press("a")
    watching.wait("document.querySelectorAll('#insetmaps canvas').length === 24")
    watching.press("i")
    watching.wait("document.querySelector('#insetnote').textContent === '48×48 gray'")
    watching.press("b")
    watching.wait("document.querySelector('#bars').hidden")
    watching.press("h")
    watching.wait("document.querySelector('#help').open")
    watching.press("Escape")
    watching.wait("!document.querySelector('#help').open")
    watching.press("o")
    watching.wait("document.querySelector('#heat').checked")
    watching.press("3")
    watching.wait("document.querySelector('#target').value === '2'")
    watching.press("q")
    watching.wait("!document.querySelector('#welcome').hidden")


def test_pause_holds_the_picture_and_still_explains(watching: Page) -> None:
    watching.press(" ")
    watching.wait(HELD)
    before = watching.run("document.body.dataset.shown")
    watching.press("<")
    watching.wait(f"{TEXT.format('#insetnote')}.startsWith({first_convolution()!r} + ' ')")
    watching.run(FOR_A_WHILE)
    assert int(watching.run("document.body.dataset.shown")) <= int(before) + 2, "two were under way"


def test_inside_shows_crop_maps_pooling_and_every_method(watching: Page) -> None:
    watching.press("Enter")
    watching.wait("document.body.dataset.mode === 'inside'")
    watching.press(" ")
    watching.press("<")
    watching.wait(f"{TEXT.format('#layername')} === {first_convolution()!r} + ' · feature maps'")
    watching.wait("document.querySelector('#crop').width === 48")
    watching.wait("document.querySelectorAll('#layermaps canvas').length === 16")
    watching.wait(f"{TEXT.format('#poolname')}.includes('pooling output')")
    methods = watching.run("document.querySelectorAll('#method option').length")
    watching.wait(f"document.querySelectorAll('#heats canvas').length === {methods}")


def test_a_map_that_is_chosen_is_followed_back_to_the_pixels(watching: Page) -> None:
    watching.press(" ")
    watching.press("a")
    watching.wait("document.querySelectorAll('#insetmaps canvas').length === 24")
    watching.wait(HELD)
    number = watching.run(
        "(({ textContent }) => (document.querySelector('#insetmaps button').click(), textContent))"
        "(document.querySelector('#insetmaps span'))"
    )
    watching.press("F2")
    watching.wait(f"{TEXT.format('#insettitle')}.startsWith('map {number} • gradient')")
    watching.wait("document.querySelector('#rule').value === 'gradient'")
    watching.wait(f"{COLOURED} > 100")
    watching.press("Enter")
    watching.wait(f"{TEXT.format('#unitname')}.endsWith('map {number}')")
    watching.wait(f"{TEXT.format('#unitrule')}.includes('gradient')")


def test_the_way_through_the_network_lights_the_layer(watching: Page) -> None:
    watching.press("Enter")
    watching.wait("document.querySelectorAll('#way button').length > 3")
    watching.wait(f"document.querySelectorAll('#way button').length === {len(open_bundle().contract.layers)}")
    watching.click("#way button:nth-child(1)")
    watching.wait("document.querySelector('#layer').value === '0'")
    watching.wait("document.querySelector('#way button').ariaPressed === 'true'")
    watching.press("j")
    watching.wait("document.querySelector('#way button:nth-child(2)').ariaPressed === 'true'")
    watching.wait("document.querySelectorAll('#way [aria-pressed=true]').length === 1")


def test_heat_is_told_against_another_class(watching: Page) -> None:
    watching.press(" ")
    watching.run(
        "Object.assign(document.querySelector('#against'), { value: '-2' }).dispatchEvent(new Event('change'))"
    )
    watching.wait(f"{TEXT.format('#insettitle')}.includes(' rather than ')")


def test_the_lesson_is_told_on_the_page(watching: Page) -> None:
    watching.press(" ")
    watching.click("#lesson")
    watching.wait("document.querySelector('#lessonpage').open")
    assert watching.run("document.querySelectorAll('#lessonsteps section').length") == 10
    widths = watching.run("[...document.querySelectorAll('#lessonsteps .track span')].map((bar) => bar.offsetWidth)")
    assert len(widths) == 7
    assert max(widths) > 10 * min(widths), "the bars have no lengths of their own"
    watching.size(360, 740, scale=2)
    assert watching.run("document.querySelector('#lessonpage').scrollWidth") <= 360
    watching.click("#lessonclose")
    assert not watching.run("document.querySelector('#lessonpage').open")


def test_tab_reaches_the_face_and_the_controls(watching: Page) -> None:
    watching.press(" ")
    watching.wait(f"{HELD} && document.querySelector('#faces button')")
    reached = set()
    for _ in range(20):
        watching.press("Tab")
        reached.add(watching.run("document.activeElement.id || document.activeElement.dataset.track && 'face'"))
    assert {"face", "layer", "method", "target", "snapshot", "inside"} <= reached


def test_a_dropped_picture_is_explained(page: Page) -> None:
    _, image = cv2.VideoCapture(str(assets() / "demo.mp4")).read()
    drop(page, "person.png", cv2.imencode(".png", cv2.resize(image, (480, 270)))[1].tobytes())
    page.wait("document.querySelector('#faces button')")
    page.wait("document.querySelector('#status').innerText.includes('person.png')")
    page.press("Enter")
    page.wait("document.querySelectorAll('#layermaps canvas').length > 0")


def test_a_dropped_video_plays(page: Page) -> None:
    drop(page, "clip.mp4", (assets() / "demo.mp4").read_bytes())
    page.wait(FEW)
    page.press("x")
    page.press(" ")
    page.wait("document.querySelector('#faces button')")


def test_a_film_waits_for_who_has_asked_for_less_motion(page: Page) -> None:
    page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    drop(page, "clip.mp4", (assets() / "demo.mp4").read_bytes())
    page.wait("document.querySelector('#faces button')")  # its first picture is shown and read
    page.wait(f"{TEXT.format('#pause')} === 'Go on'")
    assert page.run("document.querySelector('#seek').value") == "0"
    page.click("#pause")
    page.wait("Number(document.querySelector('#seek').value) > 0.5")
    page.run("Object.assign(document.querySelector('#seek'), { value: 11.9 }).dispatchEvent(new Event('input'))")
    page.wait(f"{TEXT.format('#pause')} === 'Go on'")  # it ends, and does not begin again by itself
    assert page.run("Number(document.querySelector('#seek').value)") > 11
    page.press(" ")
    page.wait("Number(document.querySelector('#seek').value) < 5")


def test_another_film_counts_its_faces_from_one(page: Page) -> None:
    page.run(FIRST_FACES)
    for name in ("first.mp4", "second.mp4"):
        drop(page, name, (assets() / "demo.mp4").read_bytes())
        page.wait(f"window.firstFaces[{name!r}]")
    assert page.run("window.firstFaces") == {"first.mp4": "1", "second.mp4": "1"}


def test_what_cannot_be_shown_is_said(page: Page) -> None:
    drop(page, "letter.txt", b"hello")
    page.wait("document.querySelector('#notice').textContent.startsWith('letter.txt: not a recording')")
    page.errors.clear()  # the browser logs the refusal


def test_a_page_from_between_is_told_by_its_status(page: Page) -> None:
    said = "{ status: 413, headers: { 'Content-Type': 'text/html' } }"
    page.run(f"window.fetch = async () => new Response('<html>nginx</html>', {said})")
    drop(page, "large.mp4", b"film")
    page.wait(f"{TEXT.format('#notice')} === 'the server did not take it (413)'")


def test_nothing_is_wider_than_a_phone(watching: Page) -> None:
    for mode in ("watch", "inside"):
        watching.size(360, 740, scale=2)
        watching.click(f"#{mode}")
        watching.wait("document.body.dataset.mode === 'watch' || document.querySelector('#heats canvas')")
        assert watching.run("document.documentElement.scrollWidth") <= 360


def test_pictures_of_the_page_are_dark_where_dark_is_wanted(watching: Page, tmp_path: Path) -> None:
    shades = []
    for dark in (False, True):
        watching.size(1280, 800, dark)
        watching.screenshot(tmp_path / "page.png")
        shades.append(int(cv2.imread(str(tmp_path / "page.png"))[700, 1275].mean()))
    assert shades[0] > 200
    assert shades[1] < 40


def test_every_key_of_the_table_does_something_without_a_fault(watching: Page, tmp_path: Path) -> None:
    watching.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    for binding in BINDINGS:
        for key in set(binding.keys) - {"tab", "f11", "q", "escape", "h", "?", "r", "*"}:
            watching.press(KEYS.get(key, key))
    watching.run(FOR_A_WHILE)
    watching.press("q")
    watching.wait("!document.querySelector('#welcome').hidden")


def test_recording_is_saved(watching: Page, tmp_path: Path) -> None:
    watching.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))

    def films() -> list[Path]:  # a download has another suffix until it is whole
        return [path for path in tmp_path.iterdir() if path.suffix in (".webm", ".mp4")]

    for number, key in enumerate(("r", "*"), start=1):
        watching.press(key)
        watching.wait("!document.querySelector('#recording').hidden")
        shown = int(watching.run("document.body.dataset.shown"))
        watching.wait(f"document.body.dataset.shown > {shown + 30}")
        watching.press(key)
        until(lambda number=number: len(films()) == number)
        watching.wait("document.querySelector('#recording').hidden")
    for film in films():
        with av.open(str(film)) as opened:
            assert sum(1 for _ in opened.decode(video=0)) > 1


def test_the_source_has_buttons(watching: Page, tmp_path: Path) -> None:
    watching.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    watching.click("#pause")
    watching.wait(HELD)
    watching.click("#pause")
    watching.wait(f"{TEXT.format('#pause')} === 'Pause'")
    watching.click("#strip")
    watching.wait("!document.querySelector('#history').hidden")
    watching.run("Object.assign(document.querySelector('#opacity'), { value: 0.8 }).dispatchEvent(new Event('input'))")
    watching.wait("location.hash.includes('opacity=0.8') && location.hash.includes('history=yes')")
    watching.click("#record")
    watching.wait("!document.querySelector('#recording').hidden")
    watching.click("#record")
    watching.wait("document.querySelector('#recording').hidden")
    watching.click("#stop")
    watching.wait("!document.querySelector('#welcome').hidden && document.querySelector('#transport').hidden")


def test_a_film_is_moved_in_by_its_slider(page: Page) -> None:
    drop(page, "clip.mp4", (assets() / "demo.mp4").read_bytes())
    page.wait(FEW)
    page.wait("Number(document.querySelector('#seek').value) > 0.5")
    page.click("#pause")
    page.wait(HELD)
    assert not page.run("document.querySelector('#seek').parentElement.hidden")
    shown = page.run("document.body.dataset.shown")
    page.run("Object.assign(document.querySelector('#seek'), { value: 5 }).dispatchEvent(new Event('input'))")
    page.wait(f"document.body.dataset.shown !== {shown!r} && document.querySelector('#seek').value === '5'")


def test_a_camera_that_ends_is_said_and_goes_on(watching: Page) -> None:
    watching.run("""(() => {
        const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await get(wanted));
    })()""")
    watching.press("c")
    watching.wait("window.stream?.active")
    watching.wait("!document.querySelector('#notice').textContent")
    watching.run("window.stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    watching.wait(f"{TEXT.format('#notice')}.startsWith('The camera has ended')")
    shown = watching.run("document.body.dataset.shown")
    watching.click("#again")
    watching.wait("document.querySelector('#again').hidden && !document.querySelector('#notice').textContent")
    watching.wait(f"document.body.dataset.shown !== {shown!r}")


def test_a_camera_that_is_not_there_is_said_in_words_for_people(page: Page) -> None:
    refusal = "throw new DOMException('Requested device not found', 'NotFoundError')"
    page.run(f"navigator.mediaDevices.getUserMedia = async () => {{ {refusal} }}")
    page.click("#start")
    page.wait(f"{TEXT.format('#notice')} === 'No camera was found: plug one in, or choose a file.'")


def test_a_long_press_opens_the_table_and_its_rows_can_be_tapped(watching: Page) -> None:
    touch = "new PointerEvent('pointer{}', {{ pointerType: 'touch', bubbles: true }})"
    press = f"document.querySelector('#stage').dispatchEvent({touch})"
    watching.run(press.format("down"))
    watching.wait("document.querySelector('#help').open")
    watching.run(press.format("up"))
    watching.run(
        "[...document.querySelectorAll('#helptable button')].find((row) => row.textContent.startsWith('y')).click()"
    )
    watching.wait("document.querySelector('#strip').checked")


def test_the_address_says_what_is_looked_at(browser: Browser, url: str) -> None:
    page = browser.open()
    page.size(1280, 800)
    first = first_convolution()
    page.go(f"{url}#layer={first}&heat=yes&view=maps&method=nothing&inside=yes")
    page.wait("document.querySelector('#heat').checked && document.querySelector('#view').value === 'maps'")
    page.wait(f"document.querySelector('#layer').selectedOptions[0].text.startsWith({first!r} + ' ')")
    page.wait("document.body.dataset.mode === 'inside'")
    page.click("#watch")
    page.wait("!location.hash.includes('inside')")


def test_a_server_that_was_started_anew_shows_what_was_looked_at(browser: Browser) -> None:
    network = Network(open_bundle(), "cpu")
    page = browser.open()
    page.size(1280, 800)
    state = first_state(network.contract)
    with AppState(network, open_finder, state, DEFAULT_MODEL) as app_state:
        with serving(app_state) as address:
            page.go(address.url)
            page.press("o")
            page.press("a")
            page.wait("document.querySelector('#heat').checked && location.hash.includes('view=maps')")
        page.wait("document.querySelector('#notice').textContent.startsWith('The server does not answer')")
        with serving(app_state, port=address.port):
            page.wait("document.querySelector('#notice').textContent === ''")
            page.press("y")  # its answer comes behind those to what was looked at
            page.wait("document.querySelector('#strip').checked")
            assert (
                page.run("document.querySelector('#heat').checked && document.querySelector('#view').value") == "maps"
            )


def test_a_server_that_is_gone_is_said(browser: Browser) -> None:
    network = Network(open_bundle(), "cpu")
    page = browser.open()
    with (
        AppState(network, open_finder, first_state(network.contract), DEFAULT_MODEL) as app_state,
        serving(app_state) as address,
    ):
        page.go(address.url)
    page.wait("document.querySelector('#notice').textContent.startsWith('The server does not answer')")
