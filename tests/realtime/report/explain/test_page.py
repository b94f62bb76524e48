"""The page stands alone, says what is true of its faces, and lets no name become markup."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emoscope.errors import ResultError
from emoscope.network.network import Network
from emoscope.reading.session import Session
from emoscope.report.explain import words
from emoscope.report.explain.choice import choose
from emoscope.report.explain.page import page, write_page
from emoscope.report.explain.study import Study, study_photo
from emoscope.types import Prediction
from tests.realtime.tiny import CONTRACT, LABELS, FixedFinder, face, gray


@pytest.fixture
def studies(network: Network) -> list[Study]:
    session = Session(FixedFinder(face(), face(x=100)), network)
    return study_photo(session, choose(CONTRACT), gray(204), "<b>.png")


def test_nothing_is_loaded_from_elsewhere(studies: list[Study]) -> None:
    html = page(studies, "tiny", CONTRACT, "tiny.onnx")
    addresses = re.findall(r'(?:src|href|url)\s*[=(]\s*"?([^"\s)>]+)', html)
    assert addresses
    assert all(address.startswith(("data:image/", "#")) for address in addresses)


def test_each_face_has_its_steps(studies: list[Study]) -> None:
    html = page(studies, "tiny", CONTRACT, "tiny.onnx")
    assert html.count('<section class="face"') == 2
    for step in ("The photo", "What the network sees", "conv1 · convolution", "What it says", "Where it looked"):
        assert html.count(f"<h3>{step}</h3>") == 2
    assert html.count('class="chosen"') == 2
    assert "<b>" not in html
    assert "&lt;b&gt;.png, face 2: happy" in html


def test_the_sentences_depend_on_the_decision(studies: list[Study]) -> None:
    def said(*shares: float) -> str:
        return words.decision(replace(studies[0], prediction=Prediction(LABELS, np.array(shares, np.float32))))

    assert "unsure" in said(0.35, 0.33, 0.32)
    assert "a face between both" in said(0.5, 0.4, 0.1)
    assert "90 % for happy, 8 % for sad. It names what the face shows" in said(0.9, 0.08, 0.02)


def test_a_page_that_cannot_be_written_leaves_nothing(studies: list[Study], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultError, match="cannot be written"):
        write_page(tmp_path / "file" / "page.html", studies, "tiny", CONTRACT, "tiny.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
