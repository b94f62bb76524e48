"""The sessions: right numbers, only what is wanted, and no waiting for a layer that is being prepared."""

from __future__ import annotations

from threading import Event, Thread
from threading import enumerate as enumerate_threads

import numpy as np
import pytest

from emoscope.errors import ContractError, ModelError
from emoscope.network.bundle import ModelBundle, open_bundle
from emoscope.network.network import PREDICTED, RULES, Network, Request
from tests.realtime.tiny import CONTRACT
from tests.waiting import PATIENCE_S, until


def even(*values: float) -> np.ndarray:
    """Faces that are the same everywhere."""
    return np.stack([np.full((4, 4, 1), value, np.float32) for value in values])


def test_probabilities_of_several_faces_in_one_call(network: Network):
    answer = network.answer(even(1, 0, 0.5), Request())
    e = np.e**2
    np.testing.assert_allclose(
        answer.probabilities,
        [[e / (e + 2), 1 / (e + 2), 1 / (e + 2)], [1 / (e + 2), e / (e + 2), 1 / (e + 2)], _softmax([1, 1, 0])],
        rtol=1e-6,
    )
    assert answer.maps is None
    assert answer.heat is None


def test_maps_of_the_layer_that_was_asked_for(network: Network):
    answer = network.answer(even(0.25), Request("pool1", maps=True))
    np.testing.assert_allclose(answer.maps, np.broadcast_to([0.25, 0.75], (1, 2, 2, 2)))
    assert answer.heat is None


def test_heat_speaks_for_its_target(network: Network):
    face = even(0.0)
    face[0, :2] = 0.5  # the upper half: conv1 = (0.5, 0.5) there and (0, 1) below
    request = Request("conv1", method="gradcam")
    happy, sad, neutral = (network.answer(face, request, np.array([target])).heat[0] for target in range(3))
    np.testing.assert_allclose(happy[:2], 1)
    np.testing.assert_allclose(happy[2:], 0)
    np.testing.assert_allclose(sad[:2], 0.5)
    np.testing.assert_allclose(sad[2:], 1)
    assert not neutral.any()


def test_saliency_is_the_inputs_own_whatever_layer_is_looked_at():
    network = Network(open_bundle("gmp"))
    faces = np.random.default_rng(3).random((2, 48, 48, 1), dtype=np.float32)
    first, last = (network.answer(faces, Request(layer, method="saliency")).heat for layer in ("conv1", "pool3"))
    assert network.heat_layer(Request("pool3", method="saliency")) == "input"
    assert network.heat_layer(Request("pool3", method="gradcam")) == "pool3"
    assert first.shape == (2, 48, 48)
    np.testing.assert_array_equal(first, last)


def test_where_the_input_cannot_be_explained_saliency_is_the_layers(network: Network):
    assert network.heat_layer(Request("pool1", method="saliency")) == "pool1"


def test_a_session_that_cannot_be_built_is_told_to_who_asks_for_its_answer(
    network: Network, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*what: object) -> None:
        raise ModelError("out of memory")

    request = Request("conv1", maps=True)
    monkeypatch.setattr(network, "_session", refuse)
    until(lambda: network.ready(request))
    with pytest.raises(ModelError, match="out of memory"):
        network.answer(even(0.5), request)


def test_without_a_target_the_predicted_class_is_explained(network: Network):
    faces = np.random.default_rng(3).random((5, 4, 4, 1), dtype=np.float32)
    request = Request("conv1", method="layercam")
    free = network.answer(faces, request)
    chosen = network.answer(faces, request, free.probabilities.argmax(1))
    followed = network.answer(faces, request, np.full(5, PREDICTED))
    np.testing.assert_array_equal(free.heat, chosen.heat)
    np.testing.assert_array_equal(free.heat, followed.heat)


def test_a_session_computes_nothing_else(network: Network):
    only_maps = network.prepare(Request("conv1", maps=True))
    assert [value.name for value in only_maps.get_outputs()] == ["probabilities", "activation/conv1"]
    whole = network.prepare(Request("conv1", maps=True, method="gradcam"))
    assert "cam/gradcam/conv1" in [value.name for value in whole.get_outputs()]
    assert network.prepare(Request("conv1", maps=True)) is only_maps


def test_all_layers_in_one_call(network: Network):
    one = network.answer(even(1, 0.5), Request("pool1", maps=True))
    every = network.answer(even(1, 0.5), Request("pool1", maps=True, method="gradcam", every=True))
    assert [maps.shape for maps in every.layers] == [(2, 4, 4, 2), (2, 2, 2, 2)]
    np.testing.assert_array_equal(every.maps, one.maps)
    np.testing.assert_array_equal(every.layers[1], one.maps)
    assert every.heat is not None
    assert network.answer(even(1), Request("conv1", every=True)).maps is None


def test_readiness_builds_beside_the_running_session(network: Network, monkeypatch: pytest.MonkeyPatch):
    request, go = Request("conv1", maps=True), Event()
    build = network._session
    monkeypatch.setattr(network, "_session", lambda *what: go.wait(PATIENCE_S) and build(*what))
    assert network.ready(Request())
    assert not network.ready(request)
    assert not network.ready(request)
    go.set()
    until(lambda: network.ready(request))


def test_the_end_of_the_program_waits_for_sessions_that_a_daemon_asked_for(
    network: Network, monkeypatch: pytest.MonkeyPatch
):
    go, build = Event(), network._session
    monkeypatch.setattr(network, "_session", lambda *what: go.wait(PATIENCE_S) and build(*what))
    asking = Thread(target=network.ready, args=(Request("conv1", maps=True),), daemon=True)
    asking.start()
    asking.join(PATIENCE_S)
    building = [thread.daemon for thread in enumerate_threads() if thread.name == "session"]
    go.set()
    assert building == [False]


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        (Request("conv9", maps=True), ContractError, "no layer 'conv9'; it has conv1, pool1"),
        (Request("conv1", method="guess"), ModelError, "has no method 'guess': gradcam, layercam"),
    ],
)
def test_what_the_model_does_not_have(network: Network, request_: Request, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        network.prepare(request_)


def test_providers(tiny_bundle: ModelBundle):
    assert Network(tiny_bundle, "CPU").provider == "CPU"
    assert Network(tiny_bundle).provider
    with pytest.raises(ModelError, match=r"provider 'warp' is not installed; there are .*cpu"):
        Network(tiny_bundle, "warp")


def test_a_graph_that_onnxruntime_refuses(tiny_bundle: ModelBundle):
    broken = ModelBundle("broken", CONTRACT, _without_weights(tiny_bundle), tiny_bundle.activations)
    with pytest.raises(ModelError, match="broken: onnxruntime refuses the model") as caught:
        Network(broken)
    assert "\n" not in str(caught.value)


def _without_weights(bundle: ModelBundle):
    model = type(bundle.classifier)()
    model.CopyFrom(bundle.classifier)
    nodes = [node for node in model.graph.node if "weights" not in node.output]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _softmax(logits: list[float]) -> np.ndarray:
    powers = np.exp(logits)
    return powers / powers.sum()


def test_only_the_last_few_sessions_are_kept(tiny_bundle: ModelBundle):
    network = Network(tiny_bundle, "cpu", kept=2)
    first, second = Request("conv1", maps=True), Request("pool1", maps=True)
    kept = network.prepare(first)
    network.prepare(second)
    assert network.prepare(first) is kept
    network.prepare(Request("conv1", method="gradcam"))
    assert network.ready(first)
    assert not network.ready(second)
    assert network.ready(Request())
    until(lambda: network.ready(second))


def test_ways_back_and_contrasts_of_a_shipped_pair() -> None:
    network = Network(open_bundle("gmp"), kept=4)
    faces = np.random.default_rng(0).random((3, *network.contract.input.shape), dtype=np.float32)
    assert network.rules("pool1") == RULES
    found = network.answer(faces, Request("pool1", maps=True, rule="gradient", unit=5))
    assert found.pixels is not None and found.pixels.shape == faces.shape
    assert (
        found.maps is not None
        and found.pixels.any(axis=(1, 2, 3)).tolist() == (found.maps[..., 5] > 0).any((1, 2)).tolist()
    )
    plain, told = (network.answer(faces, Request("pool1", method="layercam", against=other)).heat for other in (-1, -2))
    assert plain is not None and told is not None and np.abs(plain - told).max() > 0.05
    assert network.fitting(Request("pool1", rule="gradient", unit=5)).rule == "gradient"


def test_an_older_pair_shows_what_it_has(network: Network) -> None:
    wish = Request("pool1", maps=True, rule="gradient", unit=1, against=-2)
    assert network.rules("pool1") == () and not network.contrasts
    assert network.fitting(wish) == Request("pool1", maps=True)
    with pytest.raises(ModelError, match="knows nothing of 'unit/gradient/pool1': run `emoscope convert` again"):
        network.answer(np.zeros((1, 4, 4, 1), np.float32), wish)
    with pytest.raises(ModelError, match="knows nothing of 'against'"):
        network.answer(np.zeros((1, 4, 4, 1), np.float32), Request("pool1", method="gradcam", against=-2))
