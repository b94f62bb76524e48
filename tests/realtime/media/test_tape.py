"""Pipes, numbered pictures and animations are recordings like any other."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from emoscope.errors import SourceError
from emoscope.media.numbered import is_numbered, name_of
from emoscope.media.reader import Recording
from emoscope.media.span import Span
from tests.realtime.media.films import make_film

LEVELS = (40, 80, 120, 160, 200)


def flat(path: Path, level: int) -> Path:
    cv2.imwrite(str(path), np.full((32, 48, 3), level, np.uint8))
    return path


def seen(recording: Recording) -> list[tuple[float, int]]:
    """(time in seconds, brightness in tens) of each picture."""
    return [
        (round(frame.time_s, 4), round(int(frame.picture.pixels((8, 8, 40, 24), gray=True).mean()), -1))
        for frame in recording.frames()
    ]


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[tuple[Path, list[threading.Thread]]]:
    os.mkfifo(tmp_path / "pipe")
    writers: list[threading.Thread] = []
    yield tmp_path / "pipe", writers
    for writer in writers:
        writer.join(5)
        assert not writer.is_alive()


def pour(data: bytes, pipe: tuple[Path, list[threading.Thread]]) -> Path:
    """Writes into a FIFO on a thread; a reader that leaves early is no error."""

    def write() -> None:
        try:
            with pipe[0].open("wb") as file:
                file.write(data)
        except BrokenPipeError:
            pass

    pipe[1].append(threading.Thread(target=write, daemon=True))
    pipe[1][-1].start()
    return pipe[0]


@pytest.mark.parametrize("kind", ["mkv", "avi", "ts", "mp4"])
def test_what_comes_through_a_fifo_is_read_whole(kind: str, tmp_path: Path, pipe) -> None:
    tick = Fraction(1, 15_360) if kind == "mp4" else Fraction(1, 25)
    step = 512 if kind == "mp4" else 1
    source = make_film(
        tmp_path / f"a.{kind}", range(0, 12 * step, step), codec="mpeg4" if kind == "avi" else "libx264", tick=tick
    )
    with Recording(source) as recording:
        wanted = [frame.time_s for frame in recording.frames()]
    with Recording(pour(source.read_bytes(), pipe)) as recording:
        assert [frame.time_s for frame in recording.frames()] == wanted
        # An MP4 that has its index behind its pictures is put on disk, and so can be read again.
        assert recording.again == (kind == "mp4")
        assert not recording.damage


def test_a_part_of_what_comes_through_a_fifo(tmp_path: Path, pipe) -> None:
    source = make_film(tmp_path / "a.mkv", range(12), tick=Fraction(1, 25))
    with Recording(pour(source.read_bytes(), pipe), Span(0.1, 0.3)) as recording:
        assert [frame.index for frame in recording.frames()] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(("data", "told"), [(b"", "nothing came through it"), (b"no film" * 100, "not a recording")])
def test_a_pipe_without_a_film_is_refused(data: bytes, told: str, pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoscope.media.tape.PATIENCE_S", 0.5)
    with pytest.raises(SourceError, match=told):
        Recording(pour(data, pipe))


def test_a_pipe_that_nobody_writes_into_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emoscope.media.tape.PATIENCE_S", 0.2)
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(SourceError, match=r"pipe\.mp4: nothing came through it: start what writes into it first"):
        Recording(tmp_path / "pipe.mp4")


def test_nothing_is_left_on_disk(tmp_path: Path, pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    source = make_film(tmp_path / "a.mp4")
    with Recording(pour(source.read_bytes(), pipe)):
        assert list((tmp_path / "tmp").iterdir())
    assert not list((tmp_path / "tmp").iterdir())


def test_numbered_pictures_stand_at_the_time_of_their_number(tmp_path: Path) -> None:
    for number, level in zip((7, 8, 11, 12, 13), LEVELS, strict=True):
        flat(tmp_path / f"it's a {number:03}.png", level)
    (tmp_path / "it's a 9.png").write_bytes(b"too few digits")
    (tmp_path / "it's a 012.jpg").write_bytes(b"another suffix")
    with Recording(tmp_path / "it's a %03d.png", fps=Fraction(30_000, 1001)) as recording:
        times = [round(number * 1001 / 30_000, 4) for number in (0, 1, 4, 5, 6)]
        assert seen(recording) == list(zip(times, LEVELS, strict=True))
        assert recording.describe() == ["2 of the numbers 7–13 are missing: the picture before stands there"]
        assert recording.rate == Fraction(30_000, 1001)


def test_times_do_not_drift_in_a_long_row_of_pictures(tmp_path: Path) -> None:
    first = flat(tmp_path / "0.png", 40)
    for number in range(1, 400):
        (tmp_path / f"{number}.png").symlink_to(first)
    with Recording(tmp_path / "%d.png", fps=Fraction(60_000, 1001)) as recording:
        times = [frame.time_s for frame in recording.frames()]
    assert times == pytest.approx([number * 1001 / 60_000 for number in range(400)], abs=1e-6)


def test_a_damaged_picture_in_the_row_is_passed_over_and_counted(tmp_path: Path) -> None:
    for number, level in enumerate(LEVELS):
        flat(tmp_path / f"a{number}.png", level)
    (tmp_path / "a2.png").write_bytes((tmp_path / "a2.png").read_bytes()[:60])
    with Recording(tmp_path / "a%d.png") as recording:
        assert [level for _, level in seen(recording)] == [40, 80, 160, 200]
        assert recording.damage.lost == 1


def test_a_row_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a%04d\.png: there is no file of such a name, such as a0001\.png"):
        Recording(tmp_path / "a%04d.png")


def test_names_of_rows(tmp_path: Path) -> None:
    assert is_numbered(tmp_path / "frames_%04d.png")
    assert not is_numbered(tmp_path / "100%.png")
    (tmp_path / "a%d.png").touch()
    assert not is_numbered(tmp_path / "a%d.png")
    assert name_of(Path("x/frames_%04d.png")) == "frames"
    assert name_of(Path("shots/%d.png")) == "shots"


def test_all_pictures_of_an_animated_webp_at_their_times(tmp_path: Path) -> None:
    frames = [PIL.Image.new("RGB", (48, 32), (level,) * 3) for level in LEVELS]
    times = [100, 40, 500, 20, 100]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=times, lossless=True)
    with Recording(tmp_path / "a.webp") as recording:
        starts = [sum(times[:number]) / 1000 for number in range(5)]
        assert seen(recording) == list(zip(starts, LEVELS, strict=True))
    with Recording(tmp_path / "a.webp", Span(0.6, 0.65)) as recording:
        assert [level for _, level in seen(recording)] == [160]
        assert recording.first.index == 3


@pytest.mark.parametrize("first", [0, 3])
def test_of_a_damaged_animated_webp_is_read_what_can_be(first: int, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    frames = [PIL.Image.fromarray(random.integers(0, 255, (32, 48, 3), np.uint8)) for _ in range(5)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    parts = (tmp_path / "a.webp").read_bytes().split(b"VP8L")
    parts[first + 1] = parts[first + 1][:9] + b"\xff" * 39 + parts[first + 1][48:]
    (tmp_path / "a.webp").write_bytes(b"VP8L".join(parts))
    if first == 0:
        with pytest.raises(SourceError, match=r"a\.webp: the picture is damaged"):
            Recording(tmp_path / "a.webp")
        return
    with Recording(tmp_path / "a.webp") as recording:
        assert len(list(recording.frames())) == first
        assert recording.describe() == [f"damaged: the last {5 - first} of 5 pictures cannot be read"]
