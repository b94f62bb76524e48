"""The rules of the house: which way arrows run, what every file says, what no file may say."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from emoscope.system.libraries import DISTRIBUTIONS

ROOT = Path(__file__).parents[1]
PACKAGES = ("realtime", "convert", "models")
INSTALLED = {"realtime": "emoscope", "convert": "emoscope.convert", "models": "emoscope.models"}
"""Folder → the package that it is installed as."""
MAY_IMPORT = {"realtime": {"realtime"}, "convert": {"convert", "realtime"}, "models": {"models", "convert", "realtime"}}
"""Arrows run models → convert → realtime; the contract is what both sides share."""
ROOMS = (
    ("errors", "types"),
    ("system",),
    ("media", "network"),
    ("faces",),
    ("reading",),
    ("view",),
    ("draw",),
    ("report",),
    ("sinks",),
    ("live",),
    ("archive",),
    ("processing", "web"),
    ("api", "benchmark", "doctor"),
    ("commands",),
    ("cli", "__init__"),
    ("__main__",),
)
"""The runtime's rooms from the ground up: none imports from a floor above its own, nor from its neighbours."""
HEAVY = {"tensorflow", "keras", "tf2onnx", "sklearn", "optuna", "torch"}


def sources(*folders: str) -> list[Path]:
    """Python files of folders of this project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text("utf-8"))


def name(path: Path) -> str:
    """A file's path in the project."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, anywhere in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = ".".join(filter(None, (_base(path, node.level), node.module)))
            yield from (
                f"{module}.{alias.name}" if _is_room(f"{module}.{alias.name}") else module for alias in node.names
            )


def _base(path: Path, level: int) -> str:
    """The package that an import's leading dots stand for."""
    folder, *parts = path.relative_to(ROOT).parts
    if not level or folder not in INSTALLED:
        return ""
    package = [*INSTALLED[folder].split("."), *parts[:-1]]
    return ".".join(package[: len(package) - level + 1])


def _is_room(module: str) -> bool:
    below = ROOT.joinpath(*place(module).split("."))
    return below.is_dir() or below.with_suffix(".py").is_file()


def place(module: str) -> str:
    """Where a module of ours stands, `folder.room.file`; "" for others' modules."""
    names = module.split(".")
    if names[0] != "emoscope":
        return ""
    return ".".join(names[1:] if names[1:2] in (["convert"], ["models"]) else ["realtime", *names[1:]])


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_run_one_way(package: str):
    wrong = {
        f"{name(path)} imports {module}"
        for path in sources(package)
        for module in imports(path)
        if place(module).partition(".")[0] in set(PACKAGES) - MAY_IMPORT[package]
    }
    assert wrong == set()


def test_the_runtime_never_imports_tensorflow():
    wrong = {name(path) for path in sources("realtime") for module in imports(path) if module.split(".")[0] in HEAVY}
    assert wrong == set()


def test_models_reach_the_runtime_only_through_small_doors():
    """`models` never watches, serves or opens windows."""
    wrong = {
        f"{name(path)} imports {module}"
        for path in sources("models", "convert")
        for module in imports(path)
        if re.match(r"realtime\.(live|web)\b", place(module))
    }
    assert wrong == set()


def test_no_import_runs_upwards():
    floor = {room: number for number, rooms in enumerate(ROOMS) for room in rooms}
    assert {path.stem if path.parent.name == "realtime" else room(path) for path in sources("realtime")} == set(floor)
    wrong = {
        f"{name(path)} imports {module}"
        for path in sources("realtime")
        for module in imports(path)
        if (other := place(module).split(".")[1:2]) and other != [room(path)] and floor[other[0]] >= floor[room(path)]
    }
    assert wrong == set()


def room(path: Path) -> str:
    """The runtime's room in which a file stands: a folder, or a file beside them."""
    first = path.relative_to(ROOT / "realtime").parts[0]
    return first.removesuffix(".py")


def test_every_import_of_ours_is_seen():
    """Imports inside a folder are relative, so a reader of imports that sees none would find every rule kept."""
    seen = [module for path in sources("realtime") for module in imports(path) if place(module)]
    assert len(seen) > 500
    absolute = {
        f"{name(path)} imports {node.module}"
        for package in PACKAGES
        for path in sources(package)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and place(node.module or "").split(".")[0] == package
    }
    assert absolute == set()


def needs(extra: str = "") -> set[str]:
    """Names of the packages that an extra installs, and those that every installation has."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    lines = setup["options"]["install_requires"].splitlines()
    lines += setup["options.extras_require"][extra].splitlines() if extra else []
    names: set[str] = set()
    for line in filter(None, lines):
        name, extras = re.match(r"([\w.-]+)(?:\[([\w, -]+)\])?", line).groups()
        names |= {name} if name != "emoscope" else set().union(*(needs(one.strip()) for one in extras.split(",")))
    return names


def test_the_plain_install_has_one_opencv_and_no_mediapipe():
    assert needs() & {"mediapipe", "opencv-contrib-python", "opencv-python-headless"} == set()


def test_what_is_installed_is_what_doctor_looks_for():
    older, held = {"tomli"}, {"ml_dtypes"}  # what newer Pythons bring themselves, and what only onnx imports
    assert needs() - older - held == set(DISTRIBUTIONS.values()) - older
    assert needs() & older == older and (sys.version_info >= (3, 11) or older <= set(DISTRIBUTIONS))


def test_the_extra_full_holds_all_that_watches_converts_and_trains():
    wanted = {"opencv-python", "onnxruntime", "tf2onnx", "tensorflow", "numpy", "mediapipe", "click"}
    assert needs("full") >= wanted
    assert {"mediapipe", "pytest"} <= needs("test")


def test_every_package_is_installed():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    folders = {
        path.parent.relative_to(ROOT).parts for package in PACKAGES for path in (ROOT / package).rglob("__init__.py")
    }
    assert sorted(setup["options"]["packages"].split()) == sorted(
        ".".join((INSTALLED[top], *rest)) for top, *rest in folders
    )
    assert not any((ROOT / "realtime" / taken).exists() for taken in ("convert", "models"))


def test_every_file_says_its_idea():
    assert [name(path) for path in sources(*PACKAGES, "tests") if not ast.get_docstring(tree(path))] == []


def test_every_public_thing_is_explained():
    silent = [
        f"{name(path)}: {node.name}"
        for path in sources(*PACKAGES)
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


WAY = ("media", "faces", "network", "reading", "view")
SEVERAL = {"realtime/api": 2, **{f"realtime/{room}": 3 for room in WAY}}
"""From how many arguments on each is explained at the door for scripts, and on the way of a frame; `MANY` elsewhere."""
MANY = 4
ALIKE = "convert/autodiff/rules"
"""Makers of one table, all called alike: with the builder, the gradient, and the node's outputs and inputs."""


def test_many_arguments_are_explained_one_by_one():
    """Or the docstring says where they are: "see `name`"."""
    wrong = [
        f"{name(path)}: {what} does not explain {', '.join(unnamed)}"
        for path in sources(*PACKAGES)
        if not name(path).startswith(ALIKE)
        for what, names, text in asked_for(tree(path).body)
        if len(names) >= SEVERAL.get(name(path.parent), MANY) and not re.search(r"\bsee `", text, re.IGNORECASE)
        if (unnamed := [one for one in names if one not in explained(text)])
    ]
    assert wrong == []


def asked_for(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, list[str], str]]:
    """Name, arguments (or fields) and docstring of everything public that takes some."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        text, marks = ast.get_docstring(node) or "", " ".join(map(ast.unparse, node.decorator_list))
        if isinstance(node, ast.FunctionDef):
            if "command" not in marks:  # a command's options have a help of their own
                yield owner + node.name, arguments(node), text
            continue
        if "dataclass" in marks:
            lines = [line for line in node.body if isinstance(line, ast.AnnAssign)]
            told = [line for line in lines if "metadata=" not in ast.unparse(line)]
            yield (
                owner + node.name,
                [one for line in told if not (one := ast.unparse(line.target)).startswith("_")],
                text,
            )
        for line in node.body:
            if isinstance(line, ast.FunctionDef) and line.name == "__init__":
                yield owner + node.name, arguments(line), text
        yield from asked_for(node.body, f"{owner}{node.name}.")


def arguments(function: ast.FunctionDef) -> list[str]:
    """What a function takes, but for what Python gives it."""
    all_of_it = function.args
    named = [*all_of_it.posonlyargs, *all_of_it.args, *all_of_it.kwonlyargs, all_of_it.vararg, all_of_it.kwarg]
    return [one.arg for one in named if one is not None and one.arg not in ("self", "cls")]


def explained(text: str) -> set[str]:
    """The names that a docstring has a line for, under `Args:` or `Attributes:`."""
    below = re.search(r"^(?:Args|Attributes):\n((?:[ ]{4}.*\n?|\n)+)", text, re.MULTILINE)
    lines = re.findall(r"^ {4}(\w[\w, ]*):", below[1], re.MULTILINE) if below else []
    return {one.strip() for line in lines for one in line.split(",")}


def test_no_two_public_classes_share_a_name():
    seen: dict[str, list[str]] = {}
    for path in sources(*PACKAGES):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                seen.setdefault(node.name, []).append(name(path))
    assert {own: places for own, places in seen.items() if len(places) > 1} == {}


def test_no_file_is_called_utils():
    assert [name(path) for path in sources(*PACKAGES) if re.fullmatch(r"(utils?|helpers?|misc)\.py", path.name)] == []


def test_no_error_is_swallowed():
    """Whoever catches everything says what becomes of it."""
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in sources(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
    ]
    assert wrong == []


def test_dataclasses_are_slotted():
    wrong = [
        f"{name(path)}: {node.name}"
        for path in sources("realtime", "convert")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and "cached_property" not in ast.unparse(node)
        for mark in node.decorator_list
        if "dataclass" in ast.unparse(mark) and "slots=True" not in ast.unparse(mark)
    ]
    assert wrong == []


def test_nothing_is_unpickled():
    wrong = [
        f"{name(path)} imports {module}"
        for path in sources(*PACKAGES)
        for module in imports(path)
        if module.split(".")[0] in {"pickle", "dill", "joblib", "shelve", "cloudpickle"}
    ]
    assert wrong == []
    calls = re.compile(r"allow_pickle\s*=\s*True|safe_mode\s*=\s*False")
    assert [name(path) for path in sources(*PACKAGES) if calls.search(path.read_text("utf-8"))] == []


def test_only_streams_displays_publishers_and_the_page_know_of_sockets():
    modules = {"socket", "urllib.request", "http.client", "requests", "socketserver", "http.server", "asyncio"}
    users = {name(path) for path in sources(*PACKAGES) for module in imports(path) if module in modules}
    elsewhere = {path for path in users if not path.startswith("realtime/web/")}
    publishers = {"realtime/sinks/websocket.py", "realtime/sinks/osc.py", "realtime/system/listening.py"}
    assert elsewhere <= {"realtime/system/display.py", "convert/offline.py", *publishers}


def test_opencv_is_loaded_before_pyav():
    """Else OpenCV's window hangs: see `emoscope.media`."""
    assert "cv2" in set(imports(ROOT / "realtime" / "media" / "__init__.py"))
    rooms = {path.parent for path in sources("realtime") if {"av"} & {name.split(".")[0] for name in imports(path)}}
    first = {"emoscope.media"}
    wrong = {name(room) for room in rooms if room.name != "media" and not first & set(imports(room / "__init__.py"))}
    assert len(rooms) > 3 and wrong == set()
