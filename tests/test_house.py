"""The rules of the house: which way arrows run, how long files and functions are, what no file may say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("realtime", "convert", "models")
LONGEST_FILE = {"realtime": 200, "convert": 200, "models": 200, "tests": 240}
"""Lines of a file, which is one page."""
MEDIAN_FUNCTION, LONG_FUNCTION = 6, 25
"""Lines of body: the median, and the 90th percentile."""
MAY_IMPORT = {"realtime": {"realtime"}, "convert": {"convert", "realtime"}, "models": {"models", "convert", "realtime"}}
"""Arrows run models → convert → realtime; the contract is what both sides share."""
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
            yield node.module or ""


def functions(*folders: str) -> list[int]:
    """Lengths of all functions' bodies, docstrings not counted, in lines."""
    nodes = (node for path in sources(*folders) for node in ast.walk(tree(path)))
    return [_lines(node) for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_run_one_way(package: str):
    wrong = {
        f"{name(path)} imports {module}"
        for path in sources(package)
        for module in imports(path)
        if module.partition(".")[0] in set(PACKAGES) - MAY_IMPORT[package]
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
        if re.match(r"realtime\.(live|loop|web)\b", module)
    }
    assert wrong == set()


@pytest.mark.parametrize("folder", LONGEST_FILE)
def test_files_are_one_page(folder: str):
    lines = {name(path): len(path.read_text("utf-8").splitlines()) for path in sources(folder)}
    assert {path: length for path, length in lines.items() if length > LONGEST_FILE[folder]} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_a_few_lines(package: str):
    lengths = sorted(functions(package))
    assert median(lengths) <= MEDIAN_FUNCTION
    assert lengths[int(len(lengths) * 0.9)] <= LONG_FUNCTION


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


def test_only_streams_displays_and_the_page_know_of_sockets():
    modules = {"socket", "urllib.request", "http.client", "requests", "socketserver", "http.server", "asyncio"}
    users = {name(path) for path in sources(*PACKAGES) for module in imports(path) if module in modules}
    elsewhere = {path for path in users if not path.startswith("realtime/web/")}
    assert elsewhere <= {"realtime/live/display.py", "convert/offline.py"}
