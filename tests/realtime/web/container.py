"""`realtime/web/Dockerfile`, built and run: `python -m tests.realtime.web.container [FOLDER]`, as root.

Its base is made by debootstrap under the name that the Dockerfile asks for, so that no registry of images is needed; it
trusts the certificate authorities of this machine, whose packages may come through a proxy. What is committed is built,
then run as its own user, read-only, with 1 GB: its health, a picture, a figure, and its end are looked at. Where no
Docker daemon runs, one is started for the time. FOLDER keeps base and image for the next run.
Needs debootstrap and docker (Debian packages debootstrap and docker.io).
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emoscope.system.bundled import assets
from emoscope.web.address import Address
from tests.command import ROOT
from tests.realtime.web.proxied import free_port
from tests.realtime.web.talking import ask
from tests.reliability.serving import pictures

DOCKERFILE = "realtime/web/Dockerfile"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
WAIT_S, END_S, OK_S = 60.0, 20.0, 120.0
MEMORY = "1g"
TOKEN = "a token that stays"


def docker(*arguments: str | Path, **options: object) -> str:
    """What a command of docker's says; ends the program where it fails."""
    done = subprocess.run(["docker", *map(str, arguments)], stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"docker {arguments[0]} failed:\n{done.stdout[-4000:]}")
    return str(done.stdout).strip()


@contextmanager
def daemon(folder: Path) -> Iterator[None]:
    """A Docker daemon: the one that runs, else one of our own without a network and with plain folders for layers."""
    if subprocess.run(["docker", "info"], capture_output=True).returncode == 0:
        yield
        return
    socket = f"unix://{folder}/socket"
    places = [
        "--data-root",
        folder / "data",
        "--exec-root",
        folder / "exec",
        "--pidfile",
        folder / "pid",
        "--host",
        socket,
    ]
    plain = ["--storage-driver", "vfs", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
    with (folder / "dockerd.log").open("w") as log:
        process = subprocess.Popen(["dockerd", *map(str, places), *plain], stdout=log, stderr=log)
        try:
            os.environ["DOCKER_HOST"] = socket
            end = time.monotonic() + WAIT_S
            while subprocess.run(["docker", "info"], capture_output=True).returncode:
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"no Docker daemon starts here: see {folder / 'dockerd.log'}")
                time.sleep(0.5)
            yield
        finally:
            process.terminate()
            process.wait(END_S)


def make_base(folder: Path) -> None:
    """Imports what debootstrap makes under the name that the Dockerfile begins with."""
    (name,) = set(re.findall(r"^FROM (\S+)", (ROOT / DOCKERFILE).read_text("utf-8"), re.MULTILINE))
    if docker("images", "-q", name):
        return
    suite, root = name.partition(":")[2].removesuffix("-slim"), folder / "base"
    if not (root / "etc/os-release").exists():
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(root)], check=True, stdout=subprocess.DEVNULL)
    own = root / "usr/local/share/ca-certificates/here.crt"
    own.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(AUTHORITIES, own)
    tar = [
        "tar",
        "-C",
        str(root),
        "--exclude=./var/cache/apt/archives/*.deb",
        "--exclude=./var/lib/apt/lists/*",
        "-c",
        ".",
    ]
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packed:
        docker("import", "-", name, stdin=packed.stdout)
    print(f"{name} made by debootstrap")


def build() -> str:
    """The image of what is committed; its number."""
    with subprocess.Popen(["git", "-C", str(ROOT), "archive", "HEAD"], stdout=subprocess.PIPE) as committed:
        begun = time.monotonic()
        docker("build", "--network", "host", "-t", "emoscope", "-f", DOCKERFILE, "-", stdin=committed.stdout, stderr=2)
    image = docker("images", "-q", "emoscope")
    megabytes = int(docker("inspect", "-f", "{{.Size}}", image)) // 10**6
    print(f"built in {time.monotonic() - begun:.0f} s: {megabytes} MB")
    return image


@contextmanager
def running(image: str, port: int) -> Iterator[str]:
    """A container of it as the README says; its number."""
    bounds = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    known = ["-e", f"PORT={port}", "-e", f"EMOSCOPE_TOKEN={TOKEN}", "--memory", MEMORY, "--network", "host"]
    container = docker("run", "-d", *bounds, *known, image, "--public-url", f"http://127.0.0.1:{port}")
    try:
        yield container
    finally:
        docker("rm", "-f", container)


def look(container: str, port: int) -> None:
    """Its user, its file system, its health, a picture and a figure."""
    address = Address("127.0.0.1", port)
    end = time.monotonic() + WAIT_S
    while not _healthy(address):
        assert time.monotonic() < end, docker("logs", container, stderr=subprocess.STDOUT)
        time.sleep(0.5)
    print("/healthz answers")
    status, headers, _ = ask(address, path=f"/?token={TOKEN.replace(' ', '%20')}")
    assert status == 303, status
    own = {"Cookie": headers["set-cookie"].split(";")[0]}
    (picture,) = pictures(assets() / "demo.mp4", 1)
    status, headers, shown = ask(address, "POST", "/upload", picture, **own)
    assert (status, headers["content-type"]) == (200, "image/jpeg"), shown
    status, headers, figure = ask(address, "POST", "/result/png", picture, **own)
    assert (status, headers["content-type"]) == (200, "image/png"), figure
    print(f"a picture came back ({len(shown)} bytes), and the figure of its face ({len(figure)} bytes)")
    assert docker("exec", container, "id", "-u") == "10001"
    refused = subprocess.run(["docker", "exec", container, "touch", "/opt/emoscope/x"], capture_output=True, text=True)
    assert "Read-only file system" in refused.stderr, refused.stderr
    print("its user is 10001, and its file system cannot be written")
    end = time.monotonic() + OK_S
    while (state := json.loads(docker("inspect", "-f", "{{json .State.Health}}", container)))["Status"] == "starting":
        assert time.monotonic() < end
        time.sleep(1)
    assert state["Status"] == "healthy", state
    print("Docker calls it healthy")
    begun = time.monotonic()
    docker("stop", container)
    code = docker("inspect", "-f", "{{.State.ExitCode}} {{.State.OOMKilled}}", container)
    assert code == "0 false", code
    print(f"it was stopped in {time.monotonic() - begun:.1f} s, with exit status 0")


def _healthy(address: Address) -> bool:
    try:
        return ask(address, path="/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def main() -> None:
    """Builds and looks."""
    missing = [name for name in ("debootstrap", "docker", "git") if shutil.which(name) is None]
    if missing:
        raise SystemExit(f"{', '.join(missing)} missing: install the Debian packages debootstrap, docker.io and git")
    with tempfile.TemporaryDirectory(prefix="emoscope-") as made:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else made).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        with daemon(folder):
            make_base(folder)
            with running(build(), port := free_port()) as container:
                look(container, port)


if __name__ == "__main__":
    main()
