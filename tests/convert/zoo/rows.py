"""One row: the file is made or found, converted by the command, and its heat held against autograd's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from emoscope.convert.cam_numpy import gradcam, normalised
from emoscope.network.bundle import open_bundle
from emoscope.network.contract import Contract
from emoscope.system.bundled import pretrained

from .__main__ import Row, converted
from .networks import EMOTIONS, NETWORKS, export

SHARED = Path(__file__).parents[3].with_name("shared") / "data"
FACES, LAYERS = 2, 12
"""So many faces, and so many layers beside the default one, are compared."""
ROUNDING = 1e-5

RGB = ["--channels", "rgb", "--scale", "0.00392157", "--layout", "NCHW", "--labels", EMOTIONS]
CASES = "cases/models"
FILES: dict[str, tuple[str, list[str]]] = {
    "mini_XCEPTION (Keras 2)": (
        "models/oarriaga_fer2013_mini_XCEPTION.107-0.66.hdf5",
        ["--scale", "0.00784314", "--offset=-1", "--labels", "angry,disgust,fear,happy,sad,surprise,neutral"],
    ),
    "fer.json + fer.h5": (f"{CASES}/fer.json", ["--scale", "0.00392157", "--labels", EMOTIONS]),
    "symtons": (f"{CASES}/symtons_emotion_model.onnx", ["--scale", "0.00392157", "--labels", EMOTIONS]),
    "split attention, dynamo": (f"{CASES}/split_attention_dynamo_b1.onnx", RGB),
    "CBAM": (f"{CASES}/cbam.onnx", RGB),
    "DDAMFN": (f"{CASES}/dda2.onnx", [*RGB[:-1], f"{EMOTIONS},contempt"]),
    "residual masking": (f"{CASES}/resmask.onnx", RGB),
    "GRN, a dead channel": (f"{CASES}/grn.onnx", RGB),
    "float64 island": (f"{CASES}/dbl.onnx", RGB),
    "Einsum": (f"{CASES}/eins.onnx", RGB),
    "two outputs": (f"{CASES}/two.onnx", RGB),
    "two outputs, --output": (f"{CASES}/two.onnx", [*RGB, "--output", "output"]),
    "two outputs, --keep": (f"{CASES}/two.onnx", [*RGB, "--keep", "11=valence,arousal"]),
    "quantised": (f"{CASES}/qdq.onnx", RGB),
    "git-lfs pointer": ("damaged/onnxmodels_emotion-ferplus-8_LFS_POINTER.onnx", RGB),
    "weights missing": ("damaged/adxstackdev_missing_external_data_emotion_model.onnx", RGB),
}


def names() -> list[str]:
    """Of all rows: files where they are there, then networks."""
    there = [name for name, (path, _) in FILES.items() if (SHARED / path).exists()]
    return [*there, *(path.name for path in sorted(pretrained().glob("*.keras"))), *NETWORKS]


def row(name: str, folder: Path) -> Row:
    """Makes one row, with its files in a folder of its own."""
    own = folder / re.sub(r"\W+", "_", name)
    own.mkdir(parents=True, exist_ok=True)
    if name in NETWORKS:
        path = own / "theirs.onnx"
        network = export(name, path)
        command = [str(path), *RGB]
    else:
        there, told = FILES.get(name, ("", []))
        path = SHARED / there if there else pretrained() / name
        network, command = None, [str(path), *told]
    status, said, seconds, megabytes = converted(["convert", *command, "-o", str(own), "-n", "ours"])
    if status:
        refusal = said.strip().replace(f"{path.parent}/", "").replace("|", "\\|")
        return Row(name, refusal, seconds=seconds, megabytes=megabytes)
    bundle = open_bundle(own / "ours.onnx")
    worst, compared = against(bundle.contract, bundle.activations, network or witness_of(path), batch_of(path))
    chosen = bundle.contract.layer(bundle.contract.default_layer)
    layer = f"{chosen.name} ({chosen.kind}, {chosen.height}×{chosen.width}×{chosen.channels})"
    return Row(name, "converts", layer, worst, compared, seconds, megabytes)


def batch_of(path: Path) -> int:
    """How many faces the file itself takes at once: FACES, or what it is fixed at."""
    if path.suffix != ".onnx":
        return FACES
    return onnx.load(path, load_external_data=False).graph.input[0].type.tensor_type.shape.dim[0].dim_value or FACES


def witness_of(path: Path) -> Callable[[Any], Any] | None:
    """The file itself run by PyTorch up to its logits, where it is an .onnx."""
    if path.suffix != ".onnx":
        return None
    from tests.convert.torch_oracle import run

    model = onnx.load(path)
    source = next(v.name for v in model.graph.input if v.name not in {t.name for t in model.graph.initializer})
    last = next(node for node in model.graph.node if model.graph.output[0].name in node.output)
    scores = last.input[0] if last.op_type == "Softmax" else last.output[0]
    return lambda x: run(model, x, source=source)[scores]


def cancels(slope: np.ndarray) -> bool:
    """Whether a map's slopes add up to rounding, as those of attention's keys do: then Grad-CAM is 0 / 0."""
    return bool(np.abs(slope.mean((1, 2))).max() < ROUNDING * np.abs(slope).mean())


def against(
    contract: Contract, graph: onnx.ModelProto, network: Callable[[Any], Any] | None, number: int = FACES
) -> tuple[float, str]:
    """The largest difference of a Grad-CAM heatmap, and how many layers were found in the network."""
    if network is None:
        return float("nan"), ""
    from .witness import gradient, run

    every = list(contract.layers)
    step = max(1, len(every) // LAYERS)
    chosen = {layer.name: layer for layer in (*every[::step], contract.layer(contract.default_layer))}
    wanted = [f"{kind}/{name}" for name in chosen for kind in ("activation", "cam/gradcam")]
    faces = np.random.default_rng(3).normal(0.5, 0.25, (number, *contract.input.shape)).astype(np.float32)
    target = np.arange(number, dtype=np.int64)
    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    ours = dict(zip(wanted, session.run(wanted, {"faces": faces, "target": target}), strict=True))
    scores, tensors = run(network, faces)
    differences = {}
    for name in chosen:
        maps = ours[f"activation/{name}"]
        slope = gradient(scores, target, maps, tensors)
        if slope is not None and not cancels(slope):
            heat = normalised(gradcam(maps, slope))
            differences[name] = float(np.abs(heat - ours[f"cam/gradcam/{name}"]).max())
    if contract.default_layer not in differences:
        return float("nan"), f"{len(differences)} of {len(every)}, not the default one"
    empty = not any(ours[f"cam/gradcam/{contract.default_layer}"].max((1, 2)))
    return max(differences.values()), f"{len(differences)} of {len(every)}" + (", NO HEAT" if empty else "")
