"""What is to be done of a list of inputs whose rows go into one data set.

    list ──▶ manifest ──▶ work ──▶ drafts ──▶ files of rows
             who waits    anywhere  one a film  10,000 films each

This process alone reads the list, writes the manifest and makes the files; whoever works writes drafts and leaves the
rest to it. The list is read ahead for a moment between two films, so that soon all that is left can be counted.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from ..archive.drafts import Whose, dataset_columns, drafts_in, whose_draft
from ..archive.layout import Layout
from ..archive.manifest import DONE, DueFilm, Known, Manifest, Mark
from ..archive.parts import Parts, films_in
from ..errors import EmoscopeError, ResultError
from ..system.lease import Lease
from .film import Outcome
from .inputs import Input
from .progress import LongTeller, Teller
from .record import Maker, quick_hash
from .results import Results, check_name
from .settings import RowStore, Settings
from .table import DIGITS
from .todo import CHUNK, DONE_BEFORE, Names, Order

AHEAD_S = 0.02
"""For how long the list is read on between two films."""
PATIENCE_S = 1.0
"""How long the first films wait for more, where a list comes slowly."""


class DatasetWork:
    """The inputs of a run whose rows go into a data set; a context manager that closes its files.

    Raises:
        BusyError: on entering, another run writes it.
        ResultError: it cannot be written, or its rows were made otherwise.
    """

    def __init__(self, order: Order, settings: Settings) -> None:
        assert settings.dataset is not None and settings.maker is not None
        self._order, self._settings = order, settings
        self._dataset: RowStore = settings.dataset
        self._layout: Layout = settings.dataset.layout
        self._named = settings.video or settings.chart
        self._found = order.found(self._named)
        self._drafts: dict[str, Whose] = {}
        self._told: list[Outcome] = []
        self._flying: dict[Path, DueFilm] = {}
        self._started: set[Path] = set()
        self._listed = False

    def __enter__(self) -> DatasetWork:
        with ExitStack() as stack:
            self._layout.make()
            stack.enter_context(Lease(self._layout.lock, str(self._layout.folder)))
            self._manifest = stack.enter_context(self._opened())
            self._parts = Parts(self._layout, self._manifest, self._dataset.maker)
            self._names = Names()
            stack.callback(self._names.close)
            self._check_maker()
            self._recover()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def teller(self) -> Teller:
        """Speaks of the run as it goes on."""
        return LongTeller(lambda: self._manifest.waiting() if self._listed else None)

    def chunks(self) -> Iterator[list[Results | Outcome]]:
        """What is to be done, and what has become of inputs with which nothing is to be done."""
        while True:
            films, begun = self._manifest.due(CHUNK), time.perf_counter()
            while not (self._listed or len(films) >= CHUNK or len(self._told) >= CHUNK):
                self._list_on(AHEAD_S)
                films += self._manifest.due(CHUNK - len(films))
                if films and time.perf_counter() - begun > PATIENCE_S:
                    break
            told, self._told = self._told, []
            if not films and not told and self._listed:
                return
            yield [*told, *(self._taken(film) for film in films)]

    def started(self, source: Path) -> None:
        """Hears that an input is being worked on, again and again while it is."""
        self.beat()
        if source in self._flying and source not in self._started:
            self._started.add(source)
            self._manifest.start(self._flying[source].id)

    def beat(self) -> None:
        """Hears that time passes."""
        self._manifest.commit_at_times()

    def note(self, outcome: Outcome) -> None:
        """Hears what has become of an input."""
        film = self._flying.pop(outcome.source, None)
        if film is None:
            return
        if outcome.source not in self._started:
            self._manifest.start(film.id)
        self._started.discard(outcome.source)
        if outcome.error:
            self._manifest.fail(film.id, outcome.error)
        elif outcome.skipped or outcome.interrupted:
            self._manifest.release(film.id)
        else:
            self._finish(film, outcome)
        self._parts.close_settled(film.position)
        self._list_on(AHEAD_S)

    def finish(self) -> None:
        """Hears that nothing more is to come."""
        self._parts.close_all()

    def _opened(self) -> Manifest:
        store = self._dataset
        columns = dataset_columns(store.labels, self._settings.baseline is not None, store.numbers)
        self._layout.check_columns(json.dumps(columns))
        return Manifest(self._layout.manifest, self._dataset.maker, columns, self._layout.shard)

    def _check_maker(self) -> None:
        """ResultError where this run would leave rows beside others that it was told to go on with."""
        order, folder = self._order, self._layout.folder
        if not self._manifest.is_new:
            if not (order.resume or order.overwrite):
                told = "holds rows made so already: --resume skips what is done, --overwrite does it again"
                raise ResultError(f"{folder}: {told}")
        elif strays := films_in(self._layout.part(self._dataset.maker, 0)):
            told = f"holds rows of {len(strays)} films, of which no manifest knows: move {folder} away"
            raise ResultError(f"{self._layout.part(self._dataset.maker, 0)}: {told}")
        elif self._manifest.others and (order.resume or order.overwrite):
            made = ", ".join(self._maker.others(self._manifest.others[-1].record)) or "otherwise"
            cure = (
                "without --resume and --overwrite these rows come to stand beside those, another --dataset keeps both"
            )
            self._manifest.forget()
            raise ResultError(f"{folder}: its rows were made {made}: nothing to go on with: {cure}")

    @property
    def _maker(self) -> Maker:
        assert self._settings.maker is not None
        return self._settings.maker

    def _recover(self) -> None:
        """Takes stock of what an earlier run left: films whose rows wait, and drafts that stand in a file already."""
        maker = (self._dataset.maker.model, self._dataset.maker.settings)
        for path in drafts_in(self._layout.drafts):
            whose = whose_draft(path)
            if whose is None or whose.maker != maker:
                continue
            known = self._manifest.known(whose.film)
            if known is not None and known.state == DONE and not known.drafted:
                path.unlink(missing_ok=True)
            else:
                self._drafts[whose.film] = whose
        for film in self._manifest.drafted_films():
            if film not in self._drafts:
                self._manifest.lost(film)

    def _list_on(self, seconds: float) -> None:
        """Reads the list on for a while."""
        until = time.perf_counter() + seconds
        while not self._listed and time.perf_counter() < until:
            for _ in range(100):
                one = next(self._found, None)
                if one is None:
                    self._listed = True
                    self._manifest.all_listed()
                    return
                self._list(*one)

    def _list(self, film: str, one: Input) -> None:
        """Writes a film down, or says why nothing is to be done with it."""
        known = self._manifest.known(film)
        if known is not None and known.state == DONE and not (known.drafted or self._parts.hold(film, known.position)):
            # Its file was deleted, or did not come along when the data set was moved.
            self._manifest.lost(film)
            known = self._manifest.known(film)
        try:
            mark = Mark.of(one.given)
            if known is None:
                self._manifest.list_film(film, one.given, one.place, one.name, mark)
                self._adopt(film, one, mark)
            elif known.run != self._manifest.run and not self._is_done(film, one, known, mark):
                self._manifest.list_again(known.id, one.given, one.place, one.name, mark)
                self._adopt(film, one, mark)
        except EmoscopeError as error:
            self._told.append(Outcome(one.path, error=str(error)))

    def _is_done(self, film: str, one: Input, known: Known, mark: Mark) -> bool:
        """Whether nothing is to be done with a film of an earlier run.

        Raises:
            ResultError: it was another one.
        """
        if known.state != DONE or self._order.overwrite:
            return False
        if mark != known.mark and quick_hash(one.path)[:DIGITS] != known.quick_sha256:
            told = "its rows were made from another state of the file"
            raise ResultError(f"{film}: {told}: --overwrite does it again, another --dataset keeps both")
        if self._named and not self._order.results(one, self._settings).beside.whole:
            return False
        self._manifest.found_done(known.id, mark)
        self._told.append(Outcome(one.path, skipped=f"{DONE_BEFORE}: {self._layout.folder}"))
        return True

    def _adopt(self, film: str, one: Input, mark: Mark) -> None:
        """Takes up rows that an earlier run finished and did not live to note."""
        whose = self._drafts.pop(film, None)
        if whose is None or whose.mark != mark or self._order.overwrite:
            return
        if self._named and not self._order.results(one, self._settings).beside.whole:
            return
        known = self._manifest.known(film)
        assert known is not None
        self._manifest.finish(known.id, None, None, platform.node(), whose.source, rows=True)
        self._told.append(Outcome(one.path, skipped=f"{DONE_BEFORE}: {self._layout.folder}"))

    def _taken(self, film: DueFilm) -> Results | Outcome:
        """A film as it is to be worked on, or what is wrong with it."""
        one = Input(film.source, film.below, film.name)
        results = self._order.results(one, self._settings)
        self._flying[results.source] = film
        try:
            if self._named:
                self._check(results)
        except EmoscopeError as error:
            return Outcome(results.source, error=str(error))
        return results

    def _check(self, results: Results) -> None:
        """ResultError where files beside the film are in the way."""
        beside = results.beside
        if not beside.kinds:  # as of a picture that is not drawn upon
            return
        check_name(beside)
        self._names.check(beside)
        beside.make_room()
        if self._order.overwrite or not beside.existing:
            return
        if told := beside.foreign(self._maker) if self._order.resume else f"{beside.existing[0]} exists already":
            raise ResultError(f"{told}: --overwrite does it again, another -o keeps both")

    def _finish(self, film: DueFilm, outcome: Outcome) -> None:
        whose = whose_draft(self._layout.draft_file(film.film))
        if whose is None:
            self._manifest.fail(film.id, "its rows are gone: --resume does it again")
            return
        self._manifest.finish(
            film.id, outcome.frames, outcome.seconds, outcome.host or platform.node(), whose.source, rows=True
        )
