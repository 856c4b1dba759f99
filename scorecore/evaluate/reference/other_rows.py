"""What an event is among the others of its table, and what the row with a key says: the specification."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeAlias

from scorecore.diagnostics import catalogue
from scorecore.evaluate.reference.environment import Environment, format_value, make_unknown
from scorecore.evaluate.reference.observer import Row
from scorecore.language.expressions import Nth
from scorecore.language.rows import KeyedField, LatestField, Neighbour, SumTo
from scorecore.values.unknown import Unknown

_Closure: TypeAlias = Callable[[Environment, Row | None, Any], Any]


class _Candidate(NamedTuple):
    """An event, and what puts it into an order."""

    row: Row
    counts: Any
    kind: Any
    rank: Any
    amount: Any
    """What it adds to a sum."""


def number_events(nth: Nth, by: _Closure, where: _Closure, orders: Sequence[_Closure], body: _Closure) -> _Closure:
    """The number of an event, or the sum up to it; those of a whole table are found when the first is asked for."""
    zero = Decimal(0) if nth.type.is_decimal else 0

    def ask(environment: Environment, row: Row) -> _Candidate:
        rank = [order(environment, row, None) for order in orders]
        counts = where(environment, row, None)
        amount = body(environment, row, None) if counts and isinstance(nth, SumTo) else zero
        return _Candidate(row, counts, by(environment, row, None), Unknown.of(*rank) or tuple(rank), amount)

    def number(environment: Environment, event: Row | None, _so_far: Any) -> Any:  # noqa: ANN401
        if id(nth) not in environment.event_numbers:
            rows = environment.rows[nth.table]
            assert not isinstance(rows, Unknown)  # noqa: S101  there is an event
            candidates = [ask(environment, row) for row in rows]
            numbers = _number(nth, candidates, zero, environment)
            environment.event_numbers[id(nth)] = dict(zip(map(id, rows), numbers, strict=True))
        return environment.event_numbers[id(nth)][id(event)]

    return number


def _number(nth: Nth, candidates: Sequence[_Candidate], zero: Decimal | int, environment: Environment) -> Iterator[Any]:
    counted = [candidate for candidate in candidates if candidate.counts]
    # an event that may or may not come before the others leaves them all without a number
    unknown = Unknown.of(*(part for candidate in counted for part in candidate[1:]))
    kinds: dict[Any, list[_Candidate]] = {}
    for candidate in () if unknown else sorted(counted, key=attrgetter("rank")):
        kinds.setdefault(candidate.kind, []).append(candidate)
    sums = {kind: [*accumulate((each.amount for each in alike), initial=zero)] for kind, alike in kinds.items()}
    for candidate in candidates:
        cause = unknown or Unknown.of(candidate.kind, candidate.rank)
        if cause:
            yield cause
            continue
        alike = kinds.get(candidate.kind, [])
        before = bisect_left(alike, candidate.rank, key=attrgetter("rank"))
        tied = _tied_rows(alike[before:], candidate)
        if tied:
            yield environment.same_order(nth, candidate.row, tied, candidate.rank)
        elif isinstance(nth, Neighbour):
            position = before + bool(candidate.counts) if nth.is_next else before - 1
            yield _read_neighbour(nth, candidate.row, alike, position, environment)
        elif isinstance(nth, SumTo):
            yield sums.get(candidate.kind, [zero])[before + bool(candidate.counts)]
        else:
            yield before + 1


def _read_neighbour(
    nth: Neighbour, row: Row, alike: Sequence[_Candidate], position: int, environment: Environment
) -> Any:  # noqa: ANN401  a value of any type
    """The field of the event in a position, unless another has the same place."""
    if not 0 <= position < len(alike):
        kind = catalogue.NO_NEXT if nth.is_next else catalogue.NO_NEIGHBOUR
        return make_unknown(kind, nth.place, table=nth.table, key=environment.key(nth.table, row))
    nearest = alike[position]
    tied = [other.row for other in alike if other.rank == nearest.rank and other is not nearest]
    if tied:
        return environment.same_order(nth, nearest.row, tied, nearest.rank)
    value = nearest.row[nth.name]
    return environment.absent(nth.table, nth.name, nearest.row, nth.place) if value is None else value


def _tied_rows(following: Sequence[_Candidate], candidate: _Candidate) -> list[Row]:
    """The others with the same place in the order; they stand first."""
    tied = []
    for other in following:
        if other.rank != candidate.rank:
            break
        if other.row is not candidate.row:
            tied.append(other.row)
    return tied


def find_row(node: KeyedField, rows: Iterable[Row], wanted: Sequence[Any]) -> Row | None:
    """The row that has a key, or the last one up to it."""
    if not isinstance(node, LatestField):
        return next((row for row in rows if [row[name] for name in node.key_names] == wanted), None)
    *alike, last = node.key_names
    before = (row for row in rows if [row[name] for name in alike] == wanted[:-1] and row[last] <= wanted[-1])
    return max(before, key=itemgetter(last), default=None)


def read_keyed(node: KeyedField, keys: Sequence[_Closure]) -> _Closure:
    """A field of the row that has a key; in a table whose rows can be trusted, no key is there twice."""

    def read_row(environment: Environment, event: Row | None, _so_far: Any) -> Any:  # noqa: ANN401
        rows = environment.rows[node.table]
        wanted = [key(environment, event, None) for key in keys]
        unknown = Unknown.of(rows, *wanted)
        if unknown or isinstance(rows, Unknown):
            return unknown
        row = find_row(node, rows, wanted)
        if row is not None:
            value = row[node.name]
            return environment.absent(node.table, node.name, row, node.place) if value is None else value
        kind = catalogue.NO_ROW_UP_TO if isinstance(node, LatestField) else catalogue.NO_ROW_WITH_KEY
        return make_unknown(kind, node.place, table=node.table, key=" ".join(map(format_value, wanted)))

    return read_row
