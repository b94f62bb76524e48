"""The table of one input: beside it, or on its way into a data set."""

from __future__ import annotations

from ..archive.drafts import DraftRows, Whose
from ..archive.manifest import Mark
from ..network.contract import Contract
from ..report.rows import FORMATS, Rows
from .record import path_of, quick_hash
from .results import ROWS, AtomicResults
from .settings import Settings

DIGITS = 16
"""Of a hash of the source's content, in the column `source`."""


def open_rows(drafts: AtomicResults, settings: Settings, contract: Contract, prior: float | None) -> Rows:
    """The table, open for writing.

    Args:
        drafts: where the results are written.
        settings: say the table's form, and to which data set it belongs.
        contract: of the network, whose classes and numbers get columns.
        prior: how much of the prior is taken off, 0–1, or None where that is not known.

    Raises:
        ResultError: it cannot be written.
    """
    assert settings.rows is not None
    table, relative = FORMATS[settings.rows], settings.baseline is not None
    path = drafts.path(ROWS + table.suffix)
    if settings.dataset is None:
        return table(path, contract.labels, prior, relative, contract.numbers)
    source, maker = drafts.results.source, settings.dataset.maker
    film = path_of(source)
    whose = Whose(film, quick_hash(source)[:DIGITS], Mark.of(str(source)), (maker.model, maker.settings))
    return DraftRows(path, contract.labels, prior, relative, whose, contract.numbers)
