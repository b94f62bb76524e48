"""The page behind nginx, by the README's own lines: `python -m tests.realtime.web.proxied [FOLDER]`.

nginx ends TLS on a high port, with a certificate made for the run; Chromium walks the page through it. FOLDER keeps
screenshots. Needs nginx and chromium (Debian packages of these names).
"""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from emoscope.system.bundled import assets
from emoscope.web.certificate import Certificate, self_signed
from tests.command import EMOSCOPE, ROOT, environment
from tests.realtime.web.browser import FEW, Page, chromium, drop
from tests.realtime.web.film import camera_film

CONFIGURATION = """
daemon off;
pid {folder}/pid;
error_log {folder}/errors info;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/a; uwsgi_temp_path {folder}/b; scgi_temp_path {folder}/c;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        {location}
    }}
}}
"""
BEHIND = "http://127.0.0.1:8770"
"""Where the README's lines find the server."""
END_S = 20.0
FOREIGN = "https://other.example"


def location(behind: int) -> str:
    """The lines of the README, for a server on another port."""
    (block,) = re.findall(r"```nginx\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert BEHIND in block
    return str(block).replace(BEHIND, f"http://127.0.0.1:{behind}")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def nginx(folder: Path, port: int, behind: int, certificate: Certificate) -> Iterator[None]:
    """nginx before a server; its log must not tell of errors."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        raise SystemExit("nginx is missing: install the Debian package nginx-light")
    lines = CONFIGURATION.format(
        folder=folder, port=port, chain=certificate.chain, key=certificate.key, location=location(behind)
    )
    (folder / "nginx.conf").write_text(lines, "utf-8")
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(END_S)
    assert not re.findall(r"\[(?:error|warn|crit)\].*", (folder / "errors").read_text("utf-8"))


@contextmanager
def server(port: int, public: str) -> Iterator[str]:
    """`emoscope serve` behind a proxy; yields the address that it tells."""
    command = [*EMOSCOPE, "serve", "--port", str(port), "--no-open", "--public-url", public]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"https://\S+", process.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            process.terminate()


def status(port: int, request: str) -> str:
    """The first line of what a request is answered with, through the proxy."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), END_S) as plain, trusting.wrap_socket(plain) as secure:
        secure.sendall(request.replace("\n", "\r\n").encode())
        return secure.recv(200).decode().partition("\r\n")[0]


def walk(page: Page, url: str, port: int, shots: Path) -> None:
    """The page through the proxy: token, cookie, camera, a large picture, a video, a figure, a foreign page."""
    page.send("Security.setIgnoreCertificateErrors", ignore=True)
    page.size(1280, 800)
    page.go(url)
    assert page.run("location.href") == f"https://localhost:{port}/" and page.run("isSecureContext")
    (cookie,) = page.send("Network.getCookies")["cookies"]
    assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Strict", cookie
    print("the token left the address for a cookie: Secure, HttpOnly, SameSite=Strict")
    page.click("#start")
    page.wait(FEW)
    page.wait("document.querySelector('#faces button')")
    page.screenshot(shots / "camera.png")
    print("the camera is read by way of wss://")
    film = cv2.VideoCapture(str(assets() / "demo.mp4"))
    noise = np.random.default_rng(0).integers(0, 8, (720, 1280, 3), np.uint8)
    picture = cv2.imencode(".png", cv2.resize(film.read()[1], (1280, 720)) // 2 + noise)[1].tobytes()
    assert len(picture) > 1_000_000  # nginx takes no more unless it is told to
    for name, data in (("person.png", picture), ("clip.mp4", (assets() / "demo.mp4").read_bytes())):
        drop(page, name, data)
        page.wait(f"document.querySelector('#status').innerText.includes({name!r})")
        page.wait("document.querySelector('#faces button')")
        page.screenshot(shots / f"{name}.png")
        print(f"{name} ({len(data)} bytes) went up, and came back to be shown")
    assert page.errors == []
    known = f"Host: localhost:{port}\nCookie: {cookie['name']}={cookie['value']}\n"
    closing = f"{known}Content-Length: 0\nConnection: close\n"
    assert " 403 " in status(port, f"POST /upload HTTP/1.1\n{closing}Origin: {FOREIGN}\n\n")
    assert " 422 " in status(port, f"POST /upload HTTP/1.1\n{closing}Origin: https://localhost:{port}\n\n")
    upgrade = "Upgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n"
    assert " 403 " in status(port, f"GET /talk HTTP/1.1\n{known}{upgrade}Origin: {FOREIGN}\n\n")
    assert " 101 " in status(port, f"GET /talk HTTP/1.1\n{known}{upgrade}Origin: https://localhost:{port}\n\n")
    assert " 403 " in status(port, f"GET / HTTP/1.1\n{closing}".replace(f"localhost:{port}", "other.example") + "\n")
    assert " 403 " in status(port, f"GET / HTTP/1.1\nHost: localhost:{port}\nConnection: close\n\n")
    print("foreign pages (POST, WebSocket), other names and visitors without a token are refused")


def main() -> None:
    """Walks, and prints what was seen."""
    with tempfile.TemporaryDirectory(prefix="emoscope-") as made:
        folder, port, behind = Path(made), free_port(), free_port()
        shots = Path(sys.argv[1]) if len(sys.argv) > 1 else folder
        shots.mkdir(parents=True, exist_ok=True)
        with (
            self_signed(["localhost"]) as certificate,
            nginx(folder, port, behind, certificate),
            server(behind, f"https://localhost:{port}") as url,
            chromium(folder / "profile", camera_film(assets() / "demo.mp4", folder / "camera.mjpeg", 4)) as browser,
        ):
            walk(page := browser.open(), url, port, shots)
            page.send("Page.navigate", url="about:blank")
            time.sleep(1)  # so that it closes its connections before nginx ends
        left = [path.name for name in ("body", "proxy") for path in (folder / name).rglob("*") if path.is_file()]
        assert left == []


if __name__ == "__main__":
    main()
