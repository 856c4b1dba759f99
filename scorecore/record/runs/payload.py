"""What is kept of one decision: all that it read, and all that came out, as canonical bytes.

The facts of a payload are those of its subject alone, with the group values that it read, so that one decision is
replayed without the others. What was unknown is kept with its causes. Nothing is known by its position in the policy:
an entry has the step of its account and the number of its rule there, an amount the step of its pay line, so that
the order of independent parts changes no byte.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import polars as pl
from attrs import field, frozen

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
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.record.runs.payload_order import PlainData, number_rules, sort_causes, sort_entries
from scorecore.record.runs.payload_v1 import upgrade_result
from scorecore.values.canonical_json import decode, encode, format_decimal
from scorecore.values.types import Type, TypeKind, Value
from scorecore.values.unknown import Maybe, Unknown

_KINDS: Final[Mapping[str, DiagnosticKind]] = {
    kind.code: kind for kind in vars(catalogue).values() if isinstance(kind, DiagnosticKind) and kind.code
}
Row = Mapping[str, Maybe | None]
"""A row of a table, or the facts of a subject; None for what is absent."""
_Entry = tuple[int, Any, Decimal, int]
"""Of the ledger: the number of its rule, quantity or None, points, and which event or -1."""


class PayloadError(ValueError):
    """Bytes that are not a payload of this program."""


@frozen
class Payload:
    """A decision as it was recorded."""

    facts: SubjectFacts
    """The facts that it read, ready to be decided again."""
    result: PlainData
    """`values`, `entries`, `pay` and `held`, as plain data."""


def encode_payload(facts: SubjectFacts, result: PlainData) -> bytes:
    """The bytes of a decision."""
    return encode({"subject": facts.subject, "facts": _facts_data(facts), "result": result})


def decode_payload(program: Program, payload: bytes) -> Payload:
    """A decision out of its bytes, in whichever format; raises PayloadError."""
    try:
        data = decode(payload)
        facts = _subject_facts(program, data["subject"], data["facts"])
        return Payload(facts, upgrade_result(program, data["result"]))
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise PayloadError(f"{type(error).__name__}: {error}") from error


def upgrade_payload(program: Program, payload: bytes, reader: Program) -> bytes:
    """The bytes that a decision of `program` has in the format of now, with the group values that `reader` has.

    Raises ValueError or LookupError for other bytes.
    """
    data = decode(payload)
    names = {key_of(step.label): key_of(step.name) for step in reader.grouped if step.label}
    values = {names.get(name, name): value for name, value in data["facts"]["values"].items()}
    facts = {**data["facts"], "values": values}
    return encode({**data, "facts": facts, "result": upgrade_result(program, data["result"])})


# facts


def columns_of(program: Program) -> tuple[FactColumn, ...]:
    """The facts of the subject, and the group values that accompany them."""
    return (*program.schema.columns, *(FactColumn(step.name, step.type) for step in program.grouped))


def tables_of(program: Program) -> dict[str, tuple[FactColumn, ...]]:
    """The tables of a subject, with their columns."""
    tables = {table.name: table.columns for table in program.schema.events}
    if program.schema.history:
        tables[HISTORY] = (*program.schema.history, FactColumn(AGO, Type(TypeKind.INT)))
    return tables


@cache
def key_of(name: str) -> str:
    r"""A fact as the name of its value; a group value is known by its expression, which can have texts of any language.

    >>> print(key_of('count_in(city == "北", "all")'))
    count_in(city == "\u5317", "all")
    """
    return name.replace("\\", r"\\").encode("ascii", "backslashreplace").decode()


def _facts_data(facts: SubjectFacts) -> PlainData:
    values = {key_of(name): value for name, value in facts.values.items()}
    return {"values": _row_data(values), "tables": {name: table_data(rows) for name, rows in facts.rows.items()}}


def table_data(rows: Sequence[Row] | Unknown) -> list[PlainData] | PlainData:
    """The rows of a table as plain data, or why there are none."""
    return _unknown_data(rows) if isinstance(rows, Unknown) else [_row_data(row) for row in rows]


def _row_data(row: Row) -> PlainData:
    """What is there by name; what is absent is left out."""
    return {name: _value_data(value) for name, value in row.items() if value is not None}


def _value_data(value: Maybe) -> Value | PlainData:
    if isinstance(value, Unknown):
        return _unknown_data(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _unknown_data(unknown: Unknown) -> PlainData:
    return {"unknown": [_cause_data(cause) for cause in unknown.causes]}


def _cause_data(cause: Diagnostic) -> PlainData:
    location = cause.location
    data: PlainData = {"code": cause.kind.code, "source": location.source}
    place = {"line": location.line, "column": location.column, "sheet": location.in_sheet}
    data |= {name: part for name, part in place.items() if part}
    return data | ({"blanks": cause.params} if cause.params else {})


def _subject_facts(program: Program, subject: str, data: PlainData) -> SubjectFacts:
    values = _read_row(columns_of(program), data["values"])
    unknown = {name for name, value in values.items() if isinstance(value, Unknown)}
    rows: dict[str, Sequence[Mapping[str, Any]] | Unknown] = {}
    for name, columns in tables_of(program).items():
        table = data["tables"][name]
        rows[name] = _read_unknown(table) if isinstance(table, dict) else [_read_row(columns, row) for row in table]
        rows[name] = rows[name] or ()
        if isinstance(table, dict) or not _is_complete(name, rows[name]):
            unknown.add(name)
    return SubjectFacts(subject, values, rows, frozenset(unknown))


def _is_complete(table: str, rows: Any) -> bool:  # noqa: ANN401  rows of a table
    """Whether nothing in some rows is unknown; what was not decided in an earlier period is not known either."""
    return not any(
        isinstance(value, Unknown) or (value is None and table == HISTORY) for row in rows for value in row.values()
    )


def _read_row(columns: Sequence[FactColumn], row: PlainData) -> dict[str, Any]:
    keys = [key_of(column.name) for column in columns]
    return {
        column.name: read_value(column.type, row[key]) if key in row else None
        for column, key in zip(columns, keys, strict=True)
    }


def read_value(accepted: Type, data: Any) -> Maybe:  # noqa: ANN401  plain data of any shape
    """A value of a type out of plain data; raises PayloadError, ValueError, TypeError or ArithmeticError."""
    if isinstance(data, dict):
        return _read_unknown(data)
    match accepted.kind:
        case TypeKind.DECIMAL:
            return Decimal(data)
        case TypeKind.INT:
            return int(data)
        case TypeKind.DATE:
            return date.fromisoformat(data)
        case TypeKind.TIMESTAMP:
            return datetime.fromisoformat(data)
    if type(data) is bool and accepted.kind is TypeKind.BOOL:
        return data
    if type(data) is str and accepted.kind is TypeKind.STRING:
        return data
    raise PayloadError(f"{data!r:.40} is not of type {accepted}")


def _read_unknown(data: PlainData) -> Unknown:
    return Unknown(read_causes(data["unknown"]))


def read_causes(causes: Sequence[PlainData]) -> tuple[Diagnostic, ...]:
    """Why something was held, as it was recorded."""
    return tuple(map(_read_cause, causes))


def _read_cause(data: PlainData) -> Diagnostic:
    place = Location(data["source"], data.get("line", 0), data.get("column", 0), in_sheet=data.get("sheet", False))
    return Diagnostic(_KINDS[data["code"]], place, data.get("blanks", {}))


# results


@frozen(eq=False)
class ResultWriter:
    """Writes what a program gives as plain data."""

    program: Program
    rules: tuple[tuple[str, int], ...] = field(init=False)
    """By its number in the ledger of the program, the account of a rule and its number there: 0 is the opening."""

    @rules.default
    def _number_rules(self) -> tuple[tuple[str, int], ...]:
        return number_rules(self.program)

    def write(self, outcome: Outcome) -> PlainData:
        """What came out for one subject."""
        held, lines = outcome.held(), outcome.lines()
        values: dict[str, Maybe] = {name: outcome.value(name) for name in self.program.results() if name not in held}
        if self.program.pay:
            values |= {NET: outcome.net, PARTIAL: outcome.partial}
        pay = [(line.number, line.amount) for line in lines if line.amount is not None]
        return self._result(values, held, outcome.entries, pay)

    def write_all(self, decisions: Decisions) -> Iterator[PlainData]:
        """What came out for each subject of the frame, in their order: the same as `write` gives of its outcome."""
        entries: dict[int, list[_Entry]] = {}
        for subject, *entry in place_in_payload(decisions, decisions.entries).iter_rows():
            entries.setdefault(subject, []).append(tuple(entry))
        pay: dict[int, list[tuple[int, Decimal]]] = {}
        for subject, line, amount in decisions.pay.iter_rows():
            pay.setdefault(subject, []).append((line, amount))
        names = decisions.frame.columns[1:]
        for subject, *row in decisions.frame.iter_rows():
            known = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            held = decisions.held.get(subject, {})
            yield self._result(known, held, entries.get(subject, ()), pay.get(subject, ()))

    def _result(
        self,
        values: Mapping[str, Maybe],
        held: Mapping[str, Sequence[Diagnostic]],
        entries: Iterable[_Entry],
        pay: Iterable[tuple[int, Decimal]],
    ) -> PlainData:
        written = [
            [*self.rules[rule], format_decimal(points), event, *([] if quantity is None else [_number_text(quantity)])]
            for rule, quantity, points, event in entries
        ]
        result: PlainData = {
            "values": {name: _value_data(value) for name, value in values.items()},
            "entries": sort_entries(written),
            "pay": {self.program.pay[line].step: format_decimal(amount) for line, amount in pay},
        }
        causes = {name: sort_causes(map(_cause_data, each)) for name, each in held.items()}
        return result | ({"held": causes} if causes else {})


def _number_text(quantity: Decimal | int) -> str:
    return format_decimal(Decimal(quantity))


def place_in_payload(decisions: Decisions, entries: pl.DataFrame) -> pl.DataFrame:
    """Entries with `at` in place of `event`: which of the subject's own it is; -1 where no event brings the entry."""
    start: pl.Expr = pl.lit(0, dtype=pl.Int64)
    for name, rows in decisions.facts.rows.items():
        rules = [number for number, rule in enumerate(decisions.program.ledger) if rule.each == name]
        starts = pl.lit(rows.ends.shift(1, fill_value=0).cast(pl.Int64)).gather(pl.col(SUBJECT))
        start = pl.when(pl.col("rule").is_in(rules)).then(starts).otherwise(start) if rules else start
    number_of_subject = (pl.col("event").cast(pl.Int64) - start).fill_null(-1)
    return entries.select(SUBJECT, "rule", "quantity", "points", at=number_of_subject)


# comparing


def is_same_decision(left: bytes, right: bytes) -> bool:
    """Whether two payloads of the format of now say the same, wherever policies and facts say it."""
    return left == right or _without_places(decode(left)) == _without_places(decode(right))


def _without_places(data: Any) -> Any:  # noqa: ANN401  plain data of any shape
    if isinstance(data, list):
        return [_without_places(element) for element in data]
    if not isinstance(data, dict):
        return data
    if "code" in data and "source" in data:
        return _bare_cause(data)
    return {name: _without_places(member) for name, member in data.items()}


_WORDS: Final = frozenset({"among", "nearest", "group"})
"""What a cause says to help: texts in the order in which the policy has them, and the label of a group."""


def _bare_cause(cause: PlainData) -> PlainData:
    """A cause without places, and without words that are not part of what a program is."""
    if cause["code"] == catalogue.COLLIDE.code:  # its blanks are labels
        return {"code": cause["code"]}
    blanks = {name: text for name, text in cause.get("blanks", {}).items() if name not in _WORDS}
    return {"code": cause["code"], "blanks": blanks}
