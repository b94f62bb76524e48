"""What the table is made of: files as they are found, and networks that PyTorch's two exporters write.

Networks have random weights. Each exported one is a row of `NETWORKS`: what builds it, the edge of its pictures, and
how it is written. The exporters are "script", which traces TorchScript, and "dynamo", PyTorch's newer one.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLASSES = 7
EMOTIONS = "angry,disgust,fear,happy,neutral,sad,surprise"


@dataclass(frozen=True, slots=True)
class Exported:
    """A network of PyTorch's, and how it is written.

    Attributes:
        build: makes it.
        edge: of its pictures, in pixels.
        exporter: "script" or "dynamo".
        opset: that is asked for.
        batch: fixed, or None for any.
    """

    build: Callable[[], Any]
    edge: int
    exporter: str = "script"
    opset: int = 17
    batch: int | None = None


def timm(name: str, **settings: Any) -> Callable[[], Any]:
    """A network of PyTorch Image Models, its weights random; also those of a last layer that it begins with as zeros,
    through which nothing would flow back."""

    def build() -> Any:
        import timm as images

        network = images.create_model(name, pretrained=False, num_classes=CLASSES, **settings)
        last = network.get_classifier()
        if hasattr(last, "weight") and not last.weight.any():
            last.weight.data.normal_(std=0.02)
        return network

    return build


def vision(name: str) -> Callable[[], Any]:
    """A network of torchvision."""

    def build() -> Any:
        from torchvision import models

        return getattr(models, name)(weights=None, num_classes=CLASSES)

    return build


SMALL_SWIN = {"img_size": 112, "window_size": 7, "embed_dim": 48, "depths": (2, 2, 2), "num_heads": (3, 6, 12)}

NETWORKS: dict[str, Exported] = {
    "resnet18": Exported(timm("resnet18"), 224),
    "resnet18 dynamo": Exported(timm("resnet18"), 112, "dynamo", 18, 1),
    "resnet18 opset 11, batch 1": Exported(timm("resnet18"), 112, opset=11, batch=1),
    "vgg11_bn": Exported(timm("vgg11_bn"), 224),
    "convnext_atto": Exported(timm("convnext_atto"), 112),
    "convnext_atto dynamo": Exported(timm("convnext_atto"), 112, "dynamo", 20),
    "convnextv2_atto": Exported(timm("convnextv2_atto"), 112),
    "edgenext_xx_small": Exported(timm("edgenext_xx_small"), 128),
    "edgenext_xx_small dynamo": Exported(timm("edgenext_xx_small"), 128, "dynamo", 18, 1),
    "resnest14d": Exported(timm("resnest14d"), 112),
    "resnest14d dynamo": Exported(timm("resnest14d"), 112, "dynamo", 18, 1),
    "shufflenet_v2_x0_5": Exported(vision("shufflenet_v2_x0_5"), 112),
    "shufflenet_v2_x0_5 dynamo": Exported(vision("shufflenet_v2_x0_5"), 112, "dynamo", 18, 1),
    "efficientnet_b0": Exported(timm("efficientnet_b0"), 112, opset=13),
    "efficientnet_b0 dynamo": Exported(timm("efficientnet_b0"), 112, "dynamo", 18),
    "regnety_002": Exported(timm("regnety_002"), 112),
    "regnety_002 dynamo": Exported(timm("regnety_002"), 112, "dynamo", 18, 1),
    "mobileone_s0": Exported(timm("mobileone_s0"), 112),
    "mobileone_s0 dynamo": Exported(timm("mobileone_s0"), 112, "dynamo", 21),
    "mobilenetv3_small_050": Exported(timm("mobilenetv3_small_050"), 112, opset=12),
    "ghostnet_050": Exported(timm("ghostnet_050"), 112),
    "densenet121": Exported(timm("densenet121"), 64),
    "hrnet_w18_small": Exported(timm("hrnet_w18_small"), 64),
    "res2net50_14w_8s": Exported(timm("res2net50_14w_8s"), 64, batch=1),
    "skresnet18": Exported(timm("skresnet18"), 64),
    "vovnet39a": Exported(timm("vovnet39a"), 64),
    "resnetv2_18": Exported(timm("resnetv2_18"), 64),
    "poolformer_s12": Exported(timm("poolformer_s12"), 112),
    "vit_tiny": Exported(timm("vit_tiny_patch16_224"), 224),
    "vit_tiny dynamo, batch 1": Exported(timm("vit_tiny_patch16_224"), 224, "dynamo", 18, 1),
    "vit_tiny average pooled": Exported(timm("vit_tiny_patch16_224", global_pool="avg", class_token=False), 224),
    "deit_tiny": Exported(timm("deit_tiny_patch16_224"), 224, opset=14, batch=1),
    "deit_tiny_distilled": Exported(timm("deit_tiny_distilled_patch16_224"), 224),
    "swin": Exported(timm("swin_tiny_patch4_window7_224", **SMALL_SWIN), 112, batch=1),
    "swin dynamo": Exported(timm("swin_tiny_patch4_window7_224", **SMALL_SWIN), 112, "dynamo", 18, 1),
    "swin any batch": Exported(timm("swin_tiny_patch4_window7_224", **SMALL_SWIN), 112),
    "mobilevit_xxs": Exported(timm("mobilevit_xxs"), 128),
    "mobilevit_xxs dynamo, batch 1": Exported(timm("mobilevit_xxs"), 128, "dynamo", 18, 1),
    "mobilevitv2_050": Exported(timm("mobilevitv2_050"), 128),
    "mixer_s32": Exported(timm("mixer_s32_224"), 224),
    "pvt_v2_b0": Exported(timm("pvt_v2_b0"), 112),
    "levit_128s": Exported(timm("levit_128s"), 224),
    "tiny_vit_5m": Exported(timm("tiny_vit_5m_224"), 224),
    "efficientformer_l1": Exported(timm("efficientformer_l1"), 224),
}


def export(name: str, path: Path) -> Any:
    """Writes a network to a file, and returns it."""
    import torch

    row = NETWORKS[name]
    torch.manual_seed(0)
    network = row.build().eval()
    settle(network)
    keep_values(network)
    example = (torch.zeros(row.batch or 2, 3, row.edge, row.edge),)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if row.exporter == "dynamo":
            sizes = None if row.batch else ({0: torch.export.Dim("batch")},)
            torch.onnx.export(
                network, example, path, opset_version=row.opset, dynamo=True, dynamic_shapes=sizes, verbose=False
            )
        else:
            axes = None if row.batch else {"input": {0: "batch"}, "output": {0: "batch"}}
            names = {"input_names": ["input"], "output_names": ["output"], "dynamic_axes": axes}
            torch.onnx.export(network, example, path, opset_version=row.opset, dynamo=False, **names)
    return network


def settle(network: Any) -> None:
    """Random numbers where a fresh network has zeros and ones, so that no branch is dead and no two are equal."""
    import torch

    for name, values in (*network.named_parameters(), *network.named_buffers()):
        if not values.dtype.is_floating_point or values.ndim != 1:
            continue
        with torch.no_grad():
            if "var" in name or (name.endswith(("weight", "gamma")) and values.ndim == 1):
                values.uniform_(0.5, 1.5)
            elif name.endswith(("bias", "mean")):
                values.normal_(0, 0.1)


def keep_values(network: Any) -> None:
    """No module overwrites what it is given, so that the witness finds every layer."""
    for module in network.modules():
        if getattr(module, "inplace", False) is True:
            module.inplace = False
