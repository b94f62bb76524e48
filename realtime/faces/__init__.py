"""Faces in a stream of pictures: `open_finder` gives a `FaceFinder`, whose `find` gives the faces of one frame.

    with open_finder("auto") as finder:
        for frame in source:
            faces = finder.find(frame.image, frame.time_s)

    auto        YuNet scans and measures, also with the picture on either side and upside down; BlazeFace notices
                heads that tilt, whose ROIs are then turned for YuNet
    yunet       YuNet alone: small faces, steady boxes; loses heads that are tilted by more than 45°
    blazeface   BlazeFace alone: tilted heads; misses small faces, and its boxes and eyes shake more
    mediapipe   the same, by MediaPipe itself (extra `mediapipe`): to compare with, and for whoever has to use it

A whole-frame look of YuNet costs a third in onnxruntime of what it costs in OpenCV, and an ROI a quarter of what
BlazeFace takes for one. That is why YuNet does the measuring.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..errors import UnknownDetectorError
from ..system.providers import AUTO
from .blazeface import BlazeFace
from .detector import Detector
from .finder import FaceFinder, Scan
from .mediapipe import MediaPipe
from .people import People
from .roll_alignment import PER_S, RollAligner
from .schedule import ScanPlan, TurnedScanPlan
from .yunet import YuNet

__all__ = ["FINDERS", "FaceFinder", "open_finder"]


YUNET_PLAN = ScanPlan(coarse=480, fine=960, window=(512, 320), overlap=36, per_s=20)
"""A face too large to lie whole in one window is 18 pixels wide in the coarse look, which shows it."""
BLAZEFACE_PLAN = ScanPlan(coarse=256, fine=960, window=(384, 384), overlap=64, per_s=30)
TILTED_PLAN = ScanPlan(coarse=256, fine=640, window=(384, 384), overlap=64, per_s=1.5)
LYING_PLAN = TurnedScanPlan(edge=320, per_s=0.8)
YUNET_LEAST, BLAZEFACE_LEAST, LYING_LEAST = 0.7, 0.6, 0.75


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How a finder is to be; see `open_finder`."""

    pace: float
    people: People | None
    gated: bool
    provider: str

    def finder(self, scans: Sequence[Scan], closer: Detector, aligner: RollAligner | None = None) -> FaceFinder:
        return FaceFinder(scans, closer, aligner, self.people, self.gated)


def _auto(wanted: _Wanted) -> FaceFinder:
    yunet, pace, provider = YuNet(provider=wanted.provider), wanted.pace, wanted.provider
    upright = Scan(yunet, _paced(YUNET_PLAN, pace), YUNET_LEAST)
    tilted = Scan(BlazeFace("full", provider=provider), _paced(TILTED_PLAN, pace), BLAZEFACE_LEAST)
    lying = Scan(yunet, _paced(LYING_PLAN, pace), LYING_LEAST)
    aligner = RollAligner(BlazeFace("short", provider=provider), BLAZEFACE_LEAST, PER_S * pace)
    return wanted.finder([upright, tilted, lying], yunet, aligner)


def _yunet(wanted: _Wanted) -> FaceFinder:
    yunet = YuNet(provider=wanted.provider)
    return wanted.finder([Scan(yunet, _paced(YUNET_PLAN, wanted.pace), YUNET_LEAST)], yunet)


def _blazeface(wanted: _Wanted) -> FaceFinder:
    full, short = (BlazeFace(name, provider=wanted.provider) for name in ("full", "short"))
    return wanted.finder([Scan(full, _paced(BLAZEFACE_PLAN, wanted.pace), BLAZEFACE_LEAST)], short)


def _mediapipe(wanted: _Wanted) -> FaceFinder:
    scan = Scan(MediaPipe("full"), _paced(BLAZEFACE_PLAN, wanted.pace), BLAZEFACE_LEAST)
    return wanted.finder([scan], MediaPipe("short"))


P = TypeVar("P", ScanPlan, TurnedScanPlan)


def _paced(plan: P, pace: float) -> P:
    return replace(plan, per_s=plan.per_s * pace)


FINDERS: dict[str, Callable[[_Wanted], FaceFinder]] = {
    "auto": _auto,
    "blazeface": _blazeface,
    "mediapipe": _mediapipe,
    "yunet": _yunet,
}
"""Name → how to open it; the choices of `--detector`."""


def open_finder(
    name: str = "auto", pace: float = 1.0, reidentify: bool = True, gated: bool = True, provider: str = AUTO
) -> FaceFinder:
    """A face finder by name, a context manager.

    Args:
        name: a row of `FINDERS`.
        pace: looks for new faces, as a share of the detector's usual number a second.
        reidentify: whether a person who was away gets their number back.
        gated: whether looks for new faces are left out where nothing has changed.
        provider: of onnxruntime, on which the detectors run; MediaPipe has its own.

    Raises:
        UnknownDetectorError: there is none of this name.
        ModelError: a shipped detector file is missing or damaged, or the provider cannot be had.
        SystemLibraryError: MediaPipe was asked for and is not installed.
    """
    if name not in FINDERS:
        raise UnknownDetectorError(f"there is no detector {name!r}: choose {', '.join(FINDERS)}")
    return FINDERS[name](_Wanted(pace, People() if reidentify else None, gated, provider))
