"""Nobody is told: no command opens an internet socket that was not asked for; nothing of a face is kept or logged."""

from __future__ import annotations

import os
import re
import shutil
import sys
from itertools import islice
from pathlib import Path

import pytest

from emoscope.cli import COMMANDS
from emoscope.faces import FINDERS
from emoscope.faces.mediapipe import SILENT, reporting
from emoscope.network.bundle import open_bundle
from emoscope.system.bundled import assets
from tests.command import emoscope, environment, run
from tests.realtime.web.talking import ask
from tests.reliability import samples
from tests.reliability.serving import answers, pictures, served

CLIP = str(assets() / "demo.mp4")
SHORT = f"{CLIP} --end 0.2"
STRACE = ("strace", "-f", "-qq", "--seccomp-bpf")
"""Stops a program only at the calls that are watched."""
INTERNET = re.compile(r"socket\(AF_INET6?,")
BUILDERS = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TRAVIS", "JENKINS_URL", "BUILDKITE", "CIRCLECI")
"""onnxruntime keeps quiet where one of these is set, which would hide from the tests what it tells elsewhere."""
RUNS = {
    "demo": "demo -o out",
    "live": f"live {CLIP}",
    "capture": f"capture {CLIP} --pictures 1 --seconds 0.2 -o out",
    "process": f"process {SHORT} -o out --view gradcam",
    "status": "status set",
    "collect": "collect set -o out",
    "explain": "explain photo.png -o out",
    "bench": "bench short.mp4 --runs 1",
    "site": "site -o out",
    "doctor": "doctor",
    "data": "data faces.csv -o out",
    "train": "train faces.csv --arch gmp --epochs 1 --batch 4 -o out",
    "tune": "tune faces.csv --arch gmp --trials 1 --epochs 1 -o out",
    "evaluate": "evaluate gmp.onnx faces.csv -o out",
    "compare": "compare gmp.onnx faces.csv --faces 1 -o out",
    "convert": "convert gmp.onnx --labels angry,disgust,fear,happy,neutral,sad,surprise -o out",
    "bench-training": "bench-training --batch 2 --rounds 1",
    "atlas": "atlas gmp.onnx --layers FIRST -o out",
    "faithfulness": "faithfulness gmp.onnx faces -n 2 --layers LAYER --methods gradcam -o out",
}
"""What each command is run with; those that fail early, for want of a screen or of data, are watched all the same."""
ASKED = {"serve"}
"""Commands that open a socket because they were asked to; they have tests of their own."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a photo, a short film, a data set and a model."""
    import av
    import cv2

    from emoscope.system.bundled import pretrained

    folder = tmp_path_factory.mktemp("private")
    with av.open(CLIP) as clip, av.open(str(folder / "short.mp4"), "w") as film:
        stream = film.add_stream_from_template(clip.streams.video[0])
        for packet in islice(clip.demux(video=0), 12):
            packet.stream = stream
            film.mux(packet)
        clip.seek(0)
        frame = next(clip.decode(video=0)).to_ndarray(format="bgr24")
    cv2.imwrite(str(folder / "photo.png"), frame)
    for half in ("gmp.onnx", "gmp.activations.onnx"):
        shutil.copy(pretrained() / half, folder / half)
    samples.table(folder / "faces.csv", 60)
    samples.tree(folder / "faces", 14)
    return folder


def needs_strace() -> None:
    """strace must be there where CI runs; elsewhere its absence is a reason to skip."""
    if shutil.which("strace") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs strace (Debian: strace)")


def sockets(arguments: list[str], folder: Path) -> list[str]:
    """Lines of all internet sockets that a run opened, itself and all processes that it started."""
    needs_strace()
    log = folder / "sockets.log"
    log.unlink(missing_ok=True)
    watched = ("env", *(f"--unset={name}" for name in BUILDERS))
    watched += (*STRACE, "-e", "trace=socket", "-o", str(log))
    emoscope(*arguments, cwd=folder, timeout_s=400, before=watched)
    shutil.rmtree(folder / "out", ignore_errors=True)
    return [line for line in log.read_text().splitlines() if INTERNET.search(line)]


def test_every_command_is_watched():
    assert set(RUNS) | ASKED >= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(set(RUNS) & set(COMMANDS)))
def test_no_command_opens_an_internet_socket(name: str, place: Path):
    contract = open_bundle("gmp").contract
    command = RUNS[name].replace("LAYER", contract.default_layer).replace("FIRST", contract.layer_names[0])
    assert sockets(command.split(" "), place) == []


@pytest.mark.parametrize("detector", FINDERS)
def test_no_detector_opens_an_internet_socket(detector: str, place: Path):
    if detector == "mediapipe" and reporting():
        pytest.skip(f"MediaPipe {reporting()} reports its use, as each run says; {SILENT} does not")
    if detector == "mediapipe":
        pytest.importorskip("mediapipe", reason="the extra `mediapipe` is not installed")
    assert sockets(f"process {SHORT} -o out --detector {detector}".split(" "), place) == []


@pytest.mark.parametrize(
    "first",
    ["emoscope.network.network", "emoscope.cli", "emoscope.convert.command", "emoscope.models.commands.evaluate"],
)
def test_onnxruntime_is_told_to_keep_to_itself_before_it_is_imported(first: str, tmp_path: Path):
    code = f"""
import os, sys
class Watch:
    def find_spec(self, name, *_):
        if name == "onnxruntime":
            assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
sys.meta_path.insert(0, Watch())
import {first}, onnxruntime
"""
    done = run([sys.executable, "-c", code], tmp_path, 120, environment())
    assert done.returncode == 0, done.stderr


def test_the_watch_sees_a_socket_that_was_asked_for(place: Path):
    assert sockets(["capture", "http://127.0.0.1:9/none"], place)


def test_the_server_listens_to_this_machine_and_speaks_to_nobody_else(place: Path):
    needs_strace()
    log, unset = place / "calls.log", [f"--unset={name}" for name in BUILDERS]
    calls = "trace=socket,bind,connect,accept,accept4,sendto,sendmsg"
    with served(place, ["env", *unset, *STRACE, "-e", calls, "-o", str(log)]) as (address, _):
        assert ask(address)[0] == 200
        (answer,) = answers(address, pictures(assets() / "demo.mp4", 1))
        assert answer["faces"]
    seen = log.read_text().splitlines()
    own = [line for line in seen if INTERNET.search(line)]
    bound = [line for line in seen if " bind(" in line and "sa_family=AF_INET" in line]
    callers = [line for line in seen if " accept" in line and "sa_family=AF_INET" in line]
    spoken = [line for line in seen if re.search(r" (connect|sendto|sendmsg)\(.*sa_family=AF_INET", line)]
    assert len(own) == len(bound) == 1
    assert len(callers) == 2, "the page and its WebSocket"
    assert all('inet_addr("127.0.0.1")' in line for line in (*bound, *callers))
    assert spoken == []


def test_a_log_opens_no_socket(place: Path):
    assert sockets([*RUNS["capture"].split(" "), "--log", "out/a.csv"], place) == []


def test_publishing_opens_what_was_asked_for_on_this_machine(place: Path):
    pytest.importorskip("websockets")
    pytest.importorskip("pythonosc")
    needs_strace()
    log = place / "published.log"
    watched = ("env", *(f"--unset={name}" for name in BUILDERS), *STRACE, "-o", str(log))
    watched += ("-e", "trace=socket,bind,connect,sendto,sendmsg")
    targets = ("--publish", "ws://:0", "--publish", "osc://:9")
    done = emoscope(*RUNS["capture"].split(" "), *targets, cwd=place, timeout_s=400, before=watched)
    assert done.returncode == 0, done.stderr
    seen = log.read_text().splitlines()
    own = [line for line in seen if INTERNET.search(line)]
    assert sorted("SOCK_DGRAM" in line for line in own) == [False, True], "one for WebSockets, one for OSC"
    spoken = [line for line in seen if re.search(r" (bind|connect|sendto|sendmsg)\(.*sa_family=AF_INET", line)]
    assert len(spoken) > 2 and all('inet_addr("127.0.0.1")' in line for line in spoken)
    assert not any(" connect(" in line for line in spoken)


def test_a_playlist_that_names_an_address_opens_none(place: Path):
    (place / "list.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:9/a.ts\n")
    (place / "list.mp4").write_text("ffconcat version 1.0\nfile 'http://127.0.0.1:9/a.mp4'\n")
    assert sockets(["process", "list.m3u8", "list.mp4", "-o", "out"], place) == []


def test_nothing_is_written_that_was_not_asked_for(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "work").mkdir()
    done = emoscope(
        *f"process {SHORT} -o out --no-video --no-chart".split(" "),
        cwd=tmp_path / "work",
        HOME=str(home),
        TMPDIR=str(home),
        XDG_CACHE_HOME=str(home / "cache"),
        XDG_CONFIG_HOME=str(home / "config"),
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "work" / "out").iterdir()) == [
        "demo.faces.csv",
        "demo.summary.json",
    ]
    assert [path for path in home.rglob("*") if path.is_file() and b"\xff\xd8\xff" in path.read_bytes()] == []
    assert [path.name for path in home.rglob("*.png")] == []


def test_what_is_said_holds_no_picture(tmp_path: Path):
    done = emoscope("--debug", "process", CLIP, "--end", "0.2", "-o", "out", cwd=tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 0
    assert len(said) < 1000
    assert not re.search(r"[A-Za-z0-9+/]{120,}|\[\[|array\(|\\x", said)
