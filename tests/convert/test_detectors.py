"""BlazeFace's conversion: sparse weights are written out right, and the shipped files are what the script makes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import numpy_helper

from emoscope.convert.detectors import NAMES, dense, detectors
from emoscope.errors import ConversionError
from emoscope.system.bundled import pretrained


def axis(segments: list[int] | None = None, indices: list[int] | None = None) -> SimpleNamespace:
    """An axis: sparse where it has segments."""
    vectors = {"arraySegments": segments, "arrayIndices": indices}
    return SimpleNamespace(
        format=int(segments is not None), **{name: SimpleNamespace(values=value) for name, value in vectors.items()}
    )


def sparsity(*axes: SimpleNamespace, order: list[int] | None = None) -> SimpleNamespace:
    return SimpleNamespace(traversalOrder=order or list(range(len(axes))), dimMetadata=list(axes))


def test_rows_of_which_only_some_columns_are_stored():
    rows = sparsity(axis(), axis([0, 2, 2, 3], [0, 3, 1]))
    assert dense(np.array([1.0, 2.0, 3.0]), [3, 4], rows).tolist() == [[1, 0, 0, 2], [0, 0, 0, 0], [0, 3, 0, 0]]


def test_a_sparse_axis_in_the_middle():
    kernel = sparsity(axis(), axis([0, 1, 3], [2, 0, 1]), axis())
    whole = dense(np.arange(1.0, 7.0), [2, 3, 2], kernel)
    assert whole.tolist() == [[[0, 0], [0, 0], [1, 2]], [[3, 4], [5, 6], [0, 0]]]


def test_axes_in_another_order_are_refused():
    with pytest.raises(ConversionError, match="permuted"):
        dense(np.ones(4), [2, 2], sparsity(axis(), axis(), order=[1, 0]))


def test_the_shipped_files_are_what_the_script_makes(tmp_path):
    pytest.importorskip("tf2onnx")
    said = CliRunner().invoke(detectors, [str(tmp_path)], catch_exceptions=False)
    assert said.exit_code == 0
    for name in NAMES:
        made, shipped = (onnx.load(str(path / f"{name}.onnx")) for path in (tmp_path, pretrained() / "detectors"))
        assert [node.op_type for node in made.graph.node] == [node.op_type for node in shipped.graph.node]
        assert weights(made) == weights(shipped)


def weights(model: onnx.ModelProto) -> list[bytes]:
    return sorted(numpy_helper.to_array(tensor).tobytes() for tensor in model.graph.initializer)
