"""Problems as a table, and those of parts merged into those that the whole would have."""

from __future__ import annotations  # nothing loads Polars when a command starts

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.event_intake import BETWEEN_DAYS
from scorecore.facts.table_intake import MAX_LISTED, list_rows

PROBLEMS_SCHEMA: Final = {
    "code": pl.String,
    "source": pl.String,
    "line": pl.Int64,
    "column": pl.Int64,
    "in_sheet": pl.Boolean,
    "length": pl.Int64,
    "params": pl.String,
    "message": pl.String,
}
"""`params` is a JSON object of texts, `message` the English sentence."""
_WITH_ROWS: Final[Mapping[DiagnosticKind, tuple[str, ...]]] = {
    catalogue.READ_AS: ("name", "table"),
    catalogue.NOT_A_PERIOD: ("text",),
    catalogue.HISTORY_NOT_BEFORE: (),
}
"""Reported once for a column, or for a text in it, with the other rows; and the params that say of which."""


def problems_table(diagnostics: Iterable[Diagnostic]) -> pl.DataFrame:
    """A row for each diagnostic, from which `read_problems` makes it again."""
    rows = [
        (
            diagnostic.kind.code,
            diagnostic.location.source,
            diagnostic.location.line,
            diagnostic.location.column,
            diagnostic.location.in_sheet,
            diagnostic.length,
            json.dumps(diagnostic.params, ensure_ascii=False, sort_keys=True),
            diagnostic.message(),
        )
        for diagnostic in diagnostics
    ]
    return pl.DataFrame(rows, schema=PROBLEMS_SCHEMA, orient="row")


def read_problems(table: pl.DataFrame) -> Iterator[Diagnostic]:
    """The diagnostics that `problems_table` wrote down."""
    for row in table.iter_rows(named=True):
        place = Location(row["source"], row["line"], row["column"], row["in_sheet"])
        yield Diagnostic(_kinds()[row["code"]], place, json.loads(row["params"]), row["length"])


@cache
def _kinds() -> dict[str, DiagnosticKind]:
    return {kind.code: kind for kind in vars(catalogue).values() if isinstance(kind, DiagnosticKind)}


def merge_problems(diagnostics: Iterable[Diagnostic], people: int) -> tuple[Diagnostic, ...]:
    """What is wrong with the whole, of what is wrong with its parts; `people` were decided in all of them."""
    alike: dict[tuple[str, ...], list[Diagnostic]] = {}
    for diagnostic in sorted(_list_distinct(diagnostics), key=lambda diagnostic: diagnostic.location):
        alike.setdefault(_key(diagnostic), []).append(diagnostic)
    nobody = next((place for (code, place, *_), _ in alike.items() if code == catalogue.NOBODY.code), None)
    merged = Diagnostics()
    for key, group in alike.items():
        if nobody is not None and not people and key[1] != nobody:
            continue  # where there is nobody, no other table is looked at
        for diagnostic in _merge(group, people):
            merged.take(diagnostic)
    return tuple(merged)


def _list_distinct(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Each once: of a table about nobody every part has all rows, and says the same of them."""
    seen: set[object] = set()
    for diagnostic in diagnostics:
        content = (
            diagnostic.kind.code,
            diagnostic.location,
            diagnostic.length,
            tuple(sorted(diagnostic.params.items())),
        )
        if diagnostic.kind is catalogue.NOBODY or content not in seen:
            seen.add(content)
            yield diagnostic


def _key(diagnostic: Diagnostic) -> tuple[str, ...]:
    """What diagnostics share of which the whole would have one."""
    kind, place = diagnostic.kind, diagnostic.location
    common = (kind.code, place.source)
    if kind in _WITH_ROWS:
        return (*common, str(place.column), *(diagnostic.params.get(name, "") for name in _WITH_ROWS[kind]))
    return common


def _merge(alike: Sequence[Diagnostic], people: int) -> Iterable[Diagnostic]:
    """Diagnostics of one kind and table, in the order of their rows."""
    kind = alike[0].kind
    if kind in _WITH_ROWS:
        return (_join_rows(alike),)
    if kind is catalogue.EVENTS_OUTSIDE:
        return (_join_days(alike),)
    if kind is catalogue.NOBODY:
        return () if people else (_join_nobody(alike),)
    return alike


def _join_rows(alike: Sequence[Diagnostic]) -> Diagnostic:
    """One for all rows, at the first of them."""
    first = alike[0]
    rows = [row for diagnostic in alike for row in (diagnostic.location.line, *_list_numbers(diagnostic))]
    count = sum(1 + int(diagnostic.params.get("count", 0)) for diagnostic in alike)
    params = {name: text for name, text in first.params.items() if name not in {"rows", "count"}}
    others = sorted(rows)[1 : 2 + MAX_LISTED]
    listed = list_rows(others) | ({"count": str(count - 1)} if others else {})
    return evolve(first, params=params | listed)


def _list_numbers(diagnostic: Diagnostic) -> list[int]:
    return [int(number) for number in diagnostic.params.get("rows", "").split(", ") if number.isdecimal()]


def _join_days(alike: Sequence[Diagnostic]) -> Diagnostic:
    """One with the first and the last of all days."""
    days = sorted(day for diagnostic in alike for day in diagnostic.params["days"].split(BETWEEN_DAYS))
    count = sum(int(diagnostic.params["count"]) for diagnostic in alike)
    joined = BETWEEN_DAYS.join(dict.fromkeys((days[0], days[-1])))
    return evolve(alike[0], params={**alike[0].params, "count": str(count), "days": joined})


def _join_nobody(alike: Sequence[Diagnostic]) -> Diagnostic:
    """One with all rows of the period; else with the periods that there are."""
    rows = sum(int(diagnostic.params.get("rows", 0)) for diagnostic in alike)
    most_telling = next((diagnostic for diagnostic in alike if "table" not in diagnostic.params), alike[0])
    params = {name: text for name, text in most_telling.params.items() if name not in {"rows", "periods"}}
    if rows:
        return evolve(most_telling, params=params | {"rows": str(rows)})
    periods = next((diagnostic.params["periods"] for diagnostic in alike if "periods" in diagnostic.params), "")
    return evolve(most_telling, params=params | ({"periods": periods} if periods else {}))
