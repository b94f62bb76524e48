"""Profiles on disk: where each system keeps them, and that what is written is read again, by people too."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from emoscope.errors import EmoscopeError
from emoscope.system import profiles
from emoscope.system.profiles import profile_names, profile_path, profiles_folder, read_profile, toml, write_profile

SETTINGS = {
    "source": 'a "camera" \\ ü\n\t\x7f',
    "prior": 0.5,
    "fps": 30,
    "loop": True,
    "publish": ["ws://:1", "osc://:2"],
    "window": {"bars": False, "opacity": 0.1},
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


def test_what_is_written_is_read_again():
    path = write_profile("lab 2", SETTINGS, "title")
    assert read_profile("lab 2") == SETTINGS
    assert path == profile_path("lab 2") and profile_names() == ["lab 2"]
    assert [name.name for name in path.parent.iterdir()] == ["lab 2.toml"]


def test_it_is_readable():
    assert toml({"loop": True, "window": {"bars": False}, "model": "gmp"}, "For people.") == (
        '# For people.\n\nloop = true\nmodel = "gmp"\n\n[window]\nbars = false\n'
    )


def test_none_of_a_name_is_none():
    assert read_profile("nobody") is None and profile_names() == []


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "a\\b", " a", "a.", ".hidden", "a\n"])
def test_what_is_no_name(name: str):
    with pytest.raises(EmoscopeError, match="is no name for a profile"):
        profile_path(name)


def test_a_damaged_file_is_named():
    path = write_profile("bad", {}, "")
    for content in (b"prior = ", b"\xff\xfe", b"[a]\n[a]\n"):
        path.write_bytes(content)
        with pytest.raises(EmoscopeError, match=r"bad\.toml: .*: mend or delete this file"):
            read_profile("bad")


def test_a_folder_in_its_place_is_one_line():
    profile_path("odd").mkdir(parents=True)
    with pytest.raises(EmoscopeError, match=r"odd\.toml: cannot be read"):
        read_profile("odd")
    with pytest.raises(EmoscopeError, match=r"odd\.toml: cannot be written"):
        write_profile("odd", {}, "")


@pytest.mark.parametrize(
    ("system", "variables", "place"),
    [
        ("linux", {"XDG_CONFIG_HOME": "/there"}, "/there"),
        ("linux", {"XDG_CONFIG_HOME": "relative"}, "~/.config"),
        ("linux", {}, "~/.config"),
        ("darwin", {}, "~/Library/Application Support"),
        ("win32", {"APPDATA": "/there"}, "/there"),
        ("win32", {}, "~/AppData/Roaming"),
    ],
)
def test_each_system_has_its_place(
    system: str, variables: dict[str, str], place: str, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(profiles.sys, "platform", system)
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert profiles_folder() == Path(place.replace("~", str(home))) / "emoscope" / "profiles"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_line():
    write_profile("secret", {}, "").chmod(0)
    with pytest.raises(EmoscopeError, match=r"secret\.toml: cannot be read"):
        read_profile("secret")
