"""A network of one's own: a namespace that has a loopback and nothing else, so that nothing can leave this machine.

subprocess.run([*namespace(), program, …])
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache

import pytest

LO_UP = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14s", b"lo", 0x41, b""))  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Turns the loopback on and becomes another program."""


@cache
def namespace() -> tuple[str, ...]:
    """What runs a program in such a network, with its options; the test skips where the system does not permit it."""
    unshare = shutil.which("unshare")
    if unshare is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a network namespace, which only Linux has")
    as_root = () if os.geteuid() == 0 else ("--map-root-user",)
    before = (unshare, "--net", *as_root, sys.executable, "-c", LO_UP)
    done = subprocess.run([*before, "true"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this system permits no network namespace ({done.stderr.strip().splitlines()[-1]})")
    return before
