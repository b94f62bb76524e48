"""A second witness for the shipped networks: PyTorch's autograd, where it is installed (`pip install torch`)."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.convert.observe import session
from emoscope.convert.parity import OWN_LIMIT, worst
from emoscope.convert.passes import keep_outputs
from emoscope.network.bundle import open_bundle, shipped_models

torch = pytest.importorskip("torch", reason="PyTorch is not installed; it is a second witness only")
UNITS = 6


@pytest.mark.parametrize("name", shipped_models())
def test_pixels_of_a_channel(name: str):
    from tests.convert.torch_oracle import run

    bundle = open_bundle(name)
    faces = np.random.default_rng(0).random((UNITS, *bundle.contract.input.shape), dtype=np.float32)
    units = np.arange(UNITS)
    rules = ("gradient", "field", "guided", "deconvolution", "gradientxinput")
    names = [f"unit/{rule}/{layer}" for layer in bundle.contract.layer_names for rule in rules]
    ours = session(bundle.activations).run(names, {"faces": faces, "target": units * 0, "unit": units})
    forward = bundle.activations
    keep_outputs(forward, [f"activation/{layer}" for layer in bundle.contract.layer_names])
    found: dict[str, list[float]] = {rule: [] for rule in rules}
    for rule in ("gradient", "guided", "deconvolution"):
        x = torch.tensor(faces, requires_grad=True)
        values = run(forward, x, rule)
        for layer in bundle.contract.layer_names:
            maps = values[f"activation/{layer}"][torch.arange(UNITS), :, :, torch.tensor(units)].flatten(1)
            wanted = gradient(maps.clamp(min=0).pow(2).sum() / 2, x)
            found[rule].append(worst(ours[names.index(f"unit/{rule}/{layer}")], wanted))
            if rule == "gradient":
                found["gradientxinput"].append(worst(ours[names.index(f"unit/gradientxinput/{layer}")], wanted * faces))
                strongest = gradient(maps.gather(1, maps.argmax(1, keepdim=True)).sum(), x)
                found["field"].append(worst(ours[names.index(f"unit/field/{layer}")], strongest))
    print({rule: f"{np.nanmax(figures):.1e}" for rule, figures in found.items()})
    assert max(float(np.nanmax(figures)) for figures in found.values()) <= OWN_LIMIT


def gradient(score: object, x: object) -> np.ndarray:
    """∂ score / ∂ x, in NumPy."""
    (found,) = torch.autograd.grad(score, x, retain_graph=True)
    return found.numpy()
