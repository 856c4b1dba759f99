"""What a typed expression means for one subject: the specification.

Everything here runs inside `EXACT`. An unknown value travels upwards with its causes; `UndefinedResult` never leaves.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.evaluate.reference.environment import Environment, format_value, make_unknown
from scorecore.evaluate.reference.observer import Row
from scorecore.evaluate.reference.other_rows import number_events, read_keyed
from scorecore.language.build import apply_operator
from scorecore.language.expressions import (
    AGO,
    HISTORY,
    AccountSoFar,
    Apply,
    Constant,
    Count,
    DependencyValue,
    EventFold,
    Exists,
    ExistsOne,
    Expression,
    Field,
    ForAll,
    Has,
    HistoryAt,
    Latest,
    Lookup,
    Nth,
    PrecedingRun,
    Read,
    Sugar,
    SumOver,
    constant_value,
    walk,
)
from scorecore.language.operators import OPERATORS, UndefinedResult
from scorecore.language.operators.arithmetic import cut
from scorecore.language.operators.logic import require
from scorecore.language.rows import GreatestOver, KeyedField, LeastOver, Neighbour, SumTo
from scorecore.language.sugar import expand
from scorecore.values.unknown import Maybe, Unknown

Closure: TypeAlias = Callable[[Environment, Row | None, Any], Any]
"""(what may be read, the event, the account so far) -> the value, or Unknown."""
_Watch: TypeAlias = frozenset[int] | None
"""The nodes that are reported to an observer: None for no node; otherwise these identities, and all inside them."""
_EVERYTHING: Final[frozenset[int]] = frozenset({-1})


def compile_closure(expression: Expression, *, observed: bool = False) -> Closure:
    """The function of an expression; an `observed` one reports to the environment's observer what it sees."""
    return _compile(expression, _EVERYTHING if observed else None)


def evaluate_expression(
    environment: Environment, expression: Expression, event: Row | None = None, so_far: Maybe | None = None
) -> Any:  # noqa: ANN401  a value of any type
    """The value of an expression, or Unknown."""
    return compile_closure(expression)(environment, event, so_far)


def _compile(expression: Expression, watch: _Watch) -> Closure:
    if watch is None:
        return _compile_node(expression, None)
    if watch is not _EVERYTHING and id(expression) not in watch:
        return _compile_node(expression, watch)
    closure = _compile_node(expression, _EVERYTHING)

    def observed(environment: Environment, event: Row | None, so_far: Any) -> Any:  # noqa: ANN401
        value = closure(environment, event, so_far)
        if environment.observer is not None:
            environment.observer.saw(expression, event, value)
        return value

    return observed


def _compile_node(node: Expression, watch: _Watch) -> Closure:
    match node:
        case Sugar():
            return _compile(expand(node), _watch_inside(node, watch))
        case Constant():
            value = constant_value(node)
            return lambda *_: value
        case Read():
            return _read(node)
        case Field():
            return _field(node)
        case AccountSoFar():
            return lambda _environment, _event, so_far: so_far
        case Has(operand=operand):
            return _has(operand)
        case Nth() | KeyedField():
            return _other_rows(node, watch)
        case Lookup():
            return _lookup(node, watch)
        case Apply():
            return _apply(node, watch)
        case HistoryAt() | Latest() | PrecedingRun():
            return _past(node, watch)
        case DependencyValue():
            return _dependency_value(node)
        case EventFold():
            return _fold(node, watch)
    raise TypeError(node)


def _watch_inside(sugar: Expression, watch: _Watch) -> _Watch:
    """What is watched in the place of sugar: what its author wrote in it, not what the language adds."""
    if watch is not _EVERYTHING:
        return watch
    return frozenset(id(part) for part in walk(sugar) if part is not sugar)


def _apply(node: Apply, watch: _Watch) -> Closure:
    operator = OPERATORS[node.operator]
    if node.operator == "round" and isinstance(node.operands[0], Sugar):  # the rounding goes into what it stands for
        rounded = apply_operator("round", (expand(node.operands[0]),), node.place, *node.options)
        return _compile(rounded, _watch_inside(node, watch))
    operands = [_compile(operand, watch) for operand in node.operands]
    match node.operator, operands:
        case "require", [condition, value]:
            return _require(node.place, condition, value, *node.options)
        case "if", [condition, then, otherwise]:
            return _choose(condition, then, otherwise)
        case "and" | "or" as name, [left, right]:
            return _absorb(operator.value, left, right, decisive=name == "or")
    assert operator.strict  # noqa: S101  the others are above
    function = operator.value
    if operator.cuts and node.type.ends:
        exact = operator.value
        function = lambda *values: cut(exact(*values))  # noqa: E731  a name would say no more
    return _strict(node.place, operands, function, *node.options)


def _choose(condition: Closure, then: Closure, otherwise: Closure) -> Closure:
    def choose(environment: Environment, event: Row | None, so_far: Any) -> Any:  # noqa: ANN401
        holds = condition(environment, event, so_far)
        if isinstance(holds, Unknown):
            return holds
        return (then if holds else otherwise)(environment, event, so_far)

    return choose


def _absorb(combine: Callable[..., Maybe], left: Closure, right: Closure, *, decisive: bool) -> Closure:
    """`&&` and `||`: where the left side decides, the right one is not looked at."""

    def absorb(environment: Environment, event: Row | None, so_far: Any) -> Any:  # noqa: ANN401
        first = left(environment, event, so_far)
        return first if first is decisive else combine(first, right(environment, event, so_far))

    return absorb


def _read(read: Read) -> Closure:
    def read_value(environment: Environment, _event: Row | None, _so_far: Any) -> Any:  # noqa: ANN401
        value = environment.values[read.name]
        return make_unknown(catalogue.ABSENT, read.place, name=read.name) if value is None else value

    return read_value


def _field(field: Field) -> Closure:
    def read_field(environment: Environment, event: Row | None, _so_far: Any) -> Any:  # noqa: ANN401
        assert event is not None  # noqa: S101  the resolver lets fields stand only where there is an event
        value = event[field.name]
        return environment.absent(field.table, field.name, event, field.place) if value is None else value

    return read_field


def _strict(
    place: Location,
    operands: Sequence[Closure],
    function: Callable[..., Any],
    *options: Any,  # noqa: ANN401  constants of any type
) -> Closure:
    """A function of values that are all known; else what is unknown in them."""

    def call(environment: Environment, event: Row | None, so_far: Any) -> Any:  # noqa: ANN401
        values = [operand(environment, event, so_far) for operand in operands]
        for value in values:
            if isinstance(value, Unknown):
                return Unknown.of(*values)
        try:
            return function(*values, *options)
        except UndefinedResult as undefined:
            return _unknown_result(undefined, place)

    return call


def _unknown_result(undefined: UndefinedResult, place: Location) -> Unknown:
    params = {name: format_value(value) for name, value in undefined.params.items()}
    return Unknown((Diagnostic(undefined.kind, place, params),))


def _lookup(lookup: Lookup, watch: _Watch) -> Closure:
    key_of, table = _compile(lookup.key, watch), lookup.table

    def look_up(environment: Environment, event: Row | None, so_far: Any) -> Any:  # noqa: ANN401
        key = key_of(environment, event, so_far)
        if watch is not None and environment.observer is not None:
            environment.observer.looked_up(lookup, key, event)
        if isinstance(key, Unknown):
            return key
        try:
            return environment.tables[table](key)
        except UndefinedResult as undefined:
            return _unknown_result(undefined, lookup.place)

    return look_up


def _require(place: Location, condition: Closure, value: Closure, *reason: str) -> Closure:
    """A value that is looked at only where its condition holds."""

    def call(environment: Environment, event: Row | None, so_far: Any) -> Any:  # noqa: ANN401
        holds = condition(environment, event, so_far)
        try:
            return require(holds, value(environment, event, so_far) if holds is True else None, *reason)
        except UndefinedResult as undefined:
            return make_unknown(undefined.kind, place, **undefined.params)

    return call


def _has(operand: Read | Field | KeyedField | Neighbour | HistoryAt | DependencyValue) -> Closure:
    if isinstance(operand, HistoryAt | DependencyValue | KeyedField | Neighbour):
        earlier = _compile_node(operand, None)

        def is_decided(environment: Environment, event: Row | None, so_far: Any) -> Any:  # noqa: ANN401
            value = earlier(environment, event, so_far)
            is_absent = isinstance(value, Unknown) and value.causes[0].kind in _ABSENT
            return value if isinstance(value, Unknown) and not is_absent else not is_absent

        return is_decided
    name, is_of_subject = operand.name, isinstance(operand, Read)

    def is_present(environment: Environment, event: Row | None, _so_far: Any) -> Any:  # noqa: ANN401
        raw = environment.values[name] if is_of_subject else (event or {})[name]
        return raw if isinstance(raw, Unknown) else raw is not None

    return is_present


_ABSENT: Final = frozenset(
    {
        catalogue.NO_PERIOD,
        catalogue.NOT_DECIDED,
        catalogue.NOTHING_USED,
        catalogue.NO_ROW_WITH_KEY,
        catalogue.ABSENT_OF,
        catalogue.NO_ROW_UP_TO,
        catalogue.NO_NEIGHBOUR,
        catalogue.NO_NEXT,
    }
)
"""Why a value of an earlier period, of another policy, or of a row with a key, is not there at all."""


def _other_rows(node: Nth | KeyedField, watch: _Watch) -> Closure:
    """What an event is among others, or what the row with a key says."""
    if isinstance(node, KeyedField):
        return read_keyed(node, [_compile(key, watch) for key in node.keys])
    by: Closure = (lambda *_: None) if node.by is None else _compile(node.by, watch)
    where: Closure = (lambda *_: True) if node.where is None else _compile(node.where, watch)
    body: Closure = _compile(node.body, watch) if isinstance(node, SumTo) else lambda *_: 1
    return number_events(node, by, where, [_compile(order, watch) for order in node.orders], body)


def _dependency_value(dependency: DependencyValue) -> Closure:
    """The value in the only row of another policy's decisions."""
    table, name, place = dependency.field.table, dependency.field.name, dependency.place

    def read_decided(environment: Environment, _event: Row | None, _so_far: Any) -> Any:  # noqa: ANN401
        rows = environment.rows[table]
        if isinstance(rows, Unknown):
            return rows
        if not rows:
            return make_unknown(catalogue.NOTHING_USED, place, policy=table)
        value = rows[0][name]
        return make_unknown(catalogue.NOT_DECIDED, place, name=f"{table}.{name}") if value is None else value

    return read_decided


def _past(node: HistoryAt | Latest | PrecedingRun, watch: _Watch) -> Closure:
    """What is read of earlier periods, the latest first."""
    look_back: Callable[[Environment, Sequence[Row]], Any]
    match node:
        case HistoryAt(field=field, ago=ago):

            def look_back(_environment: Environment, rows: Sequence[Row]) -> Any:  # noqa: ANN401
                row = next((row for row in rows if row[AGO] == ago), None)
                if row is None:
                    return make_unknown(catalogue.NO_PERIOD, node.place, ago=ago)
                return _decided_then(row, field.name, node.place)

        case Latest(field=field, default=default):
            opening = constant_value(default)

            def look_back(_environment: Environment, rows: Sequence[Row]) -> Any:  # noqa: ANN401
                return _decided_then(rows[0], field.name, node.place) if rows else opening

        case PrecedingRun(condition=condition):
            meets = _compile(condition, watch)

            def look_back(environment: Environment, rows: Sequence[Row]) -> Any:  # noqa: ANN401
                return _count_run(meets, environment, rows)

    def past(environment: Environment, _event: Row | None, _so_far: Any) -> Any:  # noqa: ANN401
        rows = environment.rows[HISTORY]
        return rows if isinstance(rows, Unknown) else look_back(environment, rows)

    return past


def _decided_then(row: Row, name: str, place: Location) -> Any:  # noqa: ANN401  a value of any type
    value = row[name]
    return make_unknown(catalogue.NOT_DECIDED, place, name=name) if value is None else value


def _count_run(meets: Closure, environment: Environment, rows: Sequence[Row]) -> int | Unknown:
    count = 0
    for row in rows:
        holds = meets(environment, row, None) if row[AGO] == count + 1 else False
        if isinstance(holds, Unknown):
            return holds
        if not holds:
            break
        count += 1
    return count


def _fold(fold: EventFold, watch: _Watch) -> Closure:
    """One value from the events of a table."""
    where = None if fold.where is None else _compile(fold.where, watch)
    body = None if isinstance(fold, Count) else _compile(_body(fold), watch)

    def fold_rows(environment: Environment, _event: Row | None, _so_far: Any) -> Any:  # noqa: ANN401
        rows = environment.rows[fold.table]
        if isinstance(rows, Unknown):
            return rows
        if where is not None:
            chosen = [where(environment, row, None) for row in rows]
            unknown = Unknown.of(*chosen)
            if unknown:
                return unknown
            rows = [row for row, choice in zip(rows, chosen, strict=True) if choice]
        if body is None:
            return len(rows)
        return _combine(fold, [body(environment, row, None) for row in rows])

    return fold_rows


def _body(fold: EventFold) -> Expression:
    assert isinstance(fold, SumOver | GreatestOver | LeastOver | Exists | ForAll | ExistsOne)  # noqa: S101  a count has none
    return fold.body


def _combine(fold: EventFold, values: list[Any]) -> Any:  # noqa: ANN401  a value of any type
    unknown = Unknown.of(*values)
    match fold:
        case SumOver():
            return unknown or sum(values, Decimal(0) if fold.type.is_decimal else 0)
        case GreatestOver() | LeastOver() if not values:
            return make_unknown(catalogue.NO_EXTREME, fold.place, table=fold.table)
        case GreatestOver():
            return unknown or max(values)
        case LeastOver():
            return unknown or min(values)
        case Exists():
            return True if True in values else unknown or False
        case ForAll():
            return False if False in values else unknown or True
    return unknown or values.count(True) == 1
