"""A certificate of this machine's own, for a telephone in the same network: without https it would get no camera.

Nobody vouches for it, so browsers ask once whether to go on.
"""

from __future__ import annotations

import ipaddress
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ..errors import EmoscopeError, SystemLibraryError

DAYS = 30


class Certificate(NamedTuple):
    """Files in PEM.

    Attributes:
        chain: the certificate, and those between it and one that browsers know.
        key: its private key.
    """

    chain: Path
    key: Path


def checked(certificate: Certificate) -> Certificate:
    """A certificate that can be served with.

    Raises:
        EmoscopeError: its files cannot be read, or do not belong together.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate.chain, certificate.key)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "strerror", None) or str(error)
        both = f"{certificate.chain} and {certificate.key}"
        raise EmoscopeError(f"{both} are no certificate and its key ({reason}): give both as PEM files") from None
    return certificate


@contextmanager
def self_signed(names: Sequence[str]) -> Iterator[Certificate]:
    """A certificate for names and numbers, made by openssl; it goes with the body.

    Raises:
        SystemLibraryError: openssl is missing or failed.
    """
    program = shutil.which("openssl")
    if program is None:
        cure = "install it, or give a certificate of your own by --certificate and --key"
        raise SystemLibraryError(f"openssl is missing, which --tls makes a certificate with: {cure}")
    with TemporaryDirectory(prefix="emoscope-") as folder:
        made = Certificate(Path(folder) / "certificate.pem", Path(folder) / "key.pem")
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(DAYS)]
        known = ["-subj", "/CN=EmoScope", "-addext", "subjectAltName=" + ",".join(map(_named, dict.fromkeys(names)))]
        command = [program, "req", "-x509", *kind, *known, "-out", str(made.chain), "-keyout", str(made.key)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            said = " ".join(done.stderr.split())[-200:]
            raise SystemLibraryError(f"openssl made no certificate ({said}): give one by --certificate and --key")
        yield made


def _named(name: str) -> str:
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"
