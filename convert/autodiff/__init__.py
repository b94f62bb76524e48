"""Reverse mode over ONNX: a table with one small rule per operator, and one walk."""

from convert.autodiff.builder import Builder, Shape
from convert.autodiff.graph import Graph, inputs_of
from convert.autodiff.sums import Sums
from convert.autodiff.walk import gradients

__all__ = ["Builder", "Graph", "Shape", "Sums", "gradients", "inputs_of"]
