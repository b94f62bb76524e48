"""Files of many films: their bytes depend on which films they hold, and on nothing that happened on the way."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from emoscope.archive import manifest as manifests
from emoscope.archive import parts
from emoscope.archive.layout import Layout
from emoscope.archive.manifest import DONE, FAILED, WAITING, Manifest, Mark
from emoscope.archive.parts import Parts, films_in
from emoscope.archive.status import status_of
from emoscope.errors import ResultError
from tests.realtime.archive.films import COLUMNS, MAKER, finish, opened, path_of, write_draft

pytest.importorskip("pyarrow")
FILMS, IN_ONE = 11, 4


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row groups and batches that end within films and between them."""
    monkeypatch.setattr(parts, "GROUP_ROWS", 7)
    monkeypatch.setattr(parts, "BATCH_ROWS", 5)


def list_films(manifest: Manifest, count: int = FILMS) -> None:
    for number in range(count):
        manifest.list_film(path_of(number), path_of(number), "", "", Mark(number, number))


def held(layout: Layout) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(layout.rows(MAKER).iterdir())}


@pytest.fixture
def undisturbed(tmp_path: Path) -> dict[str, bytes]:
    layout = Layout(tmp_path / "undisturbed")
    with opened(layout) as manifest:
        list_films(manifest)
        for number in range(FILMS):
            finish(manifest, layout, number)
        Parts(layout, manifest, MAKER, IN_ONE).close_all()
    return held(layout)


def test_a_manifest_can_be_read_from_its_first_moment(tmp_path: Path) -> None:
    with opened(layout := Layout(tmp_path / "set")):
        assert not status_of(layout.folder).states


def test_a_file_holds_so_many_films_and_all_rows_in_the_lists_order(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    import pyarrow.parquet

    assert list(undisturbed) == [f"part-{number:05}.parquet" for number in range(3)]
    layout = Layout(tmp_path / "undisturbed")
    assert films_in(layout.part(MAKER, 1)) == [(path_of(number), number + 1) for number in range(4, 8)]
    table = pyarrow.parquet.read_table(layout.folder / "rows")
    assert set(table.column_names) == {*COLUMNS, "model", "settings"}
    films = table.column("film").to_pylist()
    assert films == [path_of(number) for number in range(FILMS) for _ in range(number + 1)]
    assert table.column("frame").to_pylist() == [frame for number in range(FILMS) for frame in range(number + 1)]
    assert not list(layout.drafts.iterdir())


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_films_are_done_changes_nothing(
    seed: int, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    layout, order = Layout(tmp_path / "again"), list(range(FILMS))
    random.Random(seed).shuffle(order)
    with opened(layout) as manifest:
        list_films(manifest)
        files = Parts(layout, manifest, MAKER, IN_ONE)
        for number in order:
            finish(manifest, layout, number)
            files.close_settled(number)
        files.close_all()
    assert held(layout) == undisturbed


@pytest.mark.parametrize("seed", range(4))
def test_runs_that_end_in_between_change_nothing(seed: int, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    layout, order = Layout(tmp_path / "again"), list(range(FILMS))
    random.Random(seed).shuffle(order)
    cut = seed * 2 + 2
    for listed, numbers in enumerate((order[:cut], order[cut:])):
        with opened(layout) as manifest:
            if not listed:
                list_films(manifest)
            for number in numbers:
                finish(manifest, layout, number)
            Parts(layout, manifest, MAKER, IN_ONE).close_all()
    assert held(layout) == undisturbed


def test_a_film_that_is_done_again_takes_its_old_place(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with opened(layout) as manifest:
        list_films(manifest, 3)
        files = Parts(layout, manifest, MAKER, IN_ONE)
        for number in range(3):
            finish(manifest, layout, number)
        files.close_all()
        finish(manifest, layout, 1, frames=9)
        files.close_all()
    assert films_in(layout.part(MAKER, 0)) == [(path_of(0), 1), (path_of(1), 9), (path_of(2), 3)]


def test_a_file_is_closed_when_nothing_is_to_come_into_it(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with opened(layout) as manifest:
        list_films(manifest, 5)
        files = Parts(layout, manifest, MAKER, IN_ONE)
        for number in (0, 1, 3):
            finish(manifest, layout, number)
            files.close_settled(number)
            assert not layout.part(MAKER, 0).exists()
        manifest.fail(3, "damaged")  # the third film
        files.close_settled(2)
        assert [film for film, _ in films_in(layout.part(MAKER, 0))] == [path_of(number) for number in (0, 1, 3)]
        finish(manifest, layout, 4)
        files.close_settled(4)
        assert not layout.part(MAKER, 1).exists(), "its other films are not even listed"


def test_a_file_of_films_that_all_failed_is_none(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with opened(layout) as manifest:
        list_films(manifest, IN_ONE)
        files = Parts(layout, manifest, MAKER, IN_ONE)
        for number in range(IN_ONE):
            manifest.fail(number + 1, "damaged")
            files.close_settled(number)
        assert files.close_all() == []
    assert not layout.part(MAKER, 0).exists()


def test_rows_that_the_manifest_does_not_know_are_never_dropped(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with opened(layout) as manifest:
        list_films(manifest, 2)
        finish(manifest, layout, 0)
        Parts(layout, manifest, MAKER).close_all()
    layout.manifest.unlink()
    before = layout.part(MAKER, 0).read_bytes()
    with opened(layout) as manifest:
        manifest.list_film(path_of(1), path_of(1), "", "", Mark(1, 1))
        finish(manifest, layout, 1)
        with pytest.raises(ResultError, match=r"holds rows of /films/000.mp4, of which manifest.sqlite knows nothing"):
            Parts(layout, manifest, MAKER).close_all()
    assert layout.part(MAKER, 0).read_bytes() == before
    assert layout.draft_file(path_of(1)).exists()


def test_a_manifest_knows_what_became_of_each_film(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with opened(layout) as manifest:
        list_films(manifest, 4)
        assert [film.film for film in manifest.due(3)] == [path_of(number) for number in range(3)]
        manifest.start(1)
        manifest.start(2)
        manifest.fail(2, "damaged")
        finish(manifest, layout, 0)
        assert [film.position for film in manifest.due(3)] == [3]
    with opened(layout) as manifest:  # what was under way, or only taken, waits again
        states = [manifest.known(path_of(number)) for number in range(4)]
        assert [known and known.state for known in states] == [DONE, FAILED, WAITING, WAITING]
        assert manifest.due(9) == [], "nothing is done that this run did not list"
        assert manifest.drafted_films() == [path_of(0)]


def test_what_comes_in_is_seen_by_others_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing more comes in for as long as a film takes."""
    layout = Layout(tmp_path)
    monkeypatch.setattr(manifests, "COMMIT_S", 0.0)
    with opened(layout) as manifest:
        list_films(manifest, 3)
        manifest.due(2)
        monkeypatch.setattr(manifests, "COMMIT_S", 3600.0)
        manifest.start(1)
        assert status_of(tmp_path).running == []
        monkeypatch.setattr(manifests, "COMMIT_S", 0.0)
        manifest.commit_at_times()
        assert [one.film for one in status_of(tmp_path).running] == [path_of(0)]


def test_other_columns_are_another_data_set(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    opened(layout).close()
    with pytest.raises(ResultError, match="holds rows with other columns"):
        Manifest(layout.manifest, MAKER, [*COLUMNS, "relative_emotion"])


def test_no_manifest_is_told(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.make()
    layout.manifest.write_bytes(b"not a database, and longer than the hundred bytes of a header" * 9)
    with pytest.raises(ResultError, match="no manifest, or a damaged one"):
        opened(layout)


def test_one_data_set_is_shared_out_in_one_way(tmp_path: Path) -> None:
    layout = Layout(tmp_path, (1, 4))
    opened(layout).close()
    opened(Layout(tmp_path, (2, 4))).close()
    for other in ((1, 1), (1, 5)):
        with pytest.raises(ResultError, match=r"was begun in 4 parts \(--shard \d/4\)"):
            Layout(tmp_path, other).make()


def test_a_draft_says_whose_rows_it_holds(tmp_path: Path) -> None:
    from emoscope.archive.drafts import whose_draft

    layout = Layout(tmp_path)
    layout.make()
    path = write_draft(layout, 5)
    whose = whose_draft(path)
    assert whose is not None and (whose.film, whose.mark) == (path_of(5), Mark(5, 5))
    path.write_bytes(path.read_bytes()[:-1])
    assert whose_draft(path) is None
