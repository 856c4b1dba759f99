"""What is kept of one decision: all that it read, and all that came out, as canonical bytes.

The facts of a payload are those of its subject alone, with the group values that it read, so that one decision is
replayed without the others. What was unknown is kept with its causes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import polars as pl
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import (
    NET,
    PARTIAL,
    SUBJECT,
    Decisions,
)
from scorecore.evaluate.outcome import Outcome
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import FactColumn, Program
from scorecore.values.canonical_json import decode, encode, format_decimal
from scorecore.values.types import Type, TypeKind
from scorecore.values.unknown import Unknown

_KINDS: Final[Mapping[str, DiagnosticKind]] = {
    one.code: one for one in vars(catalogue).values() if isinstance(one, DiagnosticKind) and one.code
}
Data = dict[str, Any]


class PayloadError(ValueError):
    """Bytes that are no payload of this program."""


@frozen
class Payload:
    """A decision as it was recorded."""

    record: SubjectFacts
    """The facts that it read, ready to be decided again."""
    result: Data
    """`values`, `entries`, `pay`, `net`, `partial` and `held`, as plain data."""


def payload(record: SubjectFacts, result: Data) -> bytes:
    """The bytes of a decision."""
    return encode({"subject": record.subject, "facts": _facts(record), "result": result})


def opened(program: Program, data: bytes) -> Payload:
    """A decision out of its bytes; raises PayloadError."""
    try:
        found = decode(data)
        return Payload(_record(program, found["subject"], found["facts"]), found["result"])
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise PayloadError(f"{type(error).__name__}: {error}") from error


# facts


def columns_of(program: Program) -> tuple[FactColumn, ...]:
    """The facts of the subject, and the group values that stand beside them."""
    return (*program.schema.columns, *(FactColumn(one.name, one.type) for one in program.grouped))


def tables_of(program: Program) -> dict[str, tuple[FactColumn, ...]]:
    """The tables of a record, with their columns."""
    found = {table.name: table.columns for table in program.schema.events}
    if program.schema.history:
        found[HISTORY] = (*program.schema.history, FactColumn(AGO, Type(TypeKind.INT)))
    return found


@cache
def key_of(name: str) -> str:
    r"""A fact as the name of its value; a group value is known by its expression, which can have texts of any language.

    >>> print(key_of('count_in(city == "北", "all")'))
    count_in(city == "\u5317", "all")
    """
    return name.replace("\\", r"\\").encode("ascii", "backslashreplace").decode()


def _facts(record: SubjectFacts) -> Data:
    values = {key_of(name): value for name, value in record.values.items()}
    return {"values": _row(values), "tables": {name: table_of(rows) for name, rows in record.rows.items()}}


def table_of(rows: Sequence[Mapping[str, Any]] | Unknown) -> Any:  # noqa: ANN401  plain data
    """The rows of a table as plain data, or why there are none."""
    return {"unknown": _causes(rows)} if isinstance(rows, Unknown) else [_row(row) for row in rows]


def _row(row: Mapping[str, Any]) -> Data:
    """What is there by name; what is absent is left out."""
    return {name: _written(value) for name, value in row.items() if value is not None}


def _written(value: Any) -> Any:  # noqa: ANN401  a value of any type
    if isinstance(value, Unknown):
        return {"unknown": _causes(value)}
    return value.isoformat() if isinstance(value, datetime) else value


def _causes(of: Unknown) -> list[Data]:
    return [_cause(one) for one in of.causes]


def _cause(of: Diagnostic) -> Data:
    found: Data = {"code": of.kind.code, "source": of.location.source}
    place = {"line": of.location.line, "column": of.location.column, "sheet": of.location.in_sheet}
    return (
        found | {name: value for name, value in place.items() if value} | ({"blanks": of.params} if of.params else {})
    )


def _record(program: Program, subject: str, facts: Data) -> SubjectFacts:
    values = _values(columns_of(program), facts["values"])
    unknown = {name for name, value in values.items() if isinstance(value, Unknown)}
    rows: dict[str, Sequence[Mapping[str, Any]] | Unknown] = {}
    for name, columns in tables_of(program).items():
        found = facts["tables"][name]
        rows[name] = _unknown(found) if isinstance(found, dict) else [_values(columns, row) for row in found] or ()
        if isinstance(found, dict) or not _complete(name, rows[name]):
            unknown.add(name)
    return SubjectFacts(subject, values, rows, frozenset(unknown))


def _complete(name: str, rows: Any) -> bool:  # noqa: ANN401  rows of a table
    """Whether nothing in some rows is unknown; what was not decided in an earlier period is not known either."""
    return not any(
        isinstance(one, Unknown) or (one is None and name == HISTORY) for row in rows for one in row.values()
    )


def _values(columns: Sequence[FactColumn], row: Data) -> dict[str, Any]:
    keys = [key_of(one.name) for one in columns]
    return {
        one.name: read_value(one.type, row[key]) if key in row else None for one, key in zip(columns, keys, strict=True)
    }


def read_value(of: Type, value: Any) -> Any:  # noqa: ANN401  a value of any type
    if isinstance(value, dict):
        return _unknown(value)
    match of.kind:
        case TypeKind.DECIMAL:
            return Decimal(value)
        case TypeKind.INT:
            return int(value)
        case TypeKind.DATE:
            return date.fromisoformat(value)
        case TypeKind.TIMESTAMP:
            return datetime.fromisoformat(value)
    if type(value) is not (bool if of.kind is TypeKind.BOOL else str):
        raise PayloadError(f"{value!r:.40} is no {of}")
    return value


def _unknown(data: Data) -> Unknown:
    return Unknown(causes_of(data["unknown"]))


def causes_of(several: Sequence[Data]) -> tuple[Diagnostic, ...]:
    """Why something was held, as it was recorded."""
    return tuple(map(_diagnostic, several))


def _diagnostic(data: Data) -> Diagnostic:
    place = Location(data["source"], data.get("line", 0), data.get("column", 0), in_sheet=data.get("sheet", False))
    return Diagnostic(_KINDS[data["code"]], place, data.get("blanks", {}))


# results


def result_of(program: Program, outcome: Outcome) -> Data:
    """What came out for one subject, as plain data."""
    held, lines = outcome.held(), outcome.lines()
    known: dict[str, Any] = {name: outcome.value(name) for name in program.results() if name not in held}
    if program.pay:
        known |= {NET: outcome.net, PARTIAL: outcome.partial}
    pay = [(line.number, line.amount) for line in lines if line.amount is not None]
    return _result(known, held, outcome.entries, pay)


def results_of(made: Decisions) -> Iterator[Data]:
    """What came out for each subject of the frame, in their order: the same as `result_of` gives of its outcome."""
    entries: dict[int, list[tuple[int, Any, Any, int]]] = {}
    for who, *entry in placed(made, made.entries).sort("rule", "at").iter_rows():
        entries.setdefault(who, []).append(tuple(entry))
    pay: dict[int, list[tuple[int, Any]]] = {}
    for who, line, amount in made.pay.sort("line").iter_rows():
        pay.setdefault(who, []).append((line, amount))
    names = made.frame.columns[1:]
    for who, *row in made.frame.iter_rows():
        known = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        yield _result(known, made.held.get(who, {}), entries.get(who, ()), pay.get(who, ()))


def placed(made: Decisions, entries: pl.DataFrame) -> pl.DataFrame:
    """Entries with `at` in place of `event`: which of the subject's own it is; -1 where no event brings the entry."""
    start: pl.Expr = pl.lit(0, dtype=pl.Int64)
    for name, rows in made.facts.rows.items():
        rules = [number for number, rule in enumerate(made.program.ledger) if rule.each == name]
        starts = pl.lit(rows.ends.shift(1, fill_value=0).cast(pl.Int64)).gather(pl.col(SUBJECT))
        start = pl.when(pl.col("rule").is_in(rules)).then(starts).otherwise(start) if rules else start
    at = (pl.col("event").cast(pl.Int64) - start).fill_null(-1)
    return entries.select(SUBJECT, "rule", "quantity", "points", at=at)


def _result(
    values: Mapping[str, Any],
    held: Mapping[str, tuple[Diagnostic, ...]],
    entries: Sequence[tuple[int, Any, Any, int]],
    pay: Sequence[tuple[int, Any]],
) -> Data:
    found: Data = {
        "values": {name: _written(value) for name, value in values.items()},
        "entries": [
            [rule, format_decimal(points), event, *([] if quantity is None else [format_decimal(Decimal(quantity))])]
            for rule, quantity, points, event in entries
        ],
        "pay": [[line, format_decimal(amount)] for line, amount in pay],
    }
    return found | ({"held": {name: [_cause(one) for one in causes] for name, causes in held.items()}} if held else {})
