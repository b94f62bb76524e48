"""Real inputs that once failed, and made ones of their kinds: what was tried, and what came of it.

Faces are rows of `emoscope process`; "before" is what was reported of each kind, for light and lines what is measured
with that step left out. Made ones come from the recordings beside, by FFmpeg 5.1; labels are those that agree, face by
face, with the same clip as an ordinary film.

    kind                         input                                        before        now
    pixels not square            ham_anam, 64:45 (square: 214 faces)          111           213
    grows                        crowd_ramp, 320×180 → 1280×720               254           457
    turned, shrinks              res_change, the 30 turned frames             0             30
    HLG, white at 100 cd/m²      short_hamilton_clip (ordinary: 301)          201           298
    HLG, white at 203 cd/m²      the same                                     244           332
    PQ, white at 100 cd/m²       the same                                     248           261
    PQ, white at 203 cd/m²       the same                                     268           309
    interlaced, H.264 upper      liveportrait_d6, 149 frames: labels          94.0 %        98.0 %
    interlaced, MPEG-2 lower     the same                                     95.3 %        96.6 %
    interlaced, ProRes upper     the same                                     94.0 %        98.7 %
    24-bit sound                 s_pcm_s24le in FFmpeg 5.1                    noise         440 Hz, 99.8 % of the power
    animated WebP                anim.webp                                    1 frame       10 frames
    aspect changes on the way    MPEG-2 in TS, 16:15 → 64:45, 156 frames      one aspect    both, each in proportion
    size changes on the way      H.264 in TS, MP4, MKV, 256×256 → 512×288     stretched     padded
    subtitles in pictures        PGS, DVD in Matroska                         not tried     PGS told, DVD copied
    JPEG XL                      8, 10, 12, 14, 16 bits, float, opacity,      not a picture read, upright
                                 orientation; moving                          the same      told

Who is who, without and with re-identification: numbers that were another person's before. How the films are made, and
how often a person's number changes, is told in `tests.realtime.faces.made`.

    kind                                    faces    without    with
    tiles of a call swap                     1800          8       0
    two tiles of four swap, one goes         1650          2       0
    off for 1 s, in a call                   1305          0       0
    two cross                                 697          0       0
    cuts to and fro                           450          2       0
    cuts to and fro, between bars             450          2       0
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from emoscope.faces import open_finder
from emoscope.media.photo import read_photo
from emoscope.media.reader import Recording
from emoscope.media.shape import Shape


@pytest.fixture
def cases(shared: Path) -> Path:
    """The folder of inputs that failed."""
    folder = shared / "cases" / "media"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def faces(recording: Recording) -> list[int]:
    """How many faces each frame shows."""
    with open_finder("yunet") as finder:
        return [len(finder.find(frame.picture, frame.time_s)) for frame in recording.frames()]


@pytest.mark.parametrize(
    ("name", "frames", "canvas"),
    [
        ("ham_anam.mp4", 125, Shape(720, 576, Fraction(64, 45))),
        ("crowd_ramp.webm", 77, Shape(320, 180)),
        ("res_change.webm", 90, Shape(640, 360)),
        ("anim.webp", 10, Shape(256, 256)),
        ("anim_icc.png", 12, Shape(512, 512)),
        ("mjpeg_exif.avi", 10, Shape(640, 480)),
        ("spatial_mvhevc_5frames.mov", 5, Shape(1934, 2160)),
    ],
)
def test_every_frame_is_read_in_one_shape(name: str, frames: int, canvas: Shape, cases: Path) -> None:
    with Recording(cases / name) as recording:
        sizes = [(frame.picture.width, frame.picture.height) for frame in recording.frames()]
        assert recording.handling.canvas == canvas
    assert sizes == [canvas.square] * frames


def test_squeezed_faces_are_found_as_square_ones_are(cases: Path, shared: Path) -> None:
    with Recording(cases / "ham_anam.mp4") as squeezed:
        found = sum(faces(squeezed))
    assert found > 180  # 111 where nobody stretched them


def test_a_face_is_found_in_every_part_of_a_film_that_is_turned(cases: Path) -> None:
    with Recording(cases / "res_change.webm") as recording:
        assert sum(count == 1 for count in faces(recording)) >= 88


def test_a_film_that_grows_is_known_to(cases: Path) -> None:
    with Recording(cases / "crowd_ramp.webm") as recording:
        list(recording.frames())
        assert recording.outgrown
        assert recording.handling.largest == Shape(1280, 720)


@pytest.mark.parametrize(
    ("name", "shape"), [("face.heic", (562, 572, 3)), ("face.jp2", (562, 572, 3)), ("photo_8bit.avif", (1080, 1617, 3))]
)
def test_pictures_are_read(name: str, shape: tuple[int, int, int], cases: Path) -> None:
    assert read_photo(cases / name).shape == shape
