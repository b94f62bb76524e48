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

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ..errors import UnknownDetectorError
from .blazeface import BlazeFace
from .finder import FaceFinder, Scan
from .mediapipe import MediaPipe
from .people import People
from .roll_alignment import PER_S, RollAligner
from .schedule import ScanPlan, TurnedScanPlan
from .yunet import YuNet

__all__ = ["FINDERS", "FaceFinder", "open_finder"]


YUNET_PLAN = ScanPlan(coarse=480, fine=960, window=(512, 320), overlap=64, per_s=20)
BLAZEFACE_PLAN = ScanPlan(coarse=256, fine=960, window=(384, 384), overlap=64, per_s=30)
TILTED_PLAN = ScanPlan(coarse=256, fine=640, window=(384, 384), overlap=64, per_s=1.5)
LYING_PLAN = TurnedScanPlan(edge=320, per_s=0.8)
YUNET_LEAST, BLAZEFACE_LEAST, LYING_LEAST = 0.7, 0.6, 0.75


def _auto(pace: float, people: People | None, gated: bool) -> FaceFinder:
    yunet = YuNet()
    upright = Scan(yunet, _paced(YUNET_PLAN, pace), YUNET_LEAST)
    tilted = Scan(BlazeFace("full"), _paced(TILTED_PLAN, pace), BLAZEFACE_LEAST)
    lying = Scan(yunet, _paced(LYING_PLAN, pace), LYING_LEAST)
    aligner = RollAligner(BlazeFace("short"), BLAZEFACE_LEAST, PER_S * pace)
    return FaceFinder([upright, tilted, lying], yunet, aligner, people, gated)


def _yunet(pace: float, people: People | None, gated: bool) -> FaceFinder:
    yunet = YuNet()
    return FaceFinder([Scan(yunet, _paced(YUNET_PLAN, pace), YUNET_LEAST)], yunet, people=people, gated=gated)


def _blazeface(pace: float, people: People | None, gated: bool) -> FaceFinder:
    scan = Scan(BlazeFace("full"), _paced(BLAZEFACE_PLAN, pace), BLAZEFACE_LEAST)
    return FaceFinder([scan], BlazeFace("short"), people=people, gated=gated)


def _mediapipe(pace: float, people: People | None, gated: bool) -> FaceFinder:
    scan = Scan(MediaPipe("full"), _paced(BLAZEFACE_PLAN, pace), BLAZEFACE_LEAST)
    return FaceFinder([scan], MediaPipe("short"), people=people, gated=gated)


P = TypeVar("P", ScanPlan, TurnedScanPlan)


def _paced(plan: P, pace: float) -> P:
    return replace(plan, per_s=plan.per_s * pace)


FINDERS: dict[str, Callable[[float, People | None, bool], FaceFinder]] = {
    "auto": _auto,
    "blazeface": _blazeface,
    "mediapipe": _mediapipe,
    "yunet": _yunet,
}
"""Name → how to open it; the choices of `--detector`."""


def open_finder(name: str = "auto", pace: float = 1.0, reidentify: bool = True, gated: bool = True) -> FaceFinder:
    """A face finder by name, a context manager.

    Args:
        name: a row of `FINDERS`.
        pace: looks for new faces, as a share of the detector's usual number a second.
        reidentify: whether a person who was away gets their number back.
        gated: whether looks for new faces are left out where nothing has changed.

    Raises:
        UnknownDetectorError: there is none of this name.
        ModelError: a shipped detector file is missing or damaged.
        SystemLibraryError: MediaPipe was asked for and is not installed.
    """
    if name not in FINDERS:
        raise UnknownDetectorError(f"there is no detector {name!r}: choose {', '.join(FINDERS)}")
    return FINDERS[name](pace, People() if reidentify else None, gated)
