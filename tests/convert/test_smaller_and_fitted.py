"""The classifier in eight bits, and the crop that a network is most often right with."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from emoscope.api import Reader
from emoscope.convert import crop_search, int8
from emoscope.convert.crop_search import fit_crop
from emoscope.convert.int8 import JudgedFaces, asking, compare, quantised
from emoscope.convert.labelled import Labelled, Onlooker, framed, labelled, parted
from emoscope.convert.observe import session
from emoscope.convert.presets import CropRule, in_words
from emoscope.errors import ConversionError, DataError
from emoscope.network.bundle import ModelBundle, open_bundle
from emoscope.network.contract import Contract, CropSpec, InputSpec
from emoscope.reading.crops import cut_crops, to_batch
from emoscope.system.bundled import assets


@pytest.fixture(scope="module")
def whole() -> ModelBundle:
    return open_bundle("gmp")


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    """Frames of the bundled clip in which a face is seen, large enough to be photos."""
    with Reader() as reader:
        return [frame.image for frame in reader.watch(assets() / "demo.mp4", every=12) if frame.faces]


@pytest.fixture(scope="module")
def faces(whole: ModelBundle, frames: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    folder = tmp_path_factory.mktemp("frames")
    with Onlooker() as onlooker:
        fed = []
        for number, frame in enumerate(frames):
            cv2.imwrite(str(path := folder / f"{number}.png"), frame)
            seen = onlooker.see(path)
            assert seen is not None and seen.whole is None
            fed.append(to_batch(cut_crops(seen.frame, [seen.face], whole.contract), whole.contract.input))
    return np.concatenate(fed)


def test_eight_bits_answer_alike_in_a_third_of_the_space(whole: ModelBundle, faces: np.ndarray):
    small = quantised(whole, faces[::2])
    onnx.checker.check_model(small.classifier)
    assert small.activations is whole.activations
    assert small.classifier.ByteSize() < 0.4 * whole.classifier.ByteSize()
    assert small.classifier.metadata_props == whole.classifier.metadata_props
    judged = JudgedFaces(faces[1::2], np.zeros(len(faces[1::2]), np.int64))
    lines = list(compare(small, whole, judged))
    assert lines[0].startswith("int8: classifier 1.62 → 0.") and "the same answer for " in lines[1]
    shift = np.linspace(-3, 3, 7, dtype=np.float32)[None]
    feed = {"faces": faces[:1], "offset": shift}
    moved, before = (session(one.classifier).run(["probabilities"], feed)[0] for one in (small, whole))
    np.testing.assert_allclose(moved, before, atol=0.1)
    with pytest.raises(ConversionError, match="eight bits keep too little"):
        list(compare(quantised(whole, 0.001 * faces[:4]), whole, judged))


def test_the_crop_that_a_network_learned_from_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, frames: list[np.ndarray]
):
    """A network that is right where the eyes stand as high as it learned, and else says the other class."""
    contract = Contract(("left", "right"), InputSpec(24, 24, "gray"))
    for number, frame in enumerate(frames[:12]):
        for name, turned in (("left", frame), ("right", frame[:, ::-1])):
            (tmp_path / name).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / name / f"{number}.png"), turned)
    learned = CropSpec(3.3, 0.36)
    with Onlooker() as onlooker:
        known = {
            path.read_bytes(): to_batch(
                cut_crops(seen.frame, [seen.face], contract.with_(crop=learned)), contract.input
            )
            for path in tmp_path.rglob("*.png")
            if (seen := onlooker.see(path)) is not None
        }
    right = np.concatenate([value for _, value in sorted(known.items())])

    def ask(batch: np.ndarray) -> np.ndarray:
        apart = np.abs(batch[:, None] - right[None]).reshape(len(batch), len(right), -1).mean(2).min(1)
        return np.stack([np.exp(-50 * apart), 1 - np.exp(-50 * apart)], axis=1)

    monkeypatch.setattr(crop_search, "LEAST", 4)
    monkeypatch.setattr(crop_search, "labelled", lambda *given: [one._replace(truth=0) for one in labelled(*given)])
    found = fit_crop(contract, ask, tmp_path, lambda line: None)
    assert found.crop == learned and found.accuracy == 1
    assert next(found.lines).startswith("crop: eyes:3.3,0.36, right about 100.0% of ")
    stays = fit_crop(contract.with_(crop=learned), ask, tmp_path, lambda line: None)
    assert stays.crop == learned and "stays" in next(stays.lines)


def test_pictures_by_class_are_found(tmp_path: Path):
    for place in ("train/Happy", "train/sad", "test/happy", "test/sad", "test/others"):
        (tmp_path / place).mkdir(parents=True)
        for number in range(5):
            cv2.imwrite(str(tmp_path / place / f"{number}.png"), np.zeros((8, 8, 3), np.uint8))
    found = labelled(tmp_path, ("sad", "happy"), 6)
    assert [one.truth for one in found] == [0, 1, 0, 1, 0, 1]
    assert {one.path.relative_to(tmp_path).parts[0] for one in found} == {"test"}
    with pytest.raises(DataError, match="folders that are called angry, happy"):
        labelled(tmp_path, ("angry", "happy"), 6)
    with pytest.raises(DataError, match="not a folder"):
        labelled(tmp_path / "nothing", ("sad", "happy"), 6)


def test_too_few_faces_are_told(whole: ModelBundle, tmp_path: Path):
    for name in ("happy", "sad"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "0.png"), np.zeros((48, 48, 3), np.uint8))
    with pytest.raises(DataError, match="a face is found in 0 of"):
        fit_crop(whole.contract, asking(whole.classifier), tmp_path, lambda line: None)
    with pytest.raises(DataError, match="too few pictures to calibrate"):
        int8.faces_of(whole.contract, tmp_path, lambda line: None)


@pytest.mark.parametrize("classes", [2, 3, 4, 7, 8])
def test_calibration_and_judgement_both_get_every_class(classes: int):
    pictures = [Labelled(Path(f"{turn}"), truth) for turn in range(100) for truth in range(classes)]
    for step in (2, 3, 4):
        calibrating, judging = parted(pictures, step)
        assert sorted(calibrating + judging) == sorted(pictures)
        assert Counter(one.truth for one in calibrating) == dict.fromkeys(range(classes), -(-100 // step))


def test_a_bare_crop_gets_a_border():
    frame = framed(np.full((48, 48, 3), 7, np.uint8))
    assert frame.shape == (384, 384, 3) and (frame == 7).all()


@pytest.mark.parametrize("words", ["eyes:2.7,0.40,turned", "eyes:3.3,0.36", "box:-0.1"])
def test_a_rule_is_said_as_it_is_read(words: str):
    assert in_words(CropRule().convert(words, None, None)) == words
