"""A shipped detector in onnxruntime: one session, quiet, for pictures of many sizes and numbers."""

from __future__ import annotations

import onnx
import onnxruntime

from ..system.bundled import bundled, pretrained
from ..system.providers import check_running, providers_of


def detector_session(model: onnx.ModelProto, threads: int, provider: str) -> onnxruntime.InferenceSession:
    """A session of a detector.

    Args:
        model: with the number of pictures left open.
        threads: inside one call.
        provider: an execution provider, or "auto"; see `emoscope.system.providers`.

    Raises:
        ModelError: the provider cannot be had.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_mem_pattern = False  # one is kept for each size and number of pictures, of which there are many
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = providers_of(provider)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)
    check_running(session, providers)
    return session


def shipped(name: str) -> onnx.ModelProto:
    """A detector's file, checked against its SHA-256.

    Raises:
        ModelError: it is missing or not the one that was shipped.
    """
    return onnx.load(str(bundled(pretrained() / "detectors", f"{name}.onnx")))
