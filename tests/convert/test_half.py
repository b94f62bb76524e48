"""Weights in float16: half the size, the same answers, and a refusal where they are not."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from emoscope.convert.half import compare, halved
from emoscope.errors import ConversionError
from emoscope.network.bundle import ModelBundle, open_bundle
from emoscope.network.network import Network, Request


@pytest.fixture(scope="module")
def whole() -> ModelBundle:
    return open_bundle("gmp")


def test_half_the_size_and_the_same_answers(whole: ModelBundle):
    half = halved(whole)
    for one, other in ((half.classifier, whole.classifier), (half.activations, whole.activations)):
        onnx.checker.check_model(one)
        assert one.ByteSize() < 0.56 * other.ByteSize()
        assert one.metadata_props == other.metadata_props
        assert [value.name for value in one.graph.input] == [value.name for value in other.graph.input]
    faces = np.random.default_rng(0).random((4, *whole.contract.input.shape), np.float32)
    request = Request(whole.contract.default_layer, maps=True, method="layercam")
    small, large = (Network(one).answer(faces, request) for one in (half, whole))
    np.testing.assert_allclose(small.probabilities, large.probabilities, atol=0.01)
    assert small.maps is not None and large.maps is not None
    np.testing.assert_allclose(small.maps, large.maps, atol=0.01 * np.abs(large.maps).max())


def test_what_it_changed_is_told(whole: ModelBundle):
    lines = list(compare(halved(whole), whole))
    assert lines[0].startswith("float16: classifier 1.62 → 0.8") and "the same answer for 100.0% of " in lines[2]
    assert "heat within" in lines[2]


def test_weights_that_float16_cannot_hold_stay(whole: ModelBundle):
    """And a network of which it keeps nothing is refused."""
    large, tiny = (_scaled(whole, factor) for factor in (1e6, 1e-9))
    kept = {tensor.name for tensor in halved(large).classifier.graph.initializer}
    assert kept == {tensor.name for tensor in large.classifier.graph.initializer}
    with pytest.raises(ConversionError, match="float16 keeps too little of these weights"):
        list(compare(halved(tiny), whole))


def _scaled(bundle: ModelBundle, factor: float) -> ModelBundle:
    """The same graphs, their large weights times a factor."""
    made = []
    for model in (bundle.classifier, bundle.activations):
        copy = onnx.ModelProto.FromString(model.SerializeToString())
        for tensor in copy.graph.initializer:
            numbers = numpy_helper.to_array(tensor)
            if numbers.dtype == np.float32 and numbers.size >= 256:
                numbers = np.sign(numbers) * np.maximum(np.abs(numbers), 1e-3) * np.float32(factor)
                tensor.CopyFrom(numpy_helper.from_array(numbers.astype(np.float32), tensor.name))
        made.append(copy)
    return ModelBundle(bundle.name, bundle.contract, *made)
