"""The door for scripts: whatever they give is read or refused in one line, and what comes back shows itself."""

from __future__ import annotations

import gc
import inspect
import pickle
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest

import emoscope
from emoscope import EmoscopeError, Face, FrameReadings, Heatmap, Reader, analyse, annotate, face_in_box, read_table
from emoscope.errors import ModelError, SourceError
from emoscope.network.bundle import open_bundle
from emoscope.system.bundled import assets
from tests.realtime.media.films import make_film
from tests.realtime.media.test_shape import resizing
from tests.realtime.tiny import LABELS, write_bundle
from tests.waiting import ending_threads


def test_a_table_of_ones_own() -> None:
    frames = list(analyse(assets() / "demo.mp4", end_s=0.5))
    assert all(isinstance(frame, FrameReadings) for frame in frames)
    assert [frame.index for frame in frames] == list(range(len(frames))) and len(frames) > 10
    readings = [reading for frame in frames for reading in frame.readings]
    assert {reading.face.track for reading in readings} == {1}
    assert all(reading.prediction.emotion in reading.prediction.labels for reading in readings)
    assert readings[0].explanation is None


def test_explanations_come_where_they_are_asked_for() -> None:
    contract = open_bundle().contract
    asked = {"layer": contract.default_layer, "method": contract.default_method}
    first = next(iter(analyse(assets() / "demo.mp4", **asked)))
    why = first.readings[0].explanation
    assert why is not None and why.heat is not None and why.maps is not None
    assert why.heat.max() == pytest.approx(1.0, abs=1e-5) and why.maps.shape[:2] == why.heat.shape


def test_every_second_frame(tmp_path: Path) -> None:
    model = str(write_bundle(tmp_path))
    frames = list(analyse(make_film(tmp_path / "clip.mp4"), model=model, every=2))
    assert [frame.index for frame in frames] == [0, 2, 4, 6, 8, 10]


def test_leaving_early_closes_everything(tmp_path: Path) -> None:
    film = make_film(tmp_path / "clip.mp4", range(0, 200 * 512, 512))
    with ending_threads():
        frames = analyse(film, model=str(write_bundle(tmp_path)))
        next(iter(frames))
        frames.close()  # type: ignore[attr-defined]


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        list(analyse(tmp_path / "nothing.mp4", model=str(write_bundle(tmp_path))))


BOX = (40.0, 30.0, 80.0, 70.0)
GIVEN = np.full((120, 160, 3), 200, np.uint8)
PNG = b"\x89PNG\r\n\x1a\n"


def closed_picture() -> PIL.Image.Image:
    """A Pillow image that was closed."""
    picture = PIL.Image.new("RGB", (9, 9))
    picture.close()
    return picture


def sees(*found: Any) -> Callable[[np.ndarray], list[Any]]:
    """A detector of one's own that always sees the same."""
    return lambda image: list(found)


def classifier(labels: tuple[str, ...] = ("sad", "happy"), **how: Any) -> Any:
    """A classifier of one's own that always says the first of its classes."""

    def first(crops: np.ndarray) -> np.ndarray:
        return np.eye(len(labels))[np.zeros(len(crops), int)]

    for name, value in {"labels": labels, **how}.items():
        setattr(first, name, value)
    return first


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """The tiny network and a detector that sees one face."""
    return Reader(str(write_bundle(tmp_path)), sees(BOX))


def test_all_public_names_are_there_typed_and_explained():
    assert set(emoscope.__all__) <= set(dir(emoscope))
    for name in emoscope.__all__:
        if name not in ("__version__", "OwnDetector"):
            assert inspect.getdoc(getattr(emoscope, name)), name
    for method in (Reader.read, Reader.explain, Reader.watch, Reader.send, annotate, read_table, face_in_box):
        signature = inspect.signature(method)
        assert signature.return_annotation is not inspect.Signature.empty
        told = inspect.getdoc(method) or ""
        words = {"self", *told.replace(",", " ").replace(":", " ").split()}
        assert set(signature.parameters) - words == set()
    with pytest.raises(AttributeError, match="no attribute 'Readr'"):
        _ = emoscope.Readr  # type: ignore[attr-defined]


def test_every_form_of_a_picture_is_the_same_picture(reader: Reader, tmp_path: Path):
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), GIVEN)
    clear = np.dstack([GIVEN, np.full(GIVEN.shape[:2], 255, np.uint8)])
    forms = [path, str(path), path.read_bytes(), GIVEN, GIVEN[:, :, 0], GIVEN[:, :, :1], clear, GIVEN[:, ::-1]]
    forms += [PIL.Image.fromarray(GIVEN[:, :, ::-1]), PIL.Image.fromarray(GIVEN[:, :, 0])]
    for form in forms:
        (one,) = reader.read(form)
        assert (one.emotion, one.box_xyxy, one.track) == ("happy", BOX, 1)
        assert one.probabilities.sum() == pytest.approx(1) and one.probabilities.argmax() == LABELS.index("happy")


def test_red_stays_red(reader: Reader):
    red = np.zeros((120, 160, 3), np.uint8)
    red[:, :, 2] = 255
    crops = [reader.read(form)[0].crop.mean() for form in (red, PIL.Image.fromarray(red[:, :, ::-1]))]
    assert crops == pytest.approx([76, 76], abs=1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (GIVEN / 255, r"array of float64, not uint8 .* \(array \* 255\)"),
        (GIVEN.astype(np.float32), r"array of float32, .* array\.clip\(0, 255\)"),
        (GIVEN.astype(np.uint16) * 257, r"array of uint16, .* \(array // 257\)"),
        (GIVEN.astype(np.uint16), r"array of uint16, .* give array\.astype"),
        (GIVEN > 9, r"array of bool, .* \* 255"),
        (PIL.Image.new("RGB", (0, 9)), "the picture has 0 × 9 pixels"),
        (closed_picture(), "damaged .*closed"),
        (GIVEN.transpose(2, 0, 1), "give array.transpose"),
        (np.zeros((4, 0, 3), np.uint8), "shape 4 × 0 × 3"),
        (np.zeros(9, np.uint8), "shape 9"),
        (None, "type NoneType is not a picture"),
        ("nothing.jpg", "nothing.jpg: no such file"),
        (b"", "not a picture"),
        (PNG, "damaged|not a picture"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(reader: Reader, given: Any, message: str):
    with pytest.raises(SourceError, match=message) as told:
        reader.read(given)
    assert "\n" not in str(told.value)


def test_faces_carry_the_heat_and_maps_that_were_asked_for(reader: Reader):
    assert reader.read(GIVEN)[0].heat is None
    (one,) = reader.read(GIVEN, explain=True, maps=True, layer="conv1", target="happy")
    assert isinstance(one.heat, Heatmap)
    assert (one.heat.method, one.heat.layer, one.heat.target) == ("gradcam", "conv1", "happy")
    assert one.heat.dtype == np.float32 and one.heat.shape == (4, 4) and one.maps.shape == (4, 4, 2)


def test_a_face_is_explained_afterwards_for_any_class(reader: Reader):
    (one,) = reader.read(GIVEN)
    heat = reader.explain(one, method="layercam", layer="conv1")
    assert (heat.shape, heat.dtype, heat.target) == ((4, 4), np.float32, "happy")
    np.testing.assert_allclose(heat, 1)
    assert reader.explain(one, target="neutral").max() == 0
    assert reader.explain(one, target=1).target == "sad"
    assert reader.explain(one, method="scorecam", layer="conv1").shape == (4, 4)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"method": "guess"}, "no method 'guess'; it has gradcam, layercam, scorecam"),
        ({"layer": "conv9"}, "no layer 'conv9'; it has conv1, pool1"),
        ({"target": "bored"}, "no class 'bored'; it has happy, sad, neutral"),
        ({"target": 3}, "no class 3"),
    ],
)
def test_what_the_model_does_not_have_is_said(reader: Reader, how: dict[str, Any], message: str):
    (one,) = reader.read(GIVEN)
    with pytest.raises(ModelError, match=message):
        reader.explain(one, **how)


def test_a_layer_that_is_not_there_is_said_also_where_nothing_is_taken_from_it(reader: Reader):
    with pytest.raises(ModelError, match="no layer 'conv9'; it has conv1, pool1"):
        reader.read(GIVEN, layer="conv9")


def test_a_face_of_another_model_is_explained_by_its_classs_name_or_refused(reader: Reader):
    edge = reader.read(GIVEN)[0].crop.shape[0]
    (face,) = Reader(classifier(size=edge), sees(BOX)).read(GIVEN)
    assert reader.explain(face).target == "sad"
    (face,) = Reader(classifier(("bored", "sad"), size=edge), sees(BOX)).read(GIVEN)
    with pytest.raises(ModelError, match="no class 'bored'"):
        reader.explain(face)
    (face,) = Reader(classifier(size=edge + 1), sees(BOX)).read(GIVEN)
    for ask in (reader.explain, lambda face: reader.pixels(face, "conv1", 0)):
        with pytest.raises(ModelError, match=f"sees crops of {edge} × {edge}, and this face was read as"):
            ask(face)


@pytest.mark.parametrize("given", [None, GIVEN, "photo.jpg", [], (40, 30, 80, 70)])
def test_what_is_no_face_is_not_explained(reader: Reader, given: Any):
    for ask in (reader.explain, lambda face: reader.pixels(face, "conv1", 0)):
        with pytest.raises(EmoscopeError, match=f"an object of type {type(given).__name__} is no face"):
            ask(given)


def test_any_faces_are_drawn_and_what_is_none_is_said(reader: Reader):
    faces = reader.read(GIVEN)
    np.testing.assert_array_equal(annotate(GIVEN, (face for face in faces)), annotate(GIVEN, faces))
    for given, message in ((faces[0], r"write \[face\]"), (None, "no list of faces"), ([1], "type int is no face")):
        with pytest.raises(EmoscopeError, match=message):
            annotate(GIVEN, given)


def test_threads_that_read_at_once_hear_what_one_hears_alone(tmp_path: Path):
    asked, together = list[int](), list[int]()

    def slow(image: np.ndarray) -> list[Any]:
        asked.append(1)
        together.append(len(asked))
        time.sleep(0.02)
        asked.pop()
        return [BOX]

    reader = Reader(str(write_bundle(tmp_path)), slow)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: reader.read(GIVEN), range(8)))
    assert set(together) == {1}
    assert {(len(faces), faces[0].confidence) for faces in answers} == {(1, answers[0][0].confidence)}


def test_heat_and_faces_and_frames_show_themselves(reader: Reader, tmp_path: Path):
    (one,) = reader.read(GIVEN, explain=True)
    cv2.imwrite(str(tmp_path / "a.png"), GIVEN)
    (frame,) = reader.watch(tmp_path / "a.png", explain=True)
    for shown in (one, one.heat, one.heat * 0.5, frame, reader.read(GIVEN)[0]):
        assert shown._repr_png_().startswith(PNG)
    assert one.heat[0]._repr_png_() is None and one.heat.max().shape == ()
    assert repr(one) == "FaceReading(happy 65 %, box_xyxy=(40, 30, 80, 70), track=1)"
    assert repr(frame).startswith("FrameReadings(a.png 0, 0.00 s, faces=[FaceReading(happy")
    assert repr(reader) == "Reader(model='tiny', labels=happy, sad, neutral)"


def test_heat_and_faces_go_to_another_process_whole(reader: Reader):
    heat = reader.explain(reader.read(GIVEN)[0], method="layercam", layer="conv1")
    there = pickle.loads(pickle.dumps(heat))
    assert (there.method, there.layer, there.target) == ("layercam", "conv1", "happy")
    np.testing.assert_array_equal(there, heat)
    assert there._repr_png_() == heat._repr_png_()
    (one,) = pickle.loads(pickle.dumps(reader.read(GIVEN, explain=True)))
    assert one.emotion == "happy" and one.heat.target == "happy"


def test_the_frame_of_a_film_goes_to_another_process(reader: Reader, tmp_path: Path):
    frame = next(iter(reader.watch(make_film(tmp_path / "a.mp4"), explain=True)))
    again = pickle.loads(pickle.dumps(frame))
    np.testing.assert_array_equal(again.image, frame.image)
    assert (again.index, again.time_s, again.name) == (frame.index, frame.time_s, frame.name)
    assert again.faces[0].heat.target == frame.faces[0].heat.target


def test_heat_is_drawn_where_faces_carry_it_and_missed_where_none_does(reader: Reader):
    faces = reader.read(GIVEN, explain=True)
    plain, warm = annotate(GIVEN, faces), annotate(GIVEN, faces, heat=True)
    assert (plain != warm)[30:70, 40:80].any() and (plain != GIVEN).any() and (GIVEN == 200).all()
    with pytest.raises(EmoscopeError, match='read them with explain="gradcam"'):
        annotate(GIVEN, reader.read(GIVEN), heat=True)
    np.testing.assert_array_equal(annotate(GIVEN, [], heat=True), GIVEN)
    np.testing.assert_array_equal(annotate(GIVEN, (face for face in faces), heat=True), warm)
    with pytest.raises(EmoscopeError, match="no inset 'x'; choose gradcam"):
        annotate(GIVEN, faces, inset="x")


def test_pictures_of_one_stream_keep_numbers_and_smoothing_and_others_do_not(reader: Reader):
    black = np.zeros_like(GIVEN)
    reader.read(GIVEN, time_s=0.0)
    (still_said,) = reader.read(black, time_s=0.04)
    assert still_said.emotion == "happy" and still_said.reading.prediction.emotion == "sad"
    assert reader.read(black)[0].emotion == "sad"


@pytest.mark.parametrize("leave", ["break", "error", "never begun", "end"])
def test_an_iterator_that_is_left_closes_its_file_and_ends_its_threads(reader: Reader, tmp_path: Path, leave: str):
    film = make_film(tmp_path / "clip.mp4", range(0, 100 * 512, 512))
    with ending_threads():
        frames = reader.watch(film)
        if leave == "break":
            for _ in frames:
                break
        elif leave == "error":
            with pytest.raises(ZeroDivisionError):
                [1 / 0 for _ in frames]
        elif leave == "end":
            assert len(list(frames)) == 100
        del frames
        gc.collect()
    assert str(film) not in open_files()


def open_files() -> list[str]:
    """Names of the films that this process has open."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return sorted(str(link.readlink()) for link in links if link.exists() and link.readlink().suffix == ".mp4")


def test_a_folder_is_watched_picture_by_picture_and_a_damaged_one_is_passed_over(reader: Reader, tmp_path: Path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("b.png", "a.png"):
        cv2.imwrite(str(folder / name), GIVEN)
    (folder / "c.png").write_bytes(PNG)
    with pytest.warns(UserWarning, match="c.png"):
        frames = list(reader.watch(folder))
    assert [(frame.name, len(frame.faces)) for frame in frames] == [("a.png", 1), ("b.png", 1)]
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="holds no pictures"):
        list(reader.watch(tmp_path / "empty"))


def test_what_earlier_runs_left_in_a_folder_is_no_picture_of_it_but_one_of_its_own(reader: Reader, tmp_path: Path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a.png", "a.emoscope.png", "film.timeline.png", "a.explain-1.png"):
        cv2.imwrite(str(folder / name), GIVEN)
    assert [frame.name for frame in reader.watch(folder)] == ["a.png"]
    assert [frame.name for frame in reader.watch(folder / "a.emoscope.png")] == ["a.emoscope.png"]


def test_a_detector_of_ones_own_may_give_boxes_scores_or_faces(tmp_path: Path):
    model = str(write_bundle(tmp_path))
    for found in (BOX, [*BOX, 0.5], np.array(BOX), face_in_box(BOX)):
        (one,) = Reader(model, sees(found)).read(GIVEN)
        assert one.box_xyxy == BOX and one.eyes == face_in_box(BOX).eyes
    eyes = Face(BOX, ((50, 45), (70, 45)), 0.9)
    assert Reader(model, sees(eyes)).read(GIVEN)[0].eyes == eyes.eyes
    assert Reader(model, sees()).read(GIVEN) == []
    assert Reader(model, sees((5, 5, 5, 9))).read(GIVEN) == []  # it has no area
    moving = iter([(10, 10, 50, 50), (12, 10, 52, 50), (90, 10, 130, 50)])
    follower = Reader(model, lambda image: [next(moving)])
    assert [follower.read(GIVEN, time_s=time_s)[-1].track for time_s in (0.0, 0.1, 0.2)] == [1, 1, 2]


@pytest.mark.parametrize("answer", [5, [5], [(1, 2, 3)], [("a", "b", "c", "d")], [(1, 2, 3, float("nan"))], None])
def test_a_detectors_answer_that_is_none_is_said(tmp_path: Path, answer: Any):
    reader = Reader(str(write_bundle(tmp_path)), lambda image: answer)
    with pytest.raises(EmoscopeError, match="the detector's answer is not a list of faces"):
        reader.read(GIVEN)


def test_a_classifier_of_ones_own_reads_and_has_no_heat():
    def shade(crops: np.ndarray) -> np.ndarray:
        assert crops.dtype == np.uint8 and crops.shape[1:] == (48, 48)
        bright = crops.mean(axis=(1, 2)) / 255
        return np.stack([1 - bright, bright], axis=1)

    with pytest.raises(ModelError, match="shade: a classifier names its classes"):
        Reader(shade)  # type: ignore[arg-type]
    shade.labels = np.array(["dark", "bright"])  # type: ignore[attr-defined]
    reader = Reader(shade, sees(BOX))  # type: ignore[arg-type]
    (one,) = reader.read(GIVEN)
    assert (one.emotion, one.labels) == ("bright", ("dark", "bright"))
    assert one.probabilities == pytest.approx([55 / 255, 200 / 255], abs=0.01)
    with pytest.raises(ModelError, match="shade has no layer 'conv1'; it has none"):
        reader.pixels(reader.read(GIVEN)[0], "conv1", 0)
    with pytest.raises(ModelError, match="shade has no layers to look at"):
        reader.read(GIVEN, explain=True)
    assert (annotate(GIVEN, [one]) != GIVEN).any()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.zeros((1, 3)), r"shape \(1, 3\), not \(1, 2\)"),
        (np.ones((1, 2)), "no probabilities"),
        ([[np.nan, 1]], "no prob"),
        ([["a", "b"]], "no array of numbers"),
    ],
)
def test_a_classifiers_answer_that_is_none_is_said(answer: Any, message: str):
    def wrong(crops: np.ndarray) -> Any:
        return answer

    wrong.labels = ("a", "b")  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match=message):
        Reader(wrong, sees(BOX)).read(GIVEN)  # type: ignore[arg-type]


def test_a_classifier_may_say_size_colours_and_crop():
    class Reddish:
        labels, size, channels = ("red", "other"), 8, "rgb"
        crop = emoscope.CropSpec(eye_distances=2.0)

        def __call__(self, crops: np.ndarray) -> np.ndarray:
            assert crops.shape[1:] == (8, 8, 3)
            red = crops[..., 0].mean(axis=(1, 2)) / 255
            return np.stack([red, 1 - red], axis=1)

    red = np.zeros((120, 160, 3), np.uint8)
    red[:, :, 2] = 255
    assert Reader(Reddish(), sees(BOX)).read(red)[0].emotion == "red"


def test_a_sink_takes_every_frame_and_is_closed_also_after_an_error(reader: Reader, tmp_path: Path):
    class Sink:
        def __init__(self) -> None:
            self.indices, self.closed = list[int](), False

        def __call__(self, frame: FrameReadings) -> None:
            self.indices.append(frame.index)
            if frame.index == 5:
                raise KeyError("full")

        def close(self) -> None:
            self.closed = True

    film, sink = make_film(tmp_path / "clip.mp4"), Sink()
    with ending_threads():
        assert reader.send(film, sink, end_s=0.16) == 5 and sink.closed
        sink = Sink()
        with pytest.raises(KeyError):
            reader.send(film, sink)
    assert sink.indices == list(range(6)) and sink.closed
    kept: list[FrameReadings] = []
    assert reader.send(film, kept.append, every=4) == len(kept) == 3


def test_the_table_is_that_of_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("emoscope.api.tables._pandas", missing)
    monkeypatch.setattr("emoscope.api.tables._polars", missing)
    film, model = make_film(tmp_path / "clip.mp4"), str(write_bundle(tmp_path))
    rows = read_table(film, model=model, detector=sees(BOX))
    assert [row["frame"] for row in rows] == list(range(12))
    assert list(rows[0])[:9] == ["frame", "time_s", "face", "x", "y", "width", "height", "confidence", "emotion"]
    assert rows[0]["face"] == 1 and rows[0]["emotion"] in LABELS and set(LABELS) <= set(rows[0])
    assert [row["face"] for row in read_table(film, model=model, detector=sees(), every=4)] == [None] * 3
    (tmp_path / "two").mkdir()
    cv2.imwrite(str(tmp_path / "two" / "a.png"), GIVEN)
    assert read_table(tmp_path / "two", model=model, detector=sees(BOX))[0]["picture"] == "a.png"


def test_the_table_of_a_film_that_changes_its_size_is_that_of_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("emoscope.api.tables._pandas", missing)
    monkeypatch.setattr("emoscope.api.tables._polars", missing)
    film, model = resizing(tmp_path / "a.mkv", [(160, 96), (320, 192), (96, 160)]), str(write_bundle(tmp_path))

    def half(image: np.ndarray) -> list[Any]:
        height, width = image.shape[:2]
        return [(0.0, 0.0, width / 2, height / 2)]

    rows = read_table(film, model=model, detector=half)
    assert [(row["frame"], row["width"], row["height"]) for row in rows] == [(n, 160, 96) for n in range(12)]
    sizes = [frame.image.shape[:2] for frame in Reader(model, half).watch(film)]
    assert sizes == [(96, 160)] * 4 + [(192, 320)] * 4 + [(160, 96)] * 4


def missing(*_: object) -> None:
    raise ImportError


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_the_table_is_a_frame_where_there_is_a_package_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
):
    kind = pytest.importorskip(package).DataFrame
    if package == "polars":
        monkeypatch.setattr("emoscope.api.tables._pandas", missing)
    film, model = make_film(tmp_path / "clip.mp4"), str(write_bundle(tmp_path))
    for detector, faces in ((sees(BOX), 12), (sees(), 0)):
        table = read_table(film, model=model, detector=detector)
        assert isinstance(table, kind) and len(table) == 12
        assert sum(isinstance(value, int) for value in table["face"].to_list()) == faces


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"model": "nothing"}, "nothing: no such model"),
        ({"detector": "nothing"}, "no detector 'nothing'"),
        ({"detector": 5}, "int is no detector"),
        ({"provider": "warp"}, "provider 'warp' is not installed"),
        ({"provider": None}, "a provider is given by its name, not by None"),
        ({"model": None}, "an object of type NoneType is no model"),
        ({"model": classifier(labels=5)}, "a classifier names its classes"),
        ({"model": classifier(size="48")}, "`size` is the edge of a crop in pixels, not '48'"),
        ({"model": classifier(crop="eyes")}, "`crop` is an emoscope.CropSpec, not 'eyes'"),
        ({"smoothing": -1}, "smoothing is a time in seconds"),
        ({"smoothing": float("nan")}, "smoothing is a time in seconds"),
        ({"smoothing": None}, "smoothing is a time in seconds"),
        ({"prior": 2}, "prior is the share of it that is taken off, from 0 to 1, not 2"),
        ({"prior": float("nan")}, "prior is the share of it that is taken off, from 0 to 1, not nan"),
    ],
)
def test_a_reader_that_cannot_be_says_why(how: dict[str, Any], message: str):
    with pytest.raises(EmoscopeError, match=message):
        Reader(**how)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        *(({"every": every}, f"every is a whole number from 1, .*, not {every}") for every in (0, -1, 2.5, None)),
        ({"video_stream": 0.5}, "video_stream is a whole number, None for the largest, not 0.5"),
        *(({"fps": fps}, "fps is the number of pictures a second, above 0") for fps in (0, float("nan"), "25")),
        ({"start_s": None}, "not from None to inf"),
        ({"end_s": "1"}, "not from -inf to '1'"),
        ({"source": None}, "an object of type NoneType is no source"),
    ],
)
def test_what_cannot_be_watched_is_said_at_once(reader: Reader, how: dict[str, Any], message: str):
    with pytest.raises(EmoscopeError, match=message):
        reader.watch(**{"source": "clip.mp4", **how})


def test_numbers_may_be_those_of_numpy(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    film = make_film(tmp_path / "clip.mp4")
    frames = reader.watch(film, start_s=np.float64(0.1), every=np.int64(3), video_stream=np.int64(0))
    assert [frame.index for frame in frames] == [3, 6, 9]
    asked: list[str] = []
    monkeypatch.setattr("emoscope.api.watching.open_source", asked.append)
    reader.watch(np.int64(2))
    assert asked == ["2"]
    face = reader.read(GIVEN)[0]
    with pytest.raises(ModelError, match=r"conv1 has channels 0 to \d+, not 0\.5"):
        reader.pixels(face, "conv1", 0.5)
    with pytest.raises(EmoscopeError, match="time_s is a moment in seconds"):
        reader.read(GIVEN, time_s=float("nan"))


def test_a_face_equals_itself_alone(tmp_path: Path):
    reader = Reader(str(write_bundle(tmp_path)), sees(BOX, (90.0, 30.0, 130.0, 70.0)))
    faces, others = reader.read(GIVEN), reader.read(GIVEN)
    assert faces[1] in faces and faces[1] not in others and len(set(faces + others)) == 4
    assert faces.index(faces[1]) == 1
    faces.remove(faces[1])
    assert len(faces) == 1
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), GIVEN)
    one, two = (next(iter(reader.watch(path))) for _ in range(2))
    assert one != two and len({one, two, one}) == 2


@pytest.mark.parametrize("detector", ["yunet", "blazeface"])
def test_a_closed_reader_says_so_and_closes_again_but_what_it_read_can_be_explained(tmp_path: Path, detector: str):
    (tmp_path / "album").mkdir()
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / "album" / name), GIVEN)
    face = Reader(str(write_bundle(tmp_path)), sees(BOX)).read(GIVEN)[0]
    reader = Reader(str(write_bundle(tmp_path)), detector)
    frames = reader.watch(tmp_path / "album")
    next(frames)
    reader.close()
    reader.close()
    for ask in (lambda: reader.read(GIVEN), lambda: reader.watch(tmp_path / "album"), lambda: next(frames)):
        with pytest.raises(EmoscopeError, match="the reader is closed: read inside its `with`, or make another"):
            ask()
    assert reader.explain(face).shape == (2, 2)


def test_a_camera_gives_its_newest_frame(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    from tests.realtime.live.test_viewer import Lasting

    source = Lasting([GIVEN] * 3)
    monkeypatch.setattr("emoscope.api.watching.open_source", lambda name: source)
    with ending_threads():
        frames = reader.watch(0)
        assert next(frames).faces[0].emotion == "happy"
        frames.close()  # type: ignore[attr-defined]
    assert source.closed
