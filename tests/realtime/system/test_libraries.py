"""A missing library of the system becomes one line that names the packages."""

from __future__ import annotations

import pytest

from emoscope.system.libraries import DEBIAN_PACKAGES, MEDIAPIPE_PACKAGES, missing_library, packages


@pytest.mark.parametrize("group", [DEBIAN_PACKAGES, MEDIAPIPE_PACKAGES])
def test_a_known_library_names_the_packages(group: dict[str, str]):
    library = next(iter(group))
    error = ImportError(f"{library}: cannot open shared object file: No such file or directory")
    message = str(missing_library(error))
    assert message == f"the system library {library} is missing: run `apt-get install {packages(group)}`"
    assert group[library] in message


def test_an_unknown_library_is_named():
    error = ImportError("libmystery-3.so.7: cannot open shared object file: No such file or directory")
    assert "libmystery-3.so.7 is missing: install the system package" in str(missing_library(error))


def test_another_import_error_is_none_of_ours():
    assert missing_library(ImportError("No module named 'numpy'")) is None


def test_packages_are_named_once():
    names = packages().split()
    assert sorted(names) == sorted(set(DEBIAN_PACKAGES.values()))
