"""Facts that name other subjects: cells that name somebody whom nobody is."""

from collections.abc import Iterable, Iterator

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.convert import ConvertedColumn
from scorecore.facts.ids import read_ids
from scorecore.facts.model import PRESENT, ROW, Facts
from scorecore.facts.notations import compose
from scorecore.program.schema import PolicyDependency


def find_references_to_nobody(
    facts: Facts, subject: str, used: Facts, dependency: PolicyDependency
) -> Iterator[Diagnostic]:
    """The cells by which used decisions are found, and which lead to none; an empty cell names nobody on purpose.

    `gather` is a fact of the other subjects that names one of `facts`, who is a `subject`; `match` is a fact of `facts`
    that names one of the others.
    """
    if dependency.gather:
        ids = _read(facts, dependency.match).values.drop_nulls() if dependency.match else facts.ids
        yield from _find_strangers(used, dependency.gather, ids, subject, facts)
    elif dependency.match and not dependency.is_repeated and not dependency.among:
        yield from _find_strangers(facts, dependency.match, used.ids, dependency.subject, used)


def list_unclear_names(facts: Facts, gather: str) -> list[int]:
    """The rows of subjects whose fact `gather`, by which they refer to another, is wrong or missing; "": none."""
    if not gather:
        return []
    # an optional fact may be absent: its column says for which subjects it is known whether it is
    known = facts.subjects.get_column(f"{PRESENT}{gather}", default=facts.subjects[gather])
    return facts.subjects[ROW].filter(known.is_null()).to_list()


def find_undecided_faults(facts: Facts, dependency: PolicyDependency) -> Iterator[Diagnostic]:
    """The cells that should say which of the used policies decides a subject, and name none of them."""
    texts = [text for text, _, _ in dependency.among]
    shown = facts.subjects[dependency.by].cast(pl.String)
    for row, text in zip(facts.subjects[ROW], shown, strict=True):
        place = _locate(facts, dependency.by, row)
        if text is not None:
            params = {"name": dependency.by, "text": text, "texts": ", ".join(texts)}
            yield Diagnostic(catalogue.NO_POLICY_FOR, place, params | suggest_id(text, texts))
    optional = facts.subjects.get_column(f"{PRESENT}{dependency.by}", default=None)
    for row in facts.subjects[ROW].filter(~optional) if optional is not None else ():
        yield Diagnostic(catalogue.FACT_MISSING, _locate(facts, dependency.by, row), {"name": dependency.by})


def _locate(facts: Facts, name: str, row: int) -> Location:
    return Location(facts.source, int(row), facts.columns.get(name, 0), in_sheet=bool(facts.columns))


def suggest_id(text: str, candidates: Iterable[str]) -> dict[str, str]:
    """The parameter `nearest`, if an id is written nearly like another: first of all but for capitals and blanks."""
    twins = [other for other in candidates if _fold(other) == _fold(text)]
    return {"nearest": twins[0]} if twins else suggest(text, candidates)


def _fold(text: str) -> str:
    return "".join(compose(text).casefold().split())


def _read(facts: Facts, name: str) -> ConvertedColumn:
    """A fact of everybody as ids are compared."""
    return read_ids(facts.subjects[name].cast(pl.String))


def _find_strangers(naming: Facts, name: str, ids: pl.Series, subject: str, named: Facts) -> Iterator[Diagnostic]:
    """The cells of a fact that name none of some ids, which are those of `named`; and those that are read as ids."""
    read = _read(naming, name)
    rows = naming.subjects[ROW]
    for position, (written, meaning) in read.notes.items():
        params = {"name": name, "value": written, "meaning": meaning}
        yield Diagnostic(catalogue.READ_AS, _locate(naming, name, rows[position]), params)
    cells = pl.DataFrame([rows, read.values.alias("id")]).drop_nulls("id")
    strangers = cells.filter(~pl.col("id").is_in(ids.implode()))
    known = ids.to_list() if len(strangers) else []
    for row, stranger in strangers.rows():
        params = {"name": name, "id": stranger, "subject": subject, "period": named.period.label}
        yield Diagnostic(catalogue.NAMES_NOBODY, _locate(naming, name, row), params | suggest_id(stranger, known))
