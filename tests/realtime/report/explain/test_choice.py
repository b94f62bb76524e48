"""The layers that tell a network's story are found in networks of different make."""

from __future__ import annotations

import pytest

from emoscope.errors import ContractError
from emoscope.network.contract import LayerSpec
from emoscope.report.explain.choice import choose, telling
from tests.realtime.tiny import CONTRACT


def layers(*names: str) -> list[LayerSpec]:
    kinds = {"c": "conv", "r": "activation", "p": "pool", "g": "pool", "b": "block"}
    edge = {"g": 1}
    return [LayerSpec(name, kinds[name[0]], name, edge.get(name[0], 8), edge.get(name[0], 8), 4) for name in names]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("c1", "r1", "p1", "c2", "r2", "p2", "c3", "g"), ("r1", "p1", "c3")),
        (("c1", "r1", "p1", "c2", "c2_shortcut", "b2", "r2", "p2", "g"), ("r1", "p1", "r2")),
        (("c1", "c2", "c3", "g"), ("c1", "c2", "c3")),
        (("c1", "p1", "c2", "c3_shortcut", "b3"), ("c1", "p1", "c2")),
        (("b1", "b2", "b3"), ("b1", "b2", "b3")),
        (("c1",), ("c1",)),
        ((), ()),
    ],
)
def test_the_telling_layers(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert telling(layers(*names)) == expected


def test_the_pooling_that_heat_comes_from_is_the_one_that_is_shown() -> None:
    found = layers("c1", "r1", "p1", "c2", "r2", "p2", "c3", "r3")
    assert telling(found, "p2") == ("r1", "p2", "r3")
    assert telling(found, "r2") == ("r1", "p1", "r3")


def test_layers_come_in_the_networks_order() -> None:
    assert choose(CONTRACT, ("pool1", "conv1")).layers == ("conv1", "pool1")
    assert choose(CONTRACT, ("pool1",)).layers == ("pool1",)
    assert choose(CONTRACT, all_layers=True).layers == CONTRACT.layer_names


def test_heat_comes_from_the_models_own_layer_unless_told() -> None:
    assert choose(CONTRACT).heat_layer == "pool1"
    assert choose(CONTRACT, heat_layer="conv1").heat_layer == "conv1"
    assert choose(CONTRACT).methods == ("gradcam", "layercam", "scorecam", "occlusion")


def test_an_unknown_layer_is_named_with_those_there_are() -> None:
    with pytest.raises(ContractError, match="no layer 'conv9'; it has conv1, pool1"):
        choose(CONTRACT, ("conv9",))


def test_methods_that_need_the_slope_are_there_where_it_is() -> None:
    made = CONTRACT.with_(methods=(*CONTRACT.methods, "gradientxinput"))
    assert choose(made).methods[-4:] == ("scorecam", "integrated", "smoothgrad", "occlusion")
    assert choose(made, methods=("occlusion", "gradcam")).methods == ("gradcam", "occlusion")
    with pytest.raises(ContractError, match="no method 'tea' for this model; it has gradcam, layercam, scorecam"):
        choose(CONTRACT, methods=("tea",))


def test_against_a_class_by_name() -> None:
    assert choose(CONTRACT, against="neutral").against == 2
    assert choose(CONTRACT).against == -1
    with pytest.raises(ContractError, match="no class 'tea'"):
        choose(CONTRACT, against="tea")
