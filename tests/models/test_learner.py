"""The parts of a training step against Keras' own and against arithmetic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models import backend
from emoscope.models.architectures import Design
from emoscope.models.data.dataset import Split
from emoscope.models.recipe import STRONG, Recipe
from emoscope.network.contract import InputSpec

tf = backend.start()

import keras  # noqa: E402

from emoscope.models.training import batches as preparing  # noqa: E402
from emoscope.models.training import learner as learners  # noqa: E402
from emoscope.models.training import loop  # noqa: E402
from emoscope.models.training import precision as precisions  # noqa: E402
from emoscope.models.training.batches import batches  # noqa: E402
from emoscope.models.training.learner import Learner  # noqa: E402
from emoscope.models.training.losses import class_weights, cross_entropy  # noqa: E402
from emoscope.models.training.norm import FusedNorm  # noqa: E402
from emoscope.models.training.precision import card_policy  # noqa: E402

DESIGN = Design(InputSpec(16, 16), 3, width=0.25, dropout=0.0)
ONES = np.ones(3, np.float32)


def test_fused_norm_equals_keras_own() -> None:
    import keras

    batch = tf.constant(np.random.default_rng(0).normal(2, 3, (8, 6, 6, 5)).astype(np.float32))
    results = []
    for kind in (keras.layers.BatchNormalization, FusedNorm):
        layer = kind(momentum=0.7)
        layer.build(batch.shape)
        with tf.GradientTape() as tape:
            tape.watch(batch)
            output = layer(batch, training=True)
            loss = tf.reduce_sum(tf.sin(output))
        gradients = tape.gradient(loss, [batch, layer.gamma.value, layer.beta.value])
        results.append([output, *gradients, layer.moving_mean, layer(batch, training=False)])
    for own, fused in zip(*results, strict=True):
        np.testing.assert_allclose(own, fused, rtol=2e-3, atol=2e-3)


def test_a_frozen_norm_neither_learns_nor_remembers() -> None:
    layer = FusedNorm()
    layer.build((None, 4, 4, 2))
    layer.trainable = False
    before = [np.array(weight) for weight in layer.get_weights()]
    batch = np.full((2, 4, 4, 2), 5, np.float32)
    np.testing.assert_allclose(layer(batch, training=True), batch / np.sqrt(1.001), rtol=1e-5)
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_cross_entropy_by_hand() -> None:
    logits = np.log(np.array([[[0.5, 0.25, 0.25]], [[0.1, 0.8, 0.1]]], np.float32))
    targets = np.array([[[1, 0, 0]], [[0, 0, 0]]], np.float32)
    assert float(cross_entropy(targets, logits, ONES, 0.0)) == pytest.approx(np.log(2) / 2)
    assert float(cross_entropy(targets, logits, np.array([3, 1, 1], np.float32), 0.0)) == pytest.approx(1.5 * np.log(2))
    smooth = (0.7 + 0.1) * np.log(2) + 0.2 * np.log(4)
    assert float(cross_entropy(targets, logits, ONES, 0.3)) == pytest.approx(smooth / 2, rel=1e-5)


def test_class_weights_come_from_frequencies_or_the_user(split: Split) -> None:
    assert class_weights(Recipe(), split).tolist() == [1, 1]
    assert class_weights(Recipe(balanced=True), split).tolist() == [1.5, 0.75]
    assert class_weights(Recipe(class_weights=(3, 1)), split).tolist() == [3, 1]
    with pytest.raises(DataError, match="3 class weights for 2 classes"):
        class_weights(Recipe(class_weights=(3, 1, 1)), split)


def batch(tasks: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    targets = np.eye(3, dtype=np.float32)[random.integers(0, 3, (16, tasks))]
    return random.random((16, 16, 16, 1), np.float32), targets


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_steps_lower_the_loss(optimizer: str) -> None:
    learner = Learner("gmp", DESIGN, Recipe(optimizer=optimizer, weight_decay=1e-4), ONES)
    losses = [float(learner.step(*batch(), np.float32(0.01), np.float32(0.5))[0]) for _ in range(25)]
    assert np.mean(losses[-3:]) < 0.7 * losses[0]


def test_the_average_follows_the_weights() -> None:
    learner = Learner("gmp", DESIGN, Recipe(), ONES)
    start = learner.averaged().get_layer("logits").get_weights()[0]
    learner.step(*batch(), np.float32(0.01), np.float32(0.75))
    now = np.asarray(learner.network.get_layer("logits").kernel)
    averaged = learner.averaged().get_layer("logits").get_weights()[0]
    np.testing.assert_allclose(averaged, 0.75 * start + 0.25 * now, rtol=1e-5)
    assert np.abs(now - start).max() > 1e-3


def test_each_label_set_has_its_own_network() -> None:
    learner = Learner("gmp", DESIGN, Recipe(), ONES, tasks=2)
    inputs, _ = batch()
    both = np.asarray(learner.network(inputs, training=False)).astype(np.float32)
    for task in range(2):
        ours = both[:, 3 * task : 3 * task + 3]
        alone = np.asarray(learner.averaged(task)(inputs, training=False))
        np.testing.assert_allclose(ours / ours.sum(axis=1, keepdims=True), alone, atol=0.02)


def test_frozen_steps_change_only_the_last_layer() -> None:
    learner = Learner("gmp", DESIGN, Recipe(), ONES)
    before = {layer.name: [np.array(weight) for weight in layer.get_weights()] for layer in learner.network.layers}
    learner.freeze(True)
    learner.step(*batch(), np.float32(0.1), np.float32(0.5), True)
    changed = {
        layer.name
        for layer in learner.network.layers
        if any((old != new).any() for old, new in zip(before[layer.name], layer.get_weights(), strict=True))
    }
    assert changed == {"logits"}
    learner.freeze(False)
    learner.step(*batch(), np.float32(0.1), np.float32(0.5), False)
    assert (np.asarray(learner.network.get_layer("conv1").kernel) != before["conv1"][0]).any()


@pytest.mark.parametrize("name", ["gmp", "mobilenetv2"])
def test_a_short_run_forgets_where_the_statistics_began(name: str) -> None:
    """After a few dozen steps whose batches are all alike, what is remembered is what was seen."""
    learner = Learner(name, replace(DESIGN, input=InputSpec(32, 32)), Recipe(), ONES)
    inputs = np.random.default_rng(3).random((16, 32, 32, 1), np.float32)
    for _ in range(30):
        learner.step(inputs, batch()[1], np.float32(0), np.float32(0))
    norm = next(layer for layer in learner.network.layers if "bn" in layer.name.lower())
    seen = keras.Model(learner.network.inputs, norm.input)(inputs)
    mean, variance = (np.asarray(value, np.float32) for value in tf.nn.moments(tf.cast(seen, tf.float32), (0, 1, 2)))
    np.testing.assert_allclose(norm.moving_mean, mean, atol=0.01)
    np.testing.assert_allclose(norm.moving_variance, variance, atol=0.01)
    assert isinstance(norm.momentum, float)


def test_the_state_is_everything_a_step_depends_on() -> None:
    first, second = (Learner("gmp", replace(DESIGN, dropout=0.5), Recipe(seed=seed), ONES) for seed in (0, 1))
    first.step(*batch(), np.float32(0.01), np.float32(0.5))
    second.state = first.state
    losses = [float(learner.step(*batch(), np.float32(0.01), np.float32(0.5))[0]) for learner in (first, second)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for ours, theirs in zip(first.state, second.state, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_in_float16_the_loss_is_scaled_and_learning_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a card that has units for float16 and none for bfloat16."""
    monkeypatch.setattr(learners, "policy", lambda onednn: "mixed_float16")
    first, second = (Learner("gmp", DESIGN, Recipe(weight_decay=1e-4, seed=seed), ONES) for seed in (0, 1))
    assert first.precision == "float16" and first.network.get_layer("conv1").compute_dtype == "float16"
    assert first.plain.get_layer("conv1").compute_dtype == "float32"
    losses = [float(first.step(*batch(), np.float32(0.01), np.float32(0.5))[0]) for _ in range(25)]
    assert np.mean(losses[-3:]) < 0.7 * losses[0]
    second.state = first.state
    assert float(second._scaled.dynamic_scale.numpy()) == float(first._scaled.dynamic_scale.numpy()) > 1
    again = [float(one.step(*batch(), np.float32(0.01), np.float32(0.5))[0]) for one in (first, second)]
    assert again[0] == pytest.approx(again[1], rel=1e-2)


@pytest.mark.parametrize(
    ("capability", "chosen"),
    [(9, "mixed_bfloat16"), (8, "mixed_bfloat16"), (7, "mixed_float16"), (6, "float32"), (0, "float32")],
)
def test_a_card_is_trained_on_in_what_it_multiplies(capability: int, chosen: str) -> None:
    assert card_policy(capability) == chosen


@pytest.mark.parametrize(
    ("flags", "onednn", "chosen"),
    [
        ("amx_bf16 avx512_bf16", True, "mixed_bfloat16"),
        ("amx_bf16", False, "float32"),
        ("avx512_bf16", True, "float32"),
    ],
)
def test_a_processor_trains_in_what_is_quicker_on_it(
    flags: str, onednn: bool, chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : fpu {flags}\n", "utf-8")
    monkeypatch.setattr(precisions, "CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(precisions.tf.config, "list_physical_devices", lambda kind: [])
    assert precisions.policy(onednn) == chosen


def test_steps_are_prepared_by_several_threads_in_their_order(split: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(batch=4, augmentation=STRONG)
    prepared = []
    for workers in (1, 4):
        monkeypatch.setattr(preparing, "WORKERS", workers)
        monkeypatch.setattr(preparing, "cores", lambda: 4)
        prepared.append(list(batches(split, recipe, InputSpec(48, 48), epoch=2, first=1)))
    assert len(prepared[0]) == 6
    for (one, targets), (other, same) in zip(*prepared, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(targets, same)


def test_steps_that_compile_do_not_count_as_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 20.0, 21.0, 31.0, 32.0])
    monkeypatch.setattr(loop.time, "monotonic", lambda: next(times))
    clock = loop._Clock()
    assert clock.speed == 0
    clock.step(40, compiles=True)
    assert clock.speed == 2
    clock.step(40, compiles=False)
    clock.step(40, compiles=True)
    clock.step(20, compiles=False)
    assert clock.speed == 30


def test_training_speeds_are_measured_side_by_side() -> None:
    from emoscope.models.training.benchmark import measure_training

    speeds = measure_training(batch=2, rounds=1)
    assert speeds.plain > 0 and speeds.ratio == pytest.approx(speeds.ours / speeds.plain, rel=1e-6)
