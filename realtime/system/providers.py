"""Execution providers: on what onnxruntime runs network and detectors.

    auto         the first that is installed of CUDA, DirectML and CoreML, else the CPU
    a name       that one, and no other

A package of onnxruntime may offer more, such as OpenVINO or Azure. Their numbers differ, or pictures leave the machine:
they are taken where they are asked for by name, never by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import onnxruntime

from ..errors import ModelError

AUTO = "auto"
SUFFIX = "ExecutionProvider"
CPU = f"CPU{SUFFIX}"
UNASKED = (f"CUDA{SUFFIX}", f"Dml{SUFFIX}", f"CoreML{SUFFIX}", CPU)
"""What `auto` chooses among, the first choice first."""


def providers_of(name: str = AUTO) -> list[str]:
    """onnxruntime's names of the providers that a session is to have, the first choice first.

    Args:
        name: "auto", or a provider's name without its suffix, in any case of letters.

    Raises:
        ModelError: it is not installed.
    """
    available = onnxruntime.get_available_providers()
    if not isinstance(name, str):
        raise ModelError(f"a provider is given by its name, not by {name!r}: {AUTO!r} chooses one")
    if name.lower() == AUTO:
        return [one for one in UNASKED if one in available]
    known = {short(one).lower(): one for one in available}
    if name.lower() not in known:
        raise ModelError(f"provider {name!r} is not installed; there are {', '.join(known)}")
    return [known[name.lower()]]


def check_running(session: onnxruntime.InferenceSession, wanted: Sequence[str]) -> None:
    """Makes sure that a session runs on the provider that was asked for by name.

    Args:
        session: as it was opened.
        wanted: what `providers_of` gave; of several, any will do.

    Raises:
        ModelError: onnxruntime has fallen back to another, as it does where a library or a device is missing.
    """
    running = session.get_providers()[0]
    if len(wanted) == 1 and running != wanted[0]:
        told = f"provider {short(wanted[0])!r} is installed and does not start on this machine"
        raise ModelError(f"{told}: onnxruntime would run on {short(running)}; mend it, or drop --provider")


def running_on(session: onnxruntime.InferenceSession) -> str:
    """The provider that a session really runs on: "CPU", "CUDA", …"""
    return short(str(session.get_providers()[0]))


def short(provider: str) -> str:
    """A provider's name without its suffix."""
    return provider.removesuffix(SUFFIX)
