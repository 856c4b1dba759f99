"""Facts that name other subjects: cells that name somebody whom nobody is."""

from collections.abc import Iterator

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.ids import read_ids
from scorecore.facts.model import ROW, Facts
from scorecore.program.schema import PolicyDependency


def find_references_to_nobody(
    facts: Facts, subject: str, used: Facts, dependency: PolicyDependency
) -> Iterator[Diagnostic]:
    """The cells by which used decisions are found, and which lead to none; an empty cell names nobody on purpose.

    `gather` is a fact of the other subjects that names one of `facts`, who is a `subject`; `match` is a fact of `facts`
    that names one of the others.
    """
    if dependency.gather:
        ids = _read(facts, dependency.match).drop_nulls() if dependency.match else facts.ids
        yield from _find_strangers(used, dependency.gather, ids, subject, facts)
    elif dependency.match and not dependency.within and not dependency.among:
        yield from _find_strangers(facts, dependency.match, used.ids, dependency.subject, used)


def _read(facts: Facts, name: str) -> pl.Series:
    """A fact of everybody as ids are compared."""
    return read_ids(facts.subjects[name].cast(pl.String)).values


def _find_strangers(naming: Facts, name: str, ids: pl.Series, subject: str, named: Facts) -> Iterator[Diagnostic]:
    """The cells of a fact that name none of some ids, which are those of `named`."""
    cells = pl.DataFrame([naming.subjects[ROW], _read(naming, name).alias("id")]).drop_nulls("id")
    strangers = cells.filter(~pl.col("id").is_in(ids.implode()))
    known = ids.to_list() if len(strangers) else []
    in_sheet = bool(naming.columns)
    for row, stranger in strangers.rows():
        place = Location(naming.source, int(row), naming.columns.get(name, 0), in_sheet=in_sheet)
        params = {"name": name, "id": stranger, "subject": subject, "period": named.period.label}
        yield Diagnostic(catalogue.NAMES_NOBODY, place, params | suggest(stranger, known))
