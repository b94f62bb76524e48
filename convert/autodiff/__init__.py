"""Reverse mode over ONNX: a table with one small rule per operator (`rules/`, kept in `table.py`), and one walk."""

from .builder import Builder, Shape
from .graph import Graph, inputs_of
from .sums import Sums
from .walk import gradients

__all__ = ["Builder", "Graph", "Shape", "Sums", "gradients", "inputs_of"]
