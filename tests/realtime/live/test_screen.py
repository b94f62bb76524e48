"""The real window on a screen of its own: keys and the mouse go in, screenshots come out and are compared."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from emoscope.draw.inset import inset_edge, inset_size
from emoscope.draw.layout import Rect
from emoscope.draw.style import Sizes
from emoscope.live.film import Film
from emoscope.live.window import first_size
from emoscope.system.bundled import assets
from emoscope.types import Image
from tests.command import EMOSCOPE
from tests.realtime.live.screen import Screen, changed
from tests.waiting import PATIENCE_S, until

STILL_S = 0.4
LOST_S = 20.0
"""After this time without an effect a key is pressed again: of two that wait for a busy program, OpenCV tells one."""
DESKTOP = (1400, 1050)
HINT = "Press h in the window for the keys, q to leave.\n"


def inset_of(width: int, height: int) -> Rect:
    """Where the inset stands in a window of this size while nobody is in its usual corner."""
    sizes = Sizes.of(width, height)
    wide, high = inset_size(inset_edge(width, height, sizes), sizes)
    return Rect(sizes.gap, height - high - sizes.gap, wide, high)


def unsaid(picture: Image) -> Image:
    """A picture without its upper left part, where notices come and go by themselves."""
    picture = picture.copy()
    picture[: picture.shape[0] // 8, : picture.shape[1] * 2 // 3] = 0
    return picture


class Live:
    """`emoscope live` in its own process, and its window."""

    def __init__(self, screen: Screen, folder: Path, *options: str, **changes: str) -> None:
        self.screen, self.folder = screen, folder
        environment = {**screen.environment, **changes}
        command = [*EMOSCOPE, "live", str(assets() / "demo.mp4"), *options]
        self.process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.window = screen.window(".*EmoScope", self.process)
        self.size = screen.size(self.window)

    def still(self) -> Image:
        """What the window shows, once it has stood still for a while."""
        since, before = monotonic(), self.screen.picture(self.window)

        def stands() -> bool:
            nonlocal since, before
            now = self.screen.picture(self.window)
            if now.shape != before.shape or not np.array_equal(now, before):
                since, before = monotonic(), now
            return monotonic() - since > STILL_S

        until(stands, "the picture never stands still", 0.1)
        return before

    def changes(self, act: str | Callable[[], None]) -> Rect:
        """The box about what a key, or something else that is done, changes in the picture; the film must be paused."""
        before = unsaid(self.still())
        self._until(act, lambda: changed(before, unsaid(self.still())) != (0, 0, 0, 0))
        box = changed(before, unsaid(self.still()))
        return Rect(box[0], box[1], box[2] - box[0], box[3] - box[1])

    def becomes(self, size: tuple[int, int], key: str = "") -> None:
        """Waits until the window has this size, in pixels, after a key if one is given."""
        self._until(key, lambda: self.screen.size(self.window) == size)

    def shows(self) -> bool:
        """Whether a picture is there."""
        return bool(np.ptp(self.screen.picture(self.window)) > 0)

    def press(self, key: str, word: str, on: bool = True) -> None:
        """Presses a key until the window's title says a word, or says it no more."""
        self._until(key, lambda: (word in self.screen.title(self.window)) == on)

    def _until(self, act: str | Callable[[], None], done: Callable[[], object]) -> None:
        acted = monotonic()
        self._do(act)

        def is_done() -> bool:
            nonlocal acted
            if done():
                return True
            if monotonic() - acted > LOST_S:
                acted = monotonic()
                self._do(act)
            return False

        until(is_done, f"{act or 'waiting'} changes nothing; {self.size} at first", 0.1)

    def _do(self, act: str | Callable[[], None]) -> None:
        if callable(act):
            act()
        elif act:
            self.screen.focus(self.window)
            self.screen.press(act)

    def leave(self, key: str) -> tuple[int, str]:
        """Exit status and standard error after a key, without the words about the keys at the start and the profile."""
        self._until(key, lambda: self.process.poll() is not None)
        _, said = self.process.communicate(timeout=PATIENCE_S)
        words = [line for line in said.splitlines(keepends=True) if line != HINT and not line.startswith("profile ")]
        return self.process.returncode, "".join(words)

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def live(managed: Screen, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The bundled clip, paused while a face is in the picture, without the status panel, whose figures change."""
    settings = tmp_path_factory.mktemp("settings")
    (settings / "emoscope" / "profiles").mkdir(parents=True)
    (settings / "emoscope" / "profiles" / "plain.toml").write_text('[window]\nhud = "off"\n')
    with Live(managed, tmp_path, "--profile", "plain", XDG_CONFIG_HOME=str(settings)) as live:
        until(live.shows, "no picture comes", 0.1)
        live.press("space", "paused")
        live.still()
        yield live


def test_every_switch_changes_its_own_part_of_the_picture(live: Live):
    width, height = live.size
    inset = inset_of(width, height)
    edges = Rect(inset.x - 2, inset.y - 2, inset.width + 4, inset.height + 4)
    for key in ("i", "a", "m", "g", "t", "g", "v"):
        box = live.changes(key)
        assert box.overlap(edges) == box.width * box.height > 400, f"{key} changed {box}, the inset is {edges}"
    for key in ("b", "l", "o"):
        assert live.changes(key).overlap(inset) == 0, key
        assert live.changes(key).width > 30, key
    assert live.changes("h").width > width / 2
    assert live.changes("question").width > width / 2
    history = live.changes("y")
    assert history.overlap(inset) == 0
    assert history.width > width / 4
    live.changes("y")  # else the word that it is paused, which the chart drove off, makes room for the status
    status = live.changes("d")
    assert status.x > width / 2
    assert status.bottom < height / 2


def test_arrows_and_letters_go_through_the_layers(live: Live):
    live.changes("a")
    deep = live.still()
    for key in ("k", "Up", "j", "Down"):
        assert live.changes(key).width > 100, key
    assert np.array_equal(unsaid(live.still()), unsaid(deep))
    assert live.changes("Home").width > 100
    live.screen.press("n", "Right", "p", "Left", "greater")


def test_stepping_and_jumping_change_the_whole_picture(live: Live):
    width, height = live.size
    # One frame may look like the next.
    keys = {"period": 8, "x": 1, "z": 1, "Prior": 1, "Next": 1}
    for key, times in keys.items():
        box = live.changes(partial(live.screen.press, *[key] * times))
        assert box.width > width / 2, key
        assert box.height > height / 2, key


def test_a_click_on_a_map_enlarges_it(live: Live):
    width, height = live.size
    place = inset_of(width, height)
    live.changes("a")
    box = live.changes(lambda: live.screen.click(live.window, place.x + 20, place.y + 20))
    assert box.overlap(place) > 0.5 * place.width * place.width
    assert live.leave("q") == (0, "")


def test_the_wheel_browses_maps_and_the_picture_is_not_zoomed(live: Live):
    width, height = live.size
    place = inset_of(width, height)
    edges = Rect(place.x - 2, place.y - 2, place.width + 4, place.height + 4)
    live.changes("m")
    first, heights = live.still(), cycle((height // 4, height // 3))

    def is_strip_there() -> bool:
        live.screen.move(live.window, width // 2, next(heights))
        return not np.array_equal(unsaid(live.screen.picture(live.window)), unsaid(first))

    until(is_strip_there, "no strip for the mouse comes", 0.3)
    live.screen.move(live.window, width // 2, height // 3)
    until(lambda: np.array_equal(unsaid(live.still()), unsaid(first)), "the strip stays")
    for away in (True, True, False, False):
        live.screen.wheel(live.window, width // 2, height // 3, away)
        box = changed(unsaid(first), unsaid(live.still()))
        assert box == (0, 0, 0, 0) or Rect(box[0], box[1], box[2] - box[0], box[3] - box[1]).inside(edges), "zoomed"
    until(lambda: np.array_equal(unsaid(live.still()), unsaid(first)), "back is not where it was")


def test_snapshots_and_recordings_land_in_the_folder(live: Live):
    live.screen.press("s")
    until(lambda: list(live.folder.glob("*.json")), "no snapshot")
    live.press("r", "recording")
    live.press("space", "paused", on=False)
    until(lambda: list(live.folder.glob(".*.mp4.part")), "nothing is recorded")
    status, said = live.leave("Escape")
    assert status == 0
    assert [line.split()[0] for line in said.splitlines()] == ["saved", "recorded"]
    kept = sorted(path.name for path in live.folder.iterdir())
    assert [name.split(".", 1)[1] for name in kept] == ["clean.png", "json", "png", "mp4"]


def test_a_screen_that_goes_away_ends_the_program_with_a_word_and_keeps_the_recording(screen: Screen, tmp_path: Path):
    with Screen(managed=True) as gone, Live(gone, tmp_path, "--loop") as live:
        until(live.shows, "no picture comes", 0.1)
        live.press("r", "recording")
        until(lambda: any(path.stat().st_size > 50_000 for path in tmp_path.glob(".*.part")), "nothing is recorded")
        gone.stop()
        with Screen():  # the next server takes the free number: a screen is there, but not the one of the window
            _, said = live.process.communicate(timeout=PATIENCE_S)
        assert live.process.returncode == 1
        assert said.replace(HINT, "") == f"recorded {tmp_path / 'emoscope-0001.mp4'}\nemoscope: the screen is gone\n"


@pytest.fixture(scope="module")
def managed(screen: Screen) -> Iterator[Screen]:
    """A screen with a window manager, where the tools for one are. Without one Qt misses now and then, on a busy
    machine, that its window is there, and paints nothing."""
    with Screen(*DESKTOP, managed=True) as managed:
        yield managed


def test_full_screen_and_back(managed: Screen, tmp_path: Path):
    with Live(managed, tmp_path) as live:
        before = live.size
        for key, size in (("f", DESKTOP), ("F11", before), ("F11", DESKTOP)):
            live.becomes(size, key)
        live.press("space", "paused")
        # A busy program shows the old picture, stretched, for a moment.
        until(lambda: np.ptp(live.still()[-20:, 1000:]) == 0, "the picture is stretched")
        assert np.ptp(live.still()[400:600, :40]) > 0, "the picture does not reach the side of the screen"
        live.becomes(before, "f")
        assert live.leave("q") == (0, "")


def test_full_screen_from_the_start(managed: Screen, tmp_path: Path):
    with Live(managed, tmp_path, "--fullscreen") as live:
        live.becomes(DESKTOP)
        live.becomes(first_size(*Film(assets() / "demo.mp4").size), "f")
        assert live.leave("Escape") == (0, "")


def test_two_viewers_at_once(managed: Screen, tmp_path: Path):
    """Both show pictures; both leave when they are told to."""
    command = [*EMOSCOPE, "live", str(assets() / "demo.mp4")]
    with Live(managed, tmp_path) as first:
        second = subprocess.Popen(command, env=managed.environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        (other,) = until(lambda: {*managed.windows(".*EmoScope")} - {first.window}, "no second window", 0.1)
        until(lambda: np.ptp(managed.picture(other)) > 0, "no picture comes", 0.1)
        managed.focus(other)
        managed.press("q")
        assert (second.wait(PATIENCE_S), second.stderr.read()) == (0, HINT)
        assert first.leave("q") == (0, "")
