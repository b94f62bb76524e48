"""The bundle in half the space: weights are kept in float16 and reckoned with in float32.

    W float32 ─▶ W      becomes      W/half float16 ─Cast─▶ W

onnxruntime casts once, when a session is made: answers take no longer, on any processor, and no operator needs a kernel
of its own for float16. Weights that float16 cannot hold stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import onnx
from onnx import numpy_helper

from emoscope.api import Reader
from emoscope.errors import ConversionError
from emoscope.media.raster import raster_of
from emoscope.network.bundle import ModelBundle
from emoscope.network.contract import Contract
from emoscope.network.held import numbers
from emoscope.network.network import Network, Request
from emoscope.reading.crops import cut_crops, to_batch
from emoscope.system.bundled import assets
from emoscope.types import Floats

LEAST = 256
"""Numbers from which on a weight is worth a cast."""
CLIP, EVERY = "demo.mp4", 10
"""The bundled film, whose faces both are asked about, and which of its frames."""
AGREEING, MOVED = 0.98, 0.05
"""Share of the same answers, and difference of a probability, that are asked for."""


def halved(bundle: ModelBundle) -> ModelBundle:
    """The same bundle, its weights in float16."""
    return replace(bundle, classifier=_halved(bundle.classifier), activations=_halved(bundle.activations))


def compare(half: ModelBundle, whole: ModelBundle) -> Iterator[str]:
    """What the smaller weights changed, in words.

    Raises:
        ConversionError: they changed too much.
    """
    for name in ("classifier", "activations"):
        sizes = [getattr(one, name).ByteSize() / 1e6 for one in (whole, half)]
        yield f"float16: {name} {sizes[0]:.2f} → {sizes[1]:.2f} MB"
    faces = _faces(whole.contract)
    request = Request(whole.contract.default_layer, method=whole.contract.default_method)
    small, large = (Network(one).answer(faces, request) for one in (half, whole))
    same = float((small.probabilities.argmax(1) == large.probabilities.argmax(1)).mean())
    moved = float(np.abs(small.probabilities - large.probabilities).max())
    told = f"the same answer for {same:.1%} of {len(faces)} faces of the bundled clip, probabilities within {moved:.4f}"
    if same < AGREEING or moved > MOVED:
        raise ConversionError(f"float16 keeps too little of these weights ({told}): convert without --fp16")
    heat = ""
    if small.heat is not None and large.heat is not None:
        apart = np.abs(small.heat - large.heat).reshape(len(faces), -1).max(1)
        heat = f", heat within {np.median(apart):.3f} (median face), {apart.max():.3f} (worst)"
    yield f"float16: {told}{heat}"


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    half = onnx.ModelProto()
    half.CopyFrom(model)
    fed = {value.name for value in half.graph.input}
    casts = []
    for tensor in half.graph.initializer:
        whole = numbers(tensor)
        if whole.dtype != np.float32 or whole.size < LEAST or tensor.name in fed:
            continue
        with np.errstate(over="ignore"):
            short = whole.astype(np.float16)
        if np.isfinite(short).all():
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(short, f"{name}/half"))
            casts.append(
                onnx.helper.make_node("Cast", [f"{name}/half"], [name], f"{name}/whole", to=onnx.TensorProto.FLOAT)
            )
    nodes = [*casts, *half.graph.node]
    del half.graph.node[:]
    half.graph.node.extend(nodes)
    return half


def _faces(contract: Contract) -> Floats:
    """(N, …) faces of the bundled clip, as a network of this contract is fed."""
    crops = []
    with Reader() as reader:
        for frame in reader.watch(assets() / CLIP, every=EVERY):
            faces = [one.reading.face for one in frame.faces]
            if faces:
                crops.append(cut_crops(raster_of(frame.image), faces, contract))
    return to_batch(np.concatenate(crops), contract.input)
