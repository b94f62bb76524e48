"""The rules, grouped as the ONNX operator reference groups its operators; importing this package fills the table."""

from convert.autodiff.rules import activations, arithmetic, convolution, linear, pooling, reductions, shapes

__all__ = ["activations", "arithmetic", "convolution", "linear", "pooling", "reductions", "shapes"]
