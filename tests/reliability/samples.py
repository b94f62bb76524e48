"""Bad files of every kind that a user may name: pictures, films, models, data sets."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import onnx

from tests.realtime.tiny import CONTRACT, activations, classifier, write_bundle

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 34571\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Not found</title></head></html>\n"


def pictures(folder: Path) -> None:
    """Pictures that are small, huge, broken or none."""
    cv2.imwrite(str(folder / "one_pixel.png"), np.full((1, 1, 3), 128, np.uint8))
    (folder / "huge.png").write_bytes(huge_png(20_000))
    whole = cv2.imencode(".jpg", np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8))[1].tobytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "cut.png").write_bytes((folder / "one_pixel.png").read_bytes()[:40])
    (folder / "page.jpg").write_bytes(PAGE)
    (folder / "empty.png").touch()


def huge_png(edge: int) -> bytes:
    """A black picture of edge × edge pixels with one bit each: small on disk, large in memory."""
    row = b"\0" * (1 + -(-edge // 8))
    packer = zlib.compressobj(1)
    data = b"".join([*(packer.compress(row) for _ in range(edge)), packer.flush()])
    head = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def places(folder: Path) -> None:
    """What is no file to read: a folder, a pipe, a link to nowhere, a loop of links."""
    (folder / "folder.mp4").mkdir()
    os.mkfifo(folder / "pipe.mp4")
    (folder / "nowhere.mp4").symlink_to(folder / "gone.mp4")
    (folder / "loop.mp4").symlink_to(folder / "loop.mp4")


LOCKED = ["film.mp4", "photo.png", "bundle.onnx", "net.keras", "net.h5", "faces.csv"]


def locked(folder: Path) -> None:
    """What the user may not read: files, and a folder of files that may not be entered."""
    (folder / "closed").mkdir()
    for name in LOCKED:
        (folder / "closed" / name).write_bytes(b"secret")
        (folder / f"locked_{name}").write_bytes(b"secret")
        (folder / f"locked_{name}").chmod(0)
    (folder / "closed").chmod(0)


def models(folder: Path) -> None:
    """Bundles with one thing wrong each; the name says which."""
    (folder / "pointer.onnx").write_bytes(POINTER)
    (folder / "page.onnx").write_bytes(PAGE)
    (folder / "empty.onnx").touch()
    whole = classifier().SerializeToString()
    (folder / "cut.onnx").write_bytes(whole[: len(whole) // 2])
    write_bundle(folder, "alone").with_suffix(".activations.onnx").unlink()
    write_bundle(folder, "newer", CONTRACT.with_(version=9))
    write_bundle(folder, "labels", CONTRACT.with_(labels=("a", "b", "c", "d")))
    write_bundle(folder, "nameless")
    _change(folder / "nameless.onnx", lambda model: model.ClearField("metadata_props"))
    write_bundle(folder, "shape")
    for half in ("shape.onnx", "shape.activations.onnx"):
        _change(folder / half, _wider_input)
    write_bundle(folder, "halves")
    onnx.save(activations(CONTRACT.with_(source_sha256="other")), folder / "halves.activations.onnx")
    write_bundle(folder, "outside")
    _change(folder / "outside.onnx", _outside)
    write_bundle(folder, "swapped")
    (folder / "swapped.activations.onnx").write_bytes(classifier().SerializeToString())


def _change(path: Path, change) -> None:  # type: ignore[no-untyped-def]
    model = onnx.load(path)
    change(model)
    path.write_bytes(model.SerializeToString())


def _wider_input(model: onnx.ModelProto) -> None:
    for place in (1, 2):
        model.graph.input[0].type.tensor_type.shape.dim[place].dim_value = 6
    for output in model.graph.output:
        for dimension in output.type.tensor_type.shape.dim[1:3]:
            dimension.Clear()


def _outside(model: onnx.ModelProto) -> None:
    tensor = onnx.TensorProto(name="w", data_type=onnx.TensorProto.FLOAT, dims=[6])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    model.graph.initializer.append(tensor)


def networks(folder: Path) -> None:
    """Keras files with one thing wrong each, written without Keras."""
    import json
    import zipfile

    (folder / "page.keras").write_bytes(PAGE)
    (folder / "pointer.keras").write_bytes(POINTER)
    (folder / "empty.keras").touch()
    (folder / "pickle.keras").write_bytes(b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00.")
    (folder / "page.h5").write_bytes(PAGE)
    layer = {"class_name": "Lambda", "config": {"name": "trick", "function": {"class_name": "__lambda__"}}}
    config = {"class_name": "Functional", "config": {"name": "m", "layers": [layer]}}
    with zipfile.ZipFile(folder / "lambda.keras", "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.0.0"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")
    with zipfile.ZipFile(folder / "hollow.keras", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    whole = (folder / "lambda.keras").read_bytes()
    (folder / "cut.keras").write_bytes(whole[: len(whole) // 2])


def datasets(folder: Path) -> None:
    """Data sets that are empty, or broken in places."""
    (folder / "no_data").mkdir()
    (folder / "empty.csv").touch()
    (folder / "page.csv").write_bytes(PAGE)
    (folder / "pointer.csv").write_bytes(POINTER)
    (folder / "columns.csv").write_text("name,age\nx,3\n")
    pixels = " ".join(["7"] * (48 * 48))
    rows = [f"3,{pixels},Training", f"9,{pixels},Training", f"3,{pixels[:-9]},Training", "3,x y z,Training", ",,"]
    (folder / "rows.csv").write_text("emotion,pixels,Usage\n" + "\n".join(rows) + "\n")
    (folder / "no_rows.csv").write_text("emotion,pixels,Usage\n")
    (folder / "nul.csv").write_bytes(b"emotion,pixels,Usage\n3,\x00\xff\xfe,Training\n")


def table(path: Path, rows: int) -> None:
    """A data set in the form of FER2013's table: made-up pictures, every class and split among them."""
    chance = np.random.default_rng(5)
    with path.open("w") as file:
        file.write("emotion,pixels,Usage\n")
        for number in range(rows):
            split = ("Training", "Training", "Training", "PublicTest", "PrivateTest")[number // 7 % 5]
            pixels = chance.integers(0, 256, 48 * 48)
            file.write(f"{number % 7},{' '.join(map(str, pixels))},{split}\n")


def tree(folder: Path, pictures: int) -> None:
    """The same as FER2013's folder tree."""
    emotions = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    chance = np.random.default_rng(6)
    for number in range(pictures):
        for split, start in (("train", "Training"), ("test", "PublicTest"), ("test", "PrivateTest")):
            place = folder / split / emotions[number % len(emotions)]
            place.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(place / f"{start}_{number}.jpg"), chance.integers(0, 256, (48, 48), np.uint8))
