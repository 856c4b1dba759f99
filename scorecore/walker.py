"""Evaluates a typed expression for one subject by walking it: the specification of what expressions mean.

Everything here runs inside `EXACT`. An unknown value travels upwards with its causes; `Undefined` never leaves.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import define, field

from scorecore import kinds
from scorecore.expressions import (
    AGO,
    Aggregate,
    Apply,
    Constant,
    Expression,
    Field,
    Fold,
    Has,
    Lookup,
    Read,
    Running,
)
from scorecore.operators import TABLE, Undefined
from scorecore.problems import Problem
from scorecore.source import Location
from scorecore.unknown import Unknown

Row = Mapping[str, Any]
"""A row of events or of history: values by field; None where an optional field is absent, Unknown where it is bad."""


@define
class Walker:
    """The values that an expression may read; what it finds missing becomes Unknown."""

    values: Mapping[str, Any]
    """Facts, parameters, period and the steps so far; None for an absent optional fact."""
    rows: Mapping[str, Sequence[Row] | Unknown] = field(factory=dict)
    """Events and history of the subject; Unknown where a table was not given or cannot be trusted."""
    tables: Mapping[str, Callable[[Any], Decimal]] = field(factory=dict)
    """Readers of the band tables in force."""
    keys: Mapping[str, Sequence[str]] = field(factory=dict)
    """The fields that make an event one, by table, so that a reason can name the event."""

    def value(self, of: Expression, event: Row | None = None, running: Any = None) -> Any:  # noqa: ANN401
        """The value of an expression, or Unknown."""
        match of:
            case Constant(value=value):
                return value
            case Read(name=name):
                return _present(self.values[name], name, of.place)
            case Field(table=table, name=name):
                assert event is not None  # noqa: S101  the checker lets fields stand only where there is an event
                value = event[name]
                return self._absent(table, name, event, of.place) if value is None else value
            case Running():
                return running
            case Has():
                return self._has(of.of, event)
            case Lookup(table=table, key=key):
                return self._call(of.place, self.tables[table], self.value(key, event, running))
            case Apply(operator=name, operands=operands, options=options):
                operator = TABLE[name]
                values = [self.value(one, event, running) for one in operands]
                if operator.strict:
                    return self._call(of.place, operator.value, *values, options=options)
                return operator.value(*values, *options)
            case Aggregate():
                return self._fold(of)
        raise TypeError(of)

    def _absent(self, table: str, name: str, event: Row, place: Location) -> Unknown:
        if table not in self.keys:
            return _unknown(kinds.ABSENT, place, name=name)
        key = " ".join(shown(event[one]) for one in self.keys[table])
        return _unknown(kinds.ABSENT_OF, place, name=name, table=table, key=key)

    def _call(self, place: Location, function: Callable[..., Any], *values: Any, options: tuple[Any, ...] = ()) -> Any:  # noqa: ANN401
        unknown = Unknown.of(*values)
        if unknown:
            return unknown
        try:
            return function(*values, *options)
        except Undefined as undefined:
            blanks = {name: shown(value) for name, value in undefined.blanks.items()}
            return Unknown((Problem(undefined.kind, place, blanks),))

    def _has(self, of: Read | Field | Aggregate, event: Row | None) -> bool | Unknown:
        if isinstance(of, Aggregate):
            found = self._fold(of)
            absent = isinstance(found, Unknown) and found.causes[0].kind in {
                kinds.NO_PERIOD,
                kinds.NOT_DECIDED,
            }
            return found if isinstance(found, Unknown) and not absent else not absent
        raw = self.values[of.name] if isinstance(of, Read) else (event or {})[of.name]
        return raw if isinstance(raw, Unknown) else raw is not None

    def _fold(self, of: Aggregate) -> Any:  # noqa: ANN401  a value of any type
        rows = self.rows[of.table]
        if isinstance(rows, Unknown):
            return rows
        match of.fold:
            case Fold.AT:
                row = next((row for row in rows if row[AGO] == of.ago), None)
                return self._past(of, row) if row else _unknown(kinds.NO_PERIOD, of.place, ago=of.ago)
            case Fold.LAST:
                return self._past(of, rows[0]) if rows else of.default and of.default.value
            case Fold.RUN:
                return self._run(of, rows)
            case _:
                return self._events(of, rows)

    def _past(self, of: Aggregate, row: Row) -> Any:  # noqa: ANN401  a value of any type
        assert isinstance(of.value, Field)  # noqa: S101  so the checker builds it
        found = row[of.value.name]
        return _unknown(kinds.NOT_DECIDED, of.place, name=of.value.name) if found is None else found

    def _run(self, of: Aggregate, rows: Sequence[Row]) -> int | Unknown:
        assert of.value  # noqa: S101  so the checker builds it
        count = 0
        for row in rows:
            holds = self.value(of.value, row) if row[AGO] == count + 1 else False
            if isinstance(holds, Unknown):
                return holds
            if not holds:
                break
            count += 1
        return count

    def _events(self, of: Aggregate, rows: Sequence[Row]) -> Any:  # noqa: ANN401  a value of any type
        chosen = [True if of.where is None else self.value(of.where, row) for row in rows]
        unknown = Unknown.of(*chosen)
        if unknown:
            return unknown
        kept = [row for row, choice in zip(rows, chosen, strict=True) if choice]
        if of.fold is Fold.SIZE:
            return len(kept)
        assert of.value  # noqa: S101  so the checker builds it
        values = [self.value(of.value, row) for row in kept]
        unknown = Unknown.of(*values)
        match of.fold:
            case Fold.SUM:
                return unknown or sum(values, Decimal(0) if of.type.is_decimal else 0)
            case Fold.EXISTS:
                return True if True in values else unknown or False
            case Fold.ALL:
                return False if False in values else unknown or True
            case _:
                return unknown or values.count(True) == 1


def _present(value: Any, name: str, place: Location) -> Any:  # noqa: ANN401  a value of any type
    return _unknown(kinds.ABSENT, place, name=name) if value is None else value


def _unknown(kind: Any, place: Location, **blanks: object) -> Unknown:  # noqa: ANN401  a kind of problem
    return Unknown((Problem(kind, place, {name: str(value) for name, value in blanks.items()}),))


def shown(value: object) -> str:
    """A value as people write it."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"
    return str(value)
