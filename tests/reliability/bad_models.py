"""Bad models and data sets: every word that the command says to them."""

from __future__ import annotations

from tests.reliability.row import DRAWN, refused

POINTER = "a git-lfs pointer, not the model itself: run `git lfs pull` where it came from"
PAGE = "a web page saved under a model's name: download the model file itself"
ONNX_PAGE = "a web page saved as .onnx: download the model file itself"
WIRE = "not a whole ONNX model (Error parsing message with type 'onnx.ModelProto': Wire format was corrupt)"
AGAIN = "get the file again"
CONVERT = "make a bundle with `emoscope convert`"
COLUMNS = "no column emotion and pixels; expected emotion,pixels,Usage"
CLASSES = "angry, disgust, fear, happy, neutral, sad, surprise"
LAMBDA = "EmoScope never runs code from a model file: replace that layer by one of Keras' own and save it again"

WITH = f"{DRAWN} one_pixel.png --model"
BUNDLES = (
    refused(f"{WITH} pointer.onnx", f"pointer.onnx: {POINTER}"),
    refused(f"{WITH} page.onnx", f"page.onnx: {ONNX_PAGE}"),
    refused(
        f"{WITH} empty.onnx",
        f"empty.onnx: not a whole ONNX model (The model does not have an ir_version set properly.): {AGAIN}",
    ),
    refused(f"{WITH} cut.onnx", f"cut.onnx: {WIRE}: {AGAIN}"),
    refused(f"{WITH} alone.onnx", f"alone.activations.onnx: missing; it belongs to alone.onnx: {CONVERT}"),
    refused(f"{WITH} newer.onnx", "newer.onnx: version 9 is newer than this program knows (2): update EmoScope"),
    refused(f"{WITH} labels.onnx", f"labels.onnx: gives 3 probabilities, but its contract has 4 labels: {CONVERT}"),
    refused(f"{WITH} shape.onnx", f"shape.onnx: reads 6×6×1, but its contract says 4×4×1: {CONVERT}"),
    refused(
        f"{WITH} nameless.onnx",
        "nameless.onnx: says nothing about its labels and input: run `emoscope convert nameless.onnx -n NAME` first",
    ),
    refused(f"{WITH} halves.onnx", f"halves.onnx and halves.activations.onnx come from different models: {CONVERT}"),
    refused(
        f"{WITH} swapped.onnx",
        f"swapped.activations.onnx: has no output 'activation/conv1', though its contract says so: {CONVERT}",
    ),
    refused(
        f"{WITH} outside.onnx",
        "outside.onnx: not a whole ONNX model (Data of TensorProto ( tensor name: w) should be file inside 'FOLDER',"
        f" but '../../etc/passwd' points outside the directory.): {AGAIN}",
    ),
    refused(
        f"{WITH} {{d}}/onnxmodels_emotion-ferplus-8_LFS_POINTER.onnx",
        f"onnxmodels_emotion-ferplus-8_LFS_POINTER.onnx: {POINTER}",
    ),
    refused(f"{WITH} folder.mp4", f"folder.mp4: not an .onnx file: {CONVERT}"),
    refused("demo -o out --model page.onnx", f"page.onnx: {ONNX_PAGE}"),
    refused("serve --no-open --model page.onnx", f"page.onnx: {ONNX_PAGE}"),
)

NO_ACCESS = "cannot be read (Permission denied)"
DENIED = "Permission denied: ask for access to it and to the folder that it is in"
LOCKED = (
    refused(f"{WITH} locked_bundle.onnx", f"locked_bundle.onnx: {NO_ACCESS}"),
    refused(f"{WITH} closed/bundle.onnx", f"closed/bundle.onnx: {DENIED}"),
    refused("explain -o out one_pixel.png --model locked_bundle.onnx", f"locked_bundle.onnx: {NO_ACCESS}"),
    *(
        refused(command.format(name), f"{name}: {why}")
        for command in ("convert -o out {}", "evaluate {} rows.csv -o out")
        for kind in ("net.keras", "net.h5", "bundle.onnx")
        for name, why in ((f"locked_{kind}", NO_ACCESS), (f"closed/{kind}", DENIED))
    ),
    *(
        refused(command.format(name), f"{name}: {DENIED}")
        for command in ("data {} -o out", "train {} --arch gmp --epochs 1 -o out")
        for name in ("locked_faces.csv", "closed/faces.csv", "closed")
    ),
)

NETWORKS = tuple(
    row
    for command in ("convert -o out {}", "evaluate {} rows.csv -o out")
    for row in (
        refused(command.format("page.keras"), f"page.keras: {PAGE}"),
        refused(command.format("pointer.keras"), f"pointer.keras: {POINTER}"),
        refused(command.format("empty.keras"), "empty.keras: is empty: copy or download it again"),
        refused(
            command.format("pickle.keras"),
            "pickle.keras: not a whole .keras archive (File is not a zip file): copy or save it again",
        ),
        refused(
            command.format("cut.keras"),
            "cut.keras: not a whole .keras archive (File is not a zip file): copy or save it again",
        ),
        refused(
            command.format("hollow.keras"),
            "hollow.keras: an archive without config.json and model.weights.h5, so not one that Keras saved",
        ),
        refused(
            command.format("lambda.keras"),
            f"lambda.keras: layer 'trick' is a Lambda with Python code of its own; {LAMBDA}",
        ),
        refused(command.format("page.h5"), f"page.h5: {PAGE}"),
        refused(command.format("page.onnx"), f"page.onnx: {ONNX_PAGE}"),
        refused(command.format("cut.onnx"), f"cut.onnx: {WIRE}: {AGAIN}"),
    )
)

DATA = tuple(
    row
    for command in ("data {} -o out", "train {} --arch gmp --epochs 1 -o out")
    for row in (
        refused(command.format("missing"), "missing: no such file or folder"),
        refused(
            command.format("no_data"),
            "no_data: no folders of classes in it: pictures belong into one for each, angry/, disgust/, …",
        ),
        refused(command.format("empty.csv"), f"empty.csv line 1: {COLUMNS}"),
        refused(command.format("page.csv"), f"page.csv line 1: {COLUMNS}"),
        refused(command.format("pointer.csv"), f"pointer.csv line 1: {COLUMNS}"),
        refused(command.format("columns.csv"), f"columns.csv line 1: {COLUMNS}"),
        refused(command.format("no_rows.csv"), "no_rows.csv: no readable picture"),
        refused(
            command.format("rows.csv"),
            f"rows.csv line 3: emotion '9' is no number (0–6) or name of {CLASSES}: '9,{'7 ' * 29}…'",
        ),
        refused(
            command.format("nul.csv"),
            "nul.csv line 2: pixels are not whole numbers: '3,\\x00\ufffd\ufffd,Training'",
        ),
        refused(command.format("/dev/null"), "/dev/null: neither a folder of pictures nor a CSV file"),
    )
)

MODELS = (*BUNDLES, *LOCKED, *NETWORKS, *DATA)
