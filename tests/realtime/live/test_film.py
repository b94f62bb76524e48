"""A film is watched at its own speed; pause, step, jumps and the end do what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition, Thread, Timer

import pytest

from emoscope.errors import SourceError
from emoscope.live.film import END, STEP_S, Film
from tests.realtime.clips import make_clip, number_of
from tests.waiting import until

FRAMES, FPS = 30, 25


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.2 seconds."""
    return make_clip(tmp_path_factory.mktemp("film") / "clip.mp4", FRAMES, FPS)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds at two frames a second."""
    return make_clip(tmp_path_factory.mktemp("film") / "long.mp4", 40, 2)


class Clock(Condition):
    """The films' clock: it goes on by what is waited for, which takes no time."""

    now_s = 50.0

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            return super().wait()
        self.now_s += timeout + 1e-9  # or it would stand still where so little is left
        return False


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("emoscope.live.film.Condition", lambda: clock)
    monkeypatch.setattr("emoscope.live.film.perf_counter", lambda: clock.now_s)
    return clock


def at_the_end(film: Film, act: Callable[[], object]) -> None:
    """Does something as soon as a film waits at its end."""
    Thread(target=lambda: (until(lambda: film._ended), act())).start()


@pytest.fixture
def film(clip: Path) -> Iterator[Film]:
    with Film(clip) as film:
        yield film


def test_every_frame_comes_at_its_own_time(film: Film):
    frames = [film.read() for _ in range(FRAMES)]
    assert [number_of(frame.image) for frame in frames] == list(range(FRAMES))
    assert [frame.time_s for frame in frames] == pytest.approx([n / FPS for n in range(FRAMES)], abs=1e-3)
    captured = [frame.captured_at - frames[0].captured_at for frame in frames]
    assert captured == pytest.approx([frame.time_s for frame in frames], abs=1e-6)


def test_a_slow_viewer_stays_in_time(film: Film, clock: Clock):
    film.read()
    clock.now_s = late_s = clock.now_s + 0.5
    for _ in range(11):
        frame = film.read()
    assert (frame.index, clock.now_s) == (11, late_s), "what comes late is not waited for"
    film.read()
    film.read()
    assert clock.now_s == pytest.approx(late_s + 0.02)


def test_size_rate_and_position(film: Film):
    assert (film.size, film.fps, film.name) == ((64, 48), FPS, "clip.mp4")
    film.read()
    assert film.position == "0:00 / 0:01"


def test_pausing_stops_and_stepping_gives_one_frame(film: Film):
    film.read()
    film.pause(True)
    film.step()
    assert number_of(film.read().image) == 1
    stepped: list[int] = []
    Timer(0.15, lambda: (stepped.append(1), film.step())).start()
    assert number_of(film.read().image) == 2
    assert stepped


def test_who_pauses_before_the_first_picture_sees_it(film: Film):
    film.pause(True)
    assert number_of(film.read().image) == 0


def test_after_a_pause_the_film_goes_on_without_catching_up(film: Film, clock: Clock):
    film.read()
    film.pause(True)

    def go_on() -> None:
        clock.now_s += 0.3
        film.pause(False)

    Timer(0.1, go_on).start()
    film.read()
    before_s = clock.now_s
    film.read()
    film.read()
    assert clock.now_s - before_s == pytest.approx(2 / FPS, abs=1e-3)


def test_jumps_forth_and_back(long_clip: Path):
    with Film(long_clip) as film:
        film.read()
        film.move(+1)
        forth = film.read()
        assert forth.time_s == pytest.approx(STEP_S, abs=0.5)
        assert number_of(forth.image) == pytest.approx(STEP_S * 2, abs=1)
        film.move(-1)
        assert film.read().time_s == pytest.approx(0, abs=0.01)


def test_a_jump_beyond_the_end_shows_the_last_pictures(long_clip: Path):
    with Film(long_clip) as film:
        film.read()
        film.move(+99)
        assert film.read().time_s >= 19


def test_a_jump_in_a_paused_film_shows_its_picture(long_clip: Path):
    with Film(long_clip) as film:
        film.pause(True)
        film.move(+1)
        assert film.read().time_s == pytest.approx(STEP_S, abs=0.5)


def test_at_its_end_the_film_says_so_and_waits(film: Film):
    for _ in range(FRAMES):
        film.read()
    at_the_end(film, lambda: film.move(-1))
    again = film.read()
    assert again.time_s == pytest.approx(0, abs=0.01)
    assert film.notice == ""
    for _ in range(FRAMES - 1):
        film.read()
    at_the_end(film, film.close)
    assert film.read() is None
    assert film.notice == END


def test_steps_at_the_end_of_a_paused_film_are_not_stored_up(film: Film):
    for _ in range(FRAMES):
        film.read()
    film.pause(True)
    at_the_end(film, lambda: [film.step(), film.step(), film.move(-1)])
    assert film.read().time_s == pytest.approx(0, abs=0.01)
    Timer(0.2, film.close).start()
    assert film.read() is None


def test_closing_ends_a_waiting_read(film: Film):
    film.read()
    film.pause(True)
    Timer(0.05, film.close).start()
    assert film.read() is None


def test_an_endless_film_starts_again_and_its_time_goes_on(clip: Path):
    with Film(clip, endless=True) as film:
        frames = [film.read() for _ in range(FRAMES + 3)]
    assert [number_of(frame.image) for frame in frames[-3:]] == [0, 1, 2]
    times = [frame.time_s for frame in frames]
    assert times == sorted(set(times))
    assert [frame.index for frame in frames] == list(range(FRAMES + 3))
    assert [frame.in_file for frame in frames[-3:]] == [frame.in_file for frame in frames[:3]]


def test_a_frame_knows_its_number_in_the_file_behind_a_jump(long_clip: Path):
    with Film(long_clip) as film:
        film.read()
        film.move(+1)
        frame = film.read()
    assert frame.in_file == (number_of(frame.image), pytest.approx(frame.time_s))


def test_a_jump_in_a_film_that_was_cut_off_does_not_end_it(shared: Path):
    """Its header promises 6 seconds, of which 3 are there."""
    with Film(shared / "damaged" / "trunc_faststart_60pct.mp4") as film:
        film.read()
        film.move(+1)
        at_the_end(film, lambda: film.move(-1))
        assert film.read() is not None


@pytest.mark.parametrize("name", ["empty.mp4", "dhruvi_classroom_is_html.mp4", "trunc_no_moov.mp4", "audio_only.mp4"])
def test_a_film_that_cannot_be_read(shared: Path, name: str):
    with pytest.raises(SourceError) as caught:
        Film(shared / "damaged" / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def paused(film: Film, frames: int) -> int:
    """Number of the frame that a film stands at after so many."""
    for _ in range(frames):
        frame = film.read()
    film.pause(True)
    return number_of(frame.image)


def test_steps_back_show_the_frames_before_one_by_one(film: Film):
    assert paused(film, 8) == 7
    numbers = []
    for _ in range(3):
        film.step(-1)
        numbers.append(number_of(film.read().image))
    film.step()
    numbers.append(number_of(film.read().image))
    assert numbers == [6, 5, 4, 5]


def test_a_step_back_of_a_running_film_pauses_it_and_steps_back(film: Film):
    """The window says once more that it is paused, when it has seen that it is so now."""
    for _ in range(8):
        film.read()
    film.pause(True)
    film.step(-1)
    film.pause(True)
    ends = Timer(5.0, film.close)  # rather than to wait for ever
    ends.start()
    shown = film.read()
    ends.cancel()
    assert shown is not None and number_of(shown.image) == 6


def test_a_step_back_at_the_start_stays_there(film: Film):
    assert paused(film, 1) == 0
    film.step(-1)
    assert number_of(film.read().image) == 0


def test_a_step_back_knows_frames_that_lie_far_apart(long_clip: Path):
    with Film(long_clip) as film:
        paused(film, 1)
        for _ in range(3):
            film.step()
            film.read()
        film.step(-1)
        assert number_of(film.read().image) == 2


def test_seeking_goes_to_a_part_of_the_film_and_to_its_start(film: Film):
    paused(film, 2)
    film.seek(0.5)
    assert number_of(film.read().image) == pytest.approx(FRAMES / 2, abs=1)
    assert film.progress == pytest.approx(0.5, abs=0.05)
    film.seek(0.0)
    assert number_of(film.read().image) == 0


def test_a_film_that_waits_at_its_end_starts_again_when_it_is_told_to(clip: Path):
    with Film(clip) as film:
        for _ in range(FRAMES):
            film.read()
        at_the_end(film, lambda: film.loop(True))
        again = film.read()
        assert number_of(again.image) == 0
        assert again.time_s >= (FRAMES - 1) / FPS, "time goes on for those who smooth over it"
