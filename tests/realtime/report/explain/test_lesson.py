"""The lesson: ten steps, two sentences each, about the very face and network that were given."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.cli import run
from emoscope.errors import EmoscopeError
from emoscope.network.bundle import open_bundle
from emoscope.network.contract import LayerSpec
from emoscope.network.network import Network
from emoscope.report.explain.beside import Beside
from emoscope.report.explain.choice import choose
from emoscope.report.explain.lesson import LessonWay, lesson_layers, steps
from emoscope.report.explain.study import study_crop
from tests.realtime.tiny import CONTRACT


def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", ["ferplus", "gmp"])
def test_ten_steps_of_two_sentences(name: str) -> None:
    network = Network(open_bundle(name))
    contract = network.contract
    choice = choose(contract, lesson_layers(contract), methods=("layercam",))
    study = study_crop(network, choice, photo(), "a.png")
    told = list(steps(study, contract, Beside(name)))
    assert len(told) == 10
    for step in told:
        assert all(sentence.count(". ") == 0 and sentence[-1] in ".%" for sentence in step.sentences)
        assert 'src="data:image/' in step.pictures or "<table" in step.pictures
    assert study.prediction.words in told[8].sentences[1]
    cells = re.findall(r">(\d+)</td>", told[1].pictures)
    assert [int(cell) for cell in cells[:8]] == study.crop[15, 11:19].tolist()


def test_the_way_goes_from_edges_to_the_whole() -> None:
    way = LessonWay.of(open_bundle("ferplus").contract)
    assert [way.first.name, way.answered.name, way.pool.name] == ["stem", "stem_relu", "pool1"]
    assert (way.parts.name, way.whole.name) == ("block2b_relu", "block3b_relu")


def test_a_network_of_one_layer_has_no_lesson() -> None:
    flat = CONTRACT.with_(layers=(LayerSpec("a", "conv", "a", 4, 4, 2),), default_layer="a")
    with pytest.raises(EmoscopeError, match="too short for a lesson"):
        lesson_layers(flat)


def test_the_command_writes_one_for_each_face(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), photo())
    assert run(["explain", str(tmp_path / "a.png"), "--crop", "--lesson", "--model", "gmp"]) == 0
    html = (tmp_path / "a.lesson-1.html").read_text("utf-8")
    assert html.count("<section>") == 10 and "default-src 'none'" in html
    assert not re.search(r'(?:src|href)="(?!data:)', html)
