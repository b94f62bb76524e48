"""Bad films, pictures and sources, and options out of range: every word that the command says to them."""

from __future__ import annotations

from tests.reliability.row import DRAWN, Row, read, refused, wrong

PICTURE = "not a picture; EmoScope reads AVIF, BMP, GIF, HEIC, JPEG, JPEG2000, JPEG XL, MPO, PNG, PPM, TIFF, WEBP"
CLASSES = "angry, disgust, fear, happy, neutral, sad, surprise"

FILM = "process -o out --no-video --no-chart"
CAPTURE = "capture -o out --pictures 1 --seconds 0.2"
EXPLAIN = "explain -o out"

FILMS = (
    read(f"{FILM} {{d}}/alihassan_meeting_black.mp4", "alihassan_meeting_black"),
    refused(f"{FILM} {{d}}/audio_only.m4a", "audio_only.m4a: holds no pictures, only sound: give a video"),
    refused(f"{FILM} {{d}}/audio_only.mp4", "audio_only.mp4: holds no pictures, only sound: give a video"),
    read(
        f"{FILM} {{d}}/bitflips_400.mp4",
        "bitflips_400",
        "bitflips_400.mp4: 2 damaged pictures skipped, 46 pictures kept that could only be read with errors"
        " at 0.00–5.93 s",
    ),
    read(
        f"{FILM} {{d}}/decord_corrupted.mp4",
        "decord_corrupted",
        "decord_corrupted.mp4: 1 damaged picture skipped at 3.00 s",
    ),
    read(f"{FILM} {{d}}/decord_unordered.mov", "decord_unordered"),
    read(f"{FILM} {{d}}/decord_video_90.mov", "decord_video_90"),
    refused(
        f"{FILM} {{d}}/dhruvi_classroom_is_html.mp4",
        "dhruvi_classroom_is_html.mp4: a web page saved under a video's name: download the video itself",
    ),
    refused(f"{FILM} {{d}}/empty.mp4", "empty.mp4: is empty: copy or download it again"),
    read(
        f"{FILM} {{d}}/trunc_faststart_60pct.mp4",
        "trunc_faststart_60pct",
        "trunc_faststart_60pct.mp4: 1 damaged picture skipped at 3.13 s; the file ends at 3.2 s, though its header"
        " promises 6.0 s",
    ),
    read(
        f"{FILM} {{d}}/trunc_half.mkv",
        "trunc_half",
        "trunc_half.mkv: the file ends at 2.4 s, though its header promises 6.0 s",
    ),
    refused(
        f"{FILM} {{d}}/trunc_no_moov.mp4",
        "trunc_no_moov.mp4: the recording was cut off before its index was written, so nothing can be found in it:"
        " copy it again",
    ),
    refused(f"{FILM} {{d}}/emotion-ferplus-8.mp4", "emotion-ferplus-8.mp4: no such file"),
    refused(f"{FILM} pipe.mp4", "pipe.mp4: nothing came through it: start what writes into it first"),
    refused(f"{FILM} loop.mp4", "loop.mp4: no such file"),
    refused(f"{FILM} nowhere.mp4", "nowhere.mp4: no such file"),
    refused(f"{FILM} missing.mp4", "missing.mp4: no such file"),
    refused(f"{FILM} /dev/zero", "/dev/zero: a device or a pipe, not a recorded file"),
    refused(f"{FILM} /dev/null", "/dev/null: a device or a pipe, not a recorded file"),
    refused(f"{FILM} {'x' * 300}", f"{'x' * 300}: cannot be read (File name too long)"),
    refused(
        f"{FILM} folder.mp4",
        "folder.mp4: holds no recording and no picture: name another, or --recursive for those below it",
    ),
    refused(f"{FILM} ", "an input has no name: is a variable of the shell empty?"),
    refused(f"{FILM} *.nothing", "*.nothing: holds no recording and no picture: name another folder or pattern"),
)

PICTURES = (
    Row(
        f"{DRAWN} one_pixel.png",
        0,
        "",
        ("out/one_pixel.emoscope.png", "out/one_pixel.faces.csv", "out/one_pixel.summary.json"),
    ),
    refused(f"{DRAWN} huge.png", "huge.png: has more than 80 million pixels: make it smaller"),
    refused(
        f"{DRAWN} cut.jpg",
        "cut.jpg: the picture is damaged (image file is truncated (219 bytes not processed)): save or copy it again",
    ),
    *(refused(f"{DRAWN} {name}", f"{name}: {PICTURE}") for name in ("cut.png", "page.jpg", "empty.png")),
    refused(f"{EXPLAIN} huge.png", "huge.png: has more than 80 million pixels: make it smaller"),
    refused(
        f"{EXPLAIN} one_pixel.png",
        "one_pixel.png: no face found; give a larger picture, or --crop for a bare face",
    ),
    refused(f"{EXPLAIN} page.jpg", f"page.jpg: {PICTURE}"),
    refused(f"{EXPLAIN} missing.jpg", "missing.jpg: cannot be read (No such file or directory)"),
    refused(f"{EXPLAIN} pipe.mp4", "pipe.mp4: a folder, device or pipe, not a picture file"),
    refused(f"{EXPLAIN} no_data", "no_data: holds no pictures: name another folder, or the files themselves"),
)

SOURCES = (
    refused(
        f"{CAPTURE} missing.mp4",
        "missing.mp4: no such file; give a camera number, a file, a folder of pictures or an address",
    ),
    refused(f"{CAPTURE} page.jpg", f"page.jpg: {PICTURE}"),
    refused(f"{CAPTURE} {{d}}/empty.mp4", "empty.mp4: is empty: copy or download it again"),
    refused(f"{CAPTURE} {{d}}/audio_only.mp4", "audio_only.mp4: holds no pictures, only sound: give a video"),
    refused(f"{CAPTURE} pipe.mp4", "pipe.mp4: nothing came through it: start what writes into it first"),
    refused(f"{CAPTURE} no_data", "no_data: holds no pictures: name another folder"),
    refused(
        f"{CAPTURE} http://127.0.0.1:9/x",
        "http://127.0.0.1:9/x: no stream there (Connection refused): check address and network",
    ),
    refused(f"{CAPTURE} nonsense://x", "nonsense://x: no stream there (Protocol not found): check address and network"),
    refused(
        "live one_pixel.png",
        "there is no screen (DISPLAY is not set): use `emoscope process` for files, or give a screen (DISPLAY;"
        " `xvfb-run` makes one)",
    ),
    refused("bench missing.mp4", "missing.mp4: no such file"),
    refused("bench {d}/empty.mp4", "empty.mp4: is empty: copy or download it again"),
)

DENIED = "Permission denied: ask for access to it and to the folder that it is in"
NO_ACCESS = "cannot be read (Permission denied)"
LOCKED = (
    *(refused(f"{FILM} {name}", f"{name}: {NO_ACCESS}") for name in ("locked_film.mp4", "closed/film.mp4", "closed")),
    *(refused(f"{DRAWN} {name}", f"{name}: {NO_ACCESS}") for name in ("locked_photo.png", "closed/*.png")),
    Row(
        f"{DRAWN} one_pixel.png locked_photo.png", 1, f"emoscope: locked_photo.png: {NO_ACCESS}\n",
        ("out/one_pixel.emoscope.png", "out/one_pixel.faces.csv", "out/one_pixel.summary.json"),
    ),
    refused(f"{DRAWN} -o closed/out one_pixel.png", f"closed/out/one_pixel.emoscope.png: {DENIED}"),
    refused(f"{EXPLAIN} locked_photo.png", f"locked_photo.png: {NO_ACCESS}"),
    refused(f"{EXPLAIN} closed/photo.png", f"closed/photo.png: {DENIED}"),
    refused(f"{EXPLAIN} closed", f"closed: {DENIED}"),
    refused(f"{CAPTURE} locked_film.mp4", f"locked_film.mp4: {NO_ACCESS}"),
    refused(f"{CAPTURE} locked_photo.png", f"locked_photo.png: {NO_ACCESS}"),
    refused(f"{CAPTURE} closed/film.mp4", f"closed/film.mp4: {DENIED}"),
    refused(f"{CAPTURE} closed", f"closed: {DENIED}"),
    refused("bench locked_film.mp4", f"locked_film.mp4: {NO_ACCESS}"),
)  # fmt: skip

CLIP = "process -o out {d}/decord_video_90.mov"
OPTIONS = (
    refused(f"{CLIP} --target bored", f"the model has no class 'bored'; it has {CLASSES}"),
    refused(f"{CLIP} --provider warp", "provider 'warp' is not installed; there are azure, cpu"),
    *(
        wrong(f"{CLIP} {options}", "process", "[OPTIONS] INPUT...", told)
        for options, told in (
            ("--start 5 --end 2", "the part from 5 s to 2 s is empty: --end must be later"),
            ("--start nan", "the part from nan s to inf s is empty: --end must be later"),
            ("--codec nonsense", "codec 'nonsense' is not an encoder of this PyAV: try libx264 or libx265"),
            (
                "--preset nonsense",
                "preset 'nonsense' is none of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower,"
                " veryslow, placebo: try libx264 with veryfast",
            ),
            ("--blur --every 2", "--blur looks for faces in every frame, and --every leaves frames out: drop one"),
            (
                "--no-video --no-rows --no-chart",
                "nothing is left to write: drop one of --no-video, --no-rows and --no-chart",
            ),
        )
    ),
    refused(
        f"{CLIP} --start 99",
        "decord_video_90.mov: holds no picture in the part asked for: its header says that they lie from 0 to 0.1 s",
    ),
    refused(
        f"{DRAWN} -o one_pixel.png one_pixel.png",
        "one_pixel.png: cannot be made a folder for results (File exists)",
    ),
    refused(
        f"{DRAWN} -o /proc/nothing one_pixel.png",
        "/proc/nothing: cannot be made a folder for results (No such file or directory)",
    ),
    wrong(
        f"{CLIP} --every 0", "process", "[OPTIONS] INPUT...", "Invalid value for '--every': 0 is not in the range x>=1."
    ),
    wrong(
        "live --size big",
        "live",
        "[OPTIONS] [SOURCE]",
        "Invalid value for '--size': 'big' is not a size such as 1280x720, up to 16384x16384",
    ),
    wrong(
        "serve --port 99999", "serve", "[OPTIONS]", "Invalid value for '--port': 99999 is not in the range 0<=x<=65535."
    ),
    wrong(
        "train rows.csv --epochs 0",
        "train",
        "[OPTIONS] [DATA]",
        "Invalid value for '--epochs': 0 is not in the range x>=1.",
    ),
    wrong(
        "capture --pictures 0",
        "capture",
        "[OPTIONS] [SOURCE]",
        "Invalid value for '--pictures': 0 is not in the range 1<=x<=10000.",
    ),
)

MEDIA = (*FILMS, *PICTURES, *SOURCES, *LOCKED, *OPTIONS)
