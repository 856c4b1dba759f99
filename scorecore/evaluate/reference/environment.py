"""What a typed expression means for one subject: the specification.

Everything here runs inside `EXACT`. An unknown value travels upwards with its causes; `Undefined` never leaves.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import define, field

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.language.expressions import (
    AGO,
    Aggregate,
    Apply,
    Constant,
    Expression,
    Field,
    Fold,
    Has,
    Lookup,
    Nth,
    Read,
    Running,
)
from scorecore.language.operators import OPERATORS, UndefinedResult
from scorecore.language.operators.logic import require
from scorecore.values.unknown import Unknown

Row = Mapping[str, Any]
"""A row of events or of history: values by field; None where an optional field is absent, Unknown where it is bad."""


@define
class Environment:
    """The values that an expression may read; what it finds missing becomes Unknown."""

    values: dict[str, Any]
    """Facts, parameters, period and the steps so far; None for an absent optional fact."""
    rows: Mapping[str, Sequence[Row] | Unknown] = field(factory=dict)
    """Events and history of the subject; Unknown where a table was not given or cannot be trusted."""
    tables: Mapping[str, Callable[[Any], Decimal | str]] = field(factory=dict)
    """Readers of the band tables in force."""
    keys: Mapping[str, Sequence[str]] = field(factory=dict)
    """The fields that make an event one, by table, so that a reason can name the event."""

    numbers: dict[int, Mapping[int, Any]] = field(factory=dict)
    """By the identity of an expression that numbers events, and then of an event's row, its number."""

    def value(self, of: Expression, event: Row | None = None, running: Any = None) -> Any:  # noqa: ANN401
        """The value of an expression, or Unknown."""
        return compile_closure(of)(self, event, running)

    def absent(self, table: str, name: str, event: Row, place: Location) -> Unknown:
        """Why a field of an event has no value."""
        if table not in self.keys:
            return _unknown(catalogue.ABSENT, place, name=name)
        return _unknown(catalogue.ABSENT_OF, place, name=name, table=table, key=self.key(table, event))

    def same_order(self, of: Nth, event: Row, others: Sequence[Row], order: Any) -> Unknown:  # noqa: ANN401
        """Why an event has no number, though all that it depends on is known."""
        named = sorted(self.key(of.table, one) for one in (event, *others))  # all of them say the same
        blanks = {"key": named[0], "others": ", ".join(named[1:]), "order": format_value(order)}
        return _unknown(catalogue.SAME_ORDER, of.place, table=of.table, **blanks)

    def key(self, table: str, event: Row) -> str:
        """What makes an event one, for people."""
        return " ".join(format_value(event[one]) for one in self.keys.get(table, ()))


Closure = Callable[[Environment, Row | None, Any], Any]
"""What an expression means: (what it may read, the event, the account so far) -> the value, or Unknown."""


def compile_closure(of: Expression) -> Closure:
    """The function that an expression stands for, made out of those of its parts."""
    match of:
        case Constant(value=value):
            return lambda *_: value
        case Read():
            return _read(of)
        case Field():
            return _field(of)
        case Running():
            return lambda _at, _event, running: running
        case Has():
            return _has(of.of)
        case Nth():
            return _nth(of)
        case Lookup(table=table, key=key):
            return _strict(of.place, [compile_closure(key)], lambda at: at.tables[table])
        case Apply():
            return _applied(of)
        case Aggregate(fold=Fold.AT | Fold.LAST | Fold.RUN):
            return _past(of)
        case Aggregate(fold=Fold.ONE):
            return _only(of)
        case Aggregate():
            return _events(of)
    raise TypeError(of)


def _applied(of: Apply) -> Closure:
    parts = [compile_closure(one) for one in of.operands]
    operator = OPERATORS[of.operator]
    if of.operator == "require":
        return _guarded(of.place, parts[0], parts[1], *of.options)
    if operator.strict:
        return _strict(of.place, parts, lambda _at: operator.value, *of.options)
    return lambda at, event, running: operator.value(*[part(at, event, running) for part in parts], *of.options)


def _read(of: Read) -> Closure:
    def read(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401, ARG001
        value = at.values[of.name]
        return _unknown(catalogue.ABSENT, of.place, name=of.name) if value is None else value

    return read


def _field(of: Field) -> Closure:
    def field_(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401, ARG001
        assert event is not None  # noqa: S101  the checker lets fields stand only where there is an event
        value = event[of.name]
        return at.absent(of.table, of.name, event, of.place) if value is None else value

    return field_


def _strict(
    place: Location,
    parts: Sequence[Closure],
    function: Callable[[Environment], Any],
    *options: Any,  # noqa: ANN401  constants of any type
) -> Closure:
    """A function of values that are all known; else what is unknown in them."""

    def call(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401
        values = [part(at, event, running) for part in parts]
        for value in values:
            if isinstance(value, Unknown):
                return Unknown.of(*values)
        try:
            return function(at)(*values, *options)
        except UndefinedResult as undefined:
            blanks = {name: format_value(value) for name, value in undefined.blanks.items()}
            return Unknown((Diagnostic(undefined.kind, place, blanks),))

    return call


def _guarded(place: Location, condition: Closure, inside: Closure, *reason: str) -> Closure:
    """A value that is looked at only where its condition holds."""

    def call(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401
        holds = condition(at, event, running)
        try:
            return require(holds, inside(at, event, running) if holds is True else None, *reason)
        except UndefinedResult as undefined:
            return _unknown(undefined.kind, place, **undefined.blanks)

    return call


def _has(of: Read | Field | Aggregate) -> Closure:
    if isinstance(of, Aggregate):
        found = compile_closure(of)

        def decided(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401
            value = found(at, event, running)
            absent = isinstance(value, Unknown) and value.causes[0].kind in _ABSENT
            return value if isinstance(value, Unknown) and not absent else not absent

        return decided
    name, of_subject = of.name, isinstance(of, Read)

    def present(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401, ARG001
        raw = at.values[name] if of_subject else (event or {})[name]
        return raw if isinstance(raw, Unknown) else raw is not None

    return present


_ABSENT: Final = frozenset({catalogue.NO_PERIOD, catalogue.NOT_DECIDED, catalogue.NOTHING_USED})
"""Why a value of an earlier period, or of another policy, is not there at all."""


def _nth(of: Nth) -> Closure:
    """The number of an event; all of a table are numbered when the first is asked for."""
    by = (lambda *_: None) if of.by is None else compile_closure(of.by)
    where = (lambda *_: True) if of.where is None else compile_closure(of.where)
    order = compile_closure(of.order)

    def numbers(at: Environment, rows: Sequence[Row]) -> Iterator[Any]:
        asked = [(where(at, row, None), by(at, row, None), order(at, row, None)) for row in rows]
        counted = [(counts, kind, place, row) for (counts, kind, place), row in zip(asked, rows, strict=True) if counts]
        # one that may or may not come before the others leaves them all without a number
        unknown = Unknown.of(*(value for one in counted for value in one[:3]))
        places: dict[Any, list[Any]] = {}
        for _, kind, place, _ in () if unknown else counted:
            insort(places.setdefault(kind, []), place)
        for row, (_, kind, place) in zip(rows, asked, strict=True):
            own = unknown or Unknown.of(kind, place)
            before = 0 if own else bisect_left(places.get(kind, ()), place)
            same = [] if own else places.get(kind, [])[before : before + 2]
            tied = [one for _, *key, one in counted if key == [kind, place] and one is not row] if place in same else []
            yield own or (at.same_order(of, row, tied, place) if tied else before + 1)

    def nth(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401, ARG001
        if id(of) not in at.numbers:
            rows = at.rows[of.table]
            assert not isinstance(rows, Unknown)  # noqa: S101  there is an event
            at.numbers[id(of)] = dict(zip(map(id, rows), numbers(at, rows), strict=True))
        return at.numbers[id(of)][id(event)]

    return nth


def _only(of: Aggregate) -> Closure:
    """The value of the only row of another policy's decisions."""
    assert isinstance(of.value, Field)  # noqa: S101  so the checker builds it
    name = of.value.name

    def only(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401, ARG001
        rows = at.rows[of.table]
        if isinstance(rows, Unknown):
            return rows
        if not rows:
            return _unknown(catalogue.NOTHING_USED, of.place, policy=of.table)
        found = rows[0][name]
        return _unknown(catalogue.NOT_DECIDED, of.place, name=f"{of.table}.{name}") if found is None else found

    return only


def _past(of: Aggregate) -> Closure:
    """A fold over history."""
    assert of.value is not None  # noqa: S101  so the checker builds it
    condition = compile_closure(of.value)
    name = of.value.name if isinstance(of.value, Field) else ""

    def at_row(row: Row) -> Any:  # noqa: ANN401
        found = row[name]
        return _unknown(catalogue.NOT_DECIDED, of.place, name=name) if found is None else found

    def run(at: Environment, rows: Sequence[Row]) -> int | Unknown:
        count = 0
        for row in rows:
            holds = condition(at, row, None) if row[AGO] == count + 1 else False
            if isinstance(holds, Unknown):
                return holds
            if not holds:
                break
            count += 1
        return count

    def past(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401, ARG001
        rows = at.rows[of.table]
        if isinstance(rows, Unknown):
            return rows
        if of.fold is Fold.RUN:
            return run(at, rows)
        if of.fold is Fold.LAST:
            return at_row(rows[0]) if rows else of.default and of.default.value
        row = next((row for row in rows if row[AGO] == of.ago), None)
        return at_row(row) if row else _unknown(catalogue.NO_PERIOD, of.place, ago=of.ago)

    return past


def _events(of: Aggregate) -> Closure:
    """A fold over events."""
    where = None if of.where is None else compile_closure(of.where)
    body = None if of.value is None else compile_closure(of.value)
    zero = Decimal(0) if of.type.is_decimal else 0

    def fold(at: Environment, event: Row | None, running: Any) -> Any:  # noqa: ANN401, ARG001
        rows = at.rows[of.table]
        if isinstance(rows, Unknown):
            return rows
        if where is not None:
            chosen = [where(at, row, None) for row in rows]
            unknown = Unknown.of(*chosen)
            if unknown:
                return unknown
            rows = [row for row, choice in zip(rows, chosen, strict=True) if choice]
        if body is None:
            return len(rows)
        values = [body(at, row, None) for row in rows]
        unknown = Unknown.of(*values)
        match of.fold:
            case Fold.SUM:
                return unknown or sum(values, zero)
            case Fold.EXISTS:
                return True if True in values else unknown or False
            case Fold.ALL:
                return False if False in values else unknown or True
            case _:
                return unknown or values.count(True) == 1

    return fold


def _unknown(kind: Any, place: Location, **blanks: object) -> Unknown:  # noqa: ANN401  a kind of problem
    return Unknown((Diagnostic(kind, place, {name: str(value) for name, value in blanks.items()}),))


def format_value(value: object) -> str:
    """A value as people write it."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"
    return str(value)
