"""What a network takes over from the one that it starts from."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from emoscope.errors import ModelError
from emoscope.models.asking import plan
from emoscope.models.commands.train import train
from emoscope.models.starting import HEAD, adopt, find_start, fine_tuning


class Layer:
    """A layer that has weights."""

    def __init__(self, name: str, *weights: np.ndarray) -> None:
        self.name, self._weights = name, list(weights)

    def get_weights(self) -> list[np.ndarray]:
        return self._weights

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self._weights = weights


def network(*layers: Layer) -> SimpleNamespace:
    return SimpleNamespace(layers=[*layers, Layer("relu")])


def test_the_body_is_taken_over_and_of_the_answers_the_classes_that_both_know() -> None:
    source = network(
        Layer("conv1", np.full((3, 3), 7.0)), Layer(HEAD, np.arange(6.0).reshape(2, 3), np.array([1.0, 2, 3]))
    )
    ours = network(Layer("conv1", np.zeros((3, 3))), Layer(HEAD, np.full((2, 4), -1.0), np.full(4, -2.0)))
    adopt(ours, source, ("happy", "sad", "fear"), ("fear", "grin"), "it")
    conv, head, _ = ours.layers
    assert (conv.get_weights()[0] == 7).all()
    kernel, bias = head.get_weights()
    assert kernel.tolist() == [[2, -1, 2, -1], [5, -1, 5, -1]], "two label sets of two classes each"
    assert bias.tolist() == [3, -2, 3, -2]


def test_a_network_whose_last_weights_are_a_convolutions_is_taken_over() -> None:
    """`minixception` averages the maps of one convolution, a map for each class."""
    source = network(Layer("conv3", np.arange(6.0).reshape(1, 1, 2, 3), np.array([1.0, 2, 3])), Layer(HEAD))
    ours = network(Layer("conv3", np.full((1, 1, 2, 2), -1.0), np.full(2, -2.0)), Layer(HEAD))
    adopt(ours, source, ("happy", "sad", "fear"), ("fear", "grin"), "it")
    kernel, bias = ours.layers[0].get_weights()
    assert kernel.tolist() == [[[[2, -1], [5, -1]]]] and bias.tolist() == [3, -2]


def test_another_architecture_is_refused() -> None:
    source = network(Layer("conv1", np.zeros((3, 4))), Layer(HEAD, np.zeros((2, 2)), np.zeros(2)))
    ours = network(Layer("conv1", np.zeros((3, 3))), Layer(HEAD, np.zeros((2, 2)), np.zeros(2)))
    with pytest.raises(ModelError, match=r"old\.keras: layer conv1 is not that of this architecture"):
        adopt(ours, source, ("a", "b"), ("a", "b"), "old.keras")


def test_shipped_networks_can_be_started_from(tmp_path: Path) -> None:
    start = find_start("ferplus")
    assert (start.arch, start.width, start.contract.input.shape) == ("emoscope", 1.0, (48, 48, 1))
    assert find_start("gmp").arch == "gmp"
    (tmp_path / "model.keras").write_text("no network")
    with pytest.raises(ModelError, match=r"model\.keras: not a whole \.keras archive"):
        find_start(str(tmp_path / "model.keras"))
    with pytest.raises(ModelError, match="no such model file"):
        find_start(str(tmp_path / "other.keras"))


def test_settings_go_by_the_number_of_pictures(tmp_path: Path) -> None:
    assert [fine_tuning(count).batch for count in (48, 500, 5000)] == [16, 32, 64]
    for label in ("grin", "frown"):
        (tmp_path / label).mkdir()
        for number in range(4):
            cv2.imwrite(str(tmp_path / label / f"{number}.png"), np.zeros((48, 48), np.uint8))
    made = plan("emoscope", tmp_path, {"start": "ferplus", "lr": 0.1})
    assert (made.labels, made.recipe.batch, made.recipe.lr) == (("frown", "grin"), 16, 0.1)
    assert made.recipe.frozen == fine_tuning(8).frozen > 0 and Path(made.start).name == "ferplus.keras"
    wrong = CliRunner().invoke(
        train, [str(tmp_path), "--from", "ferplus", "--arch", "gmp", "-o", str(tmp_path / "run")]
    )
    assert wrong.exit_code == 2 and "leave --arch gmp out" in wrong.output
