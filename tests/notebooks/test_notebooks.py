"""Every notebook runs from its first cell to its last, in a folder of its own, and shows what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import LEARNING, ROOT

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOKS = {"models/notebooks/from_folder_to_pair.ipynb": 3, "realtime/notebooks/from_photo_to_maps.ipynb": 6}
"""Each with how many pictures it shows at least."""


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_notebook_runs(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.startswith("models") and not LEARNING:
        pytest.skip("needs TensorFlow")
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = nbformat.read(ROOT / path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= NOTEBOOKS[path]
    assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in outputs)


def test_notebooks_are_kept_without_what_they_showed() -> None:
    """Pictures of one machine's run do not belong into the project; all of them are run above."""
    found = [path for folder in ("models", "realtime") for path in (ROOT / folder).rglob("*.ipynb")]
    assert {path.relative_to(ROOT).as_posix() for path in found} == set(NOTEBOOKS)
    for path in found:
        cells = nbformat.read(path, as_version=4).cells
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
