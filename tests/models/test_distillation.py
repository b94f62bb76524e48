"""What students see, against the runtime and OpenCV; how their heads become networks that ship."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.models.distillation import EDGE
from emoscope.models.distillation.faces import unpack
from emoscope.models.distillation.pack import pack
from emoscope.models.labels import EMOTIONS
from emoscope.reading.stretch import stretched as runtime_stretched

RANDOM = np.random.default_rng(5)


@pytest.fixture
def pictures() -> np.ndarray:
    """(12, 48, 48) smooth pictures."""
    noise = RANDOM.normal(size=(12, EDGE, EDGE)).astype(np.float32)
    smooth = np.stack([cv2.GaussianBlur(one, (0, 0), 3) for one in noise])
    return np.clip(128 + 400 * smooth, 0, 255).astype(np.uint8)


def _small(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(
        cv2.resize(picture, (16, 16), interpolation=cv2.INTER_AREA), (EDGE, EDGE), interpolation=cv2.INTER_CUBIC
    )


class TestPictures:
    """On an accelerator, or what JAX takes for one."""

    @pytest.fixture(autouse=True)
    def _jax(self) -> None:
        pytest.importorskip("jax", reason="JAX is not installed: pip install 'emoscope[distil]'")

    @pytest.mark.parametrize("factor", [1.0, 0.1, 0.02, 0.0])
    def test_the_stretch_is_the_runtimes(self, pictures: np.ndarray, factor: float) -> None:
        from emoscope.models.distillation.stretching import stretched

        dark = np.round(pictures * factor).astype(np.uint8)
        ours = stretched(dark.astype(np.float32))
        np.testing.assert_allclose(ours, runtime_stretched(dark, (1, 99)), atol=1e-4)

    def test_the_plain_view_is_the_picture(self, pictures: np.ndarray) -> None:
        from emoscope.models.distillation import views

        np.testing.assert_array_equal(views.sampled(pictures, views.plain(len(pictures))), pictures)

    def test_views_are_sampled_as_opencv_does(self, pictures: np.ndarray) -> None:
        import jax

        from emoscope.models.distillation import views

        eyes = np.tile(np.array([[15, 18, 32, 19]], np.float32), (len(pictures), 1))
        maps = np.asarray(views.random_views(jax.random.key(1), eyes))
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        for picture, ours, how in zip(pictures, np.asarray(views.sampled(pictures, maps)), maps, strict=True):
            theirs = cv2.warpAffine(picture, how, (EDGE, EDGE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
            assert np.abs(ours - theirs).mean() < 0.7  # OpenCV knows 32 places between two pixels

    def test_the_square_about_the_eyes_is_the_runtimes(self, pictures: np.ndarray) -> None:
        from emoscope.media.raster import Bgr
        from emoscope.models.distillation import views
        from emoscope.models.plan import FER2013_CROP
        from emoscope.network.contract import Contract, InputSpec
        from emoscope.reading.crops import cut_crops
        from emoscope.types import Face

        eyes = ((15.0, 18.0), (32.0, 20.0))
        face = Face(box_xyxy=(0, 0, 48, 48), eyes=eyes, score=1.0)
        contract = Contract(EMOTIONS, InputSpec(), FER2013_CROP)
        theirs = np.stack(
            [cut_crops(Bgr(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)), [face], contract)[0] for picture in pictures]
        )
        maps = views.eye_squares(np.tile(np.ravel(eyes).astype(np.float32), (len(pictures), 1)))
        assert np.abs(np.asarray(views.sampled(pictures, maps)) - theirs).mean() < 1.5

    @pytest.mark.parametrize("quality", [5, 10, 30, 60, 90])
    def test_compression_is_jpegs(self, pictures: np.ndarray, quality: int) -> None:
        from emoscope.models.distillation.degrade import compressed

        ours = np.asarray(compressed(pictures.astype(np.float32), np.full(len(pictures), float(quality))))
        files = [cv2.imencode(".jpg", one, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for one in pictures]
        theirs = np.stack([cv2.imdecode(one, cv2.IMREAD_GRAYSCALE) for one in files])
        assert np.abs(ours - theirs).mean() < 0.5

    def test_the_table_holds_opencvs_blur_and_loss_of_size(self, pictures: np.ndarray) -> None:
        from emoscope.models.distillation.degrade import BLURS, SMALL, matrices

        table = matrices()
        np.testing.assert_allclose(table.sum(2), 1, atol=1e-5)
        number = 1 + len(BLURS) + SMALL.index(16)
        for place, change in ((1 + 10, lambda one: cv2.GaussianBlur(one, (0, 0), BLURS[10])), (number, _small)):
            ours = table[place] @ pictures[0].astype(np.float32) @ table[place].T
            np.testing.assert_allclose(ours, change(pictures[0].astype(np.float32)), atol=0.01)

    def test_all_that_is_done_to_pictures_leaves_whole_bytes(self, pictures: np.ndarray) -> None:
        import jax

        from emoscope.models.distillation import degrade, views

        seen = pictures.astype(np.float32)
        key = jax.random.key(3)
        made = [views.lit(key, seen), degrade.degraded(key, seen), degrade.covered(key, seen, 1.0, 0.5)[0]]
        for one in [np.asarray(each) for each in (*made, degrade.no_faces(key, seen))]:
            assert one.shape == pictures.shape and one.min() >= 0 and one.max() <= 255
            np.testing.assert_array_equal(one, np.round(one))
            assert (one != pictures).any(axis=(1, 2)).mean() > 0.5


def test_what_is_packed_comes_back(jpeg_tree: Path, tmp_path: Path) -> None:
    votes = tmp_path / "votes.csv"
    header = "file,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
    votes.write_text(header + "sad/PublicTest_0.jpg,0,0,0,9,0,0,0,0,1,0\n")
    beside = tmp_path / "beside"
    for folder in ("anger", "happy"):
        (beside / folder).mkdir(parents=True)
        cv2.imwrite(str(beside / folder / "1.png"), np.full((48, 48), 77, np.uint8))
    arrays = pack(jpeg_tree, votes, {"other": beside})
    np.savez(tmp_path / "faces.npz", **arrays)
    sets = unpack(tmp_path / "faces.npz")
    assert {name: len(one) for name, one in sets.items()} == {"train": 14, "validation": 7, "other": 2}
    assert sorted(sets["other"].labels) == [EMOTIONS.index("angry"), EMOTIONS.index("happy")]
    sad = sets["validation"].labels == EMOTIONS.index("sad")
    assert sets["validation"].majorities[sad] == [EMOTIONS.index("sad")]
    assert (sets["validation"].majorities[~sad] == -1).all()
    file = jpeg_tree / "test" / "sad" / "PublicTest_0.jpg"
    np.testing.assert_array_equal(sets["validation"].pictures[sad][0], cv2.imread(str(file), cv2.IMREAD_GRAYSCALE))


@pytest.fixture
def jpeg_tree(tmp_path: Path) -> Path:
    """A tiny FER2013 in JPEG files, as it was published."""
    for number, emotion in enumerate(EMOTIONS):
        for folder, name in (
            ("train", "Training"),
            ("train", "Training_b"),
            ("test", "PublicTest"),
            ("test", "PrivateTest"),
        ):
            place = tmp_path / "fer" / folder / emotion
            place.mkdir(parents=True, exist_ok=True)
            picture = RANDOM.integers(0, 255, (6, 6)).astype(np.uint8)
            large = cv2.resize(picture, (48, 48), interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(str(place / f"{name}_{0 if emotion == 'sad' else number + 1}.jpg"), large)
    return tmp_path / "fer"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from emoscope.models import backend

    keras = backend.keras()
    from emoscope.models.architectures import Design, architecture, build

    keras.utils.set_random_seed(2)
    network = build("emoscope", Design(architecture("emoscope").input, 14, dropout=0.0, quality=True))
    path = tmp_path_factory.mktemp("student") / "student.npz"
    np.savez(path, **{variable.path: np.asarray(variable) for variable in network.variables})
    return path


class TestShipping:
    """Two heads, one network."""

    def test_the_folded_network_says_what_the_mixture_says(self, weights: Path, pictures: np.ndarray) -> None:
        from emoscope.models.architectures import architecture
        from emoscope.models.distillation import ship
        from emoscope.reading.crops import fed

        student = ship.TwoHeads(weights)
        said, quality = student.answers(pictures)
        np.testing.assert_allclose(np.exp(said).sum(-1), 1, rtol=1e-5)
        prior = np.array([0.1, 0.05, 0.05, 0.3, 0.3, 0.1, 0.1], np.float32)
        network = student.folded(np.array([0.7, 0.3], np.float32), prior, 0.5, 1.3)
        answers = network([fed(pictures[..., None], architecture("emoscope").input)], training=False)
        expected = ship.softmax((0.7 * said[:, 0] + 0.3 * said[:, 1] - 0.5 * np.log(prior)) / 1.3)
        np.testing.assert_allclose(answers[0], expected, atol=1e-5)
        np.testing.assert_allclose(np.asarray(answers[1])[:, 0], quality, atol=1e-6)

    def test_what_ships_gives_the_votes_head_back(self, weights: Path, pictures: np.ndarray, tmp_path: Path) -> None:
        from emoscope.models.architectures import architecture
        from emoscope.models.distillation import again, ship
        from emoscope.models.plan import FER2013_CROP
        from emoscope.network.contract import Contract

        student, by, tau = ship.TwoHeads(weights), 0.57, 0.65
        prior = np.array([0.084, 0.016, 0.036, 0.276, 0.322, 0.144, 0.122], np.float32)
        student.folded(np.array([1, 0], np.float32), prior, tau, by).save(tmp_path / "ferplus.keras")
        contract = Contract(
            EMOTIONS, architecture("emoscope").input, FER2013_CROP, default_layer="pool2",
            prior=ship.in_logits(prior, by), default_prior=tau,
        )  # fmt: skip
        (tmp_path / "ferplus.contract.json").write_text(contract.to_json())
        shipped = again.Shipped(tmp_path / "ferplus.keras", prior)
        said = ship.softmax(shipped.features(pictures) @ shipped.kernel + shipped.bias)
        np.testing.assert_allclose(said, np.exp(student.answers(pictures)[0][:, 0]), atol=1e-4)

    def test_a_head_is_fitted_to_what_can_be_told(self) -> None:
        pytest.importorskip("scipy", reason="SciPy is not installed: it comes with JAX, pip install 'emoscope[distil]'")
        from emoscope.models.distillation.again import fitted

        truth = np.arange(210) % 7
        features = np.eye(7, dtype=np.float32)[truth] + RANDOM.normal(0, 0.05, (210, 7)).astype(np.float32)
        kernel, bias = fitted(features, truth, np.zeros((7, 7), np.float32), np.zeros(7, np.float32))
        assert ((features @ kernel + bias).argmax(1) == truth).all()

    def test_the_rule_wants_enough_at_home_and_then_the_best_abroad(self) -> None:
        from emoscope.models.distillation.ship import Mixture, choose

        rows = [
            Mixture(1, 0, 0.9, 0.7, 0.6, 0.5),
            Mixture(0.7, 0.5, 0.88, 0.8, 0.7, 0.7),
            Mixture(0, 1, 0.7, 0.9, 0.9, 0.9),
        ]
        assert choose(rows) == rows[1]
        assert choose(rows[2:]) == rows[2]

    def test_the_prior_of_a_mixture_lies_between(self) -> None:
        from emoscope.models.distillation.ship import mixed_prior

        votes, labels = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
        np.testing.assert_allclose(mixed_prior(1.0, (votes, labels)), votes, rtol=1e-6)
        half = mixed_prior(0.5, (votes, labels))
        assert half.sum() == pytest.approx(1) and half[0] == pytest.approx(half[2])

    def test_a_threshold_means_what_it_says(self) -> None:
        from emoscope.models.distillation.ship import said_from

        confidence = RANDOM.random(4000).astype(np.float32)
        right = RANDOM.random(4000) < confidence
        found = said_from(confidence, right, 0.9, "here")
        said = confidence >= found.below
        assert right[said].mean() == pytest.approx(0.9, abs=0.01)
        assert (found.accuracy, found.coverage) == (round(right[said].mean(), 4), round(said.mean(), 4))


def test_a_picture_is_seen_the_same_way_each_time(pictures: np.ndarray) -> None:
    from emoscope.models.distillation.faces import Faces
    from emoscope.models.distillation.refine import ViewBatches

    count = len(pictures)
    votes = np.full((count, 7), 1 / 7, np.float32)
    faces = Faces(pictures, np.arange(count) % 7, votes, np.full((count, 4), np.nan, np.float32))
    maps = np.tile(np.array([[1, 0, 0], [0, 1, 0]], np.float32), (2, count, 1, 1))
    bank = np.log(np.full((2, count, 2, 7), 1 / 7)).astype(np.float16)
    batches = [ViewBatches(faces, maps, bank, seed).batch(0, 0, np.arange(count)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(batches[0][0], batches[1][0])
    assert (batches[0][0] != batches[2][0]).any()
    inputs, targets, is_face = batches[0]
    assert inputs.shape == (count, EDGE, EDGE, 1) and np.abs(inputs).max() <= 1
    np.testing.assert_allclose(targets.sum(-1), 1, atol=2e-3)
    assert is_face.tolist() == [0.0] + [1.0] * (count - 1)
