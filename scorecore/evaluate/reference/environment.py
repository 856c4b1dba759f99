"""What an expression may read while one subject is decided."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import define, field

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Location
from scorecore.evaluate.reference.observer import Observer, Row
from scorecore.language.expressions import Nth
from scorecore.values.canonical_json import format_decimal
from scorecore.values.types import Value
from scorecore.values.unknown import Maybe, Unknown


@define
class Environment:
    """The values that an expression may read; what is missing among them becomes Unknown."""

    values: dict[str, Any]
    """Facts, parameters, period and the steps so far; None for an absent optional fact."""
    rows: Mapping[str, Sequence[Row] | Unknown] = field(factory=dict)
    """Events and history of the subject; Unknown where a table is missing or cannot be trusted."""
    tables: Mapping[str, Callable[[Any], Value]] = field(factory=dict)
    """Lookups of the band tables in force."""
    keys: Mapping[str, Sequence[str]] = field(factory=dict)
    """The fields that make an event unique, by table, so that a reason can name the event."""
    observer: Observer | None = field(default=None, kw_only=True)
    """Told of every node that is evaluated by closures compiled for observation."""
    event_numbers: dict[int, Mapping[int, Maybe]] = field(factory=dict, kw_only=True)
    """By the identity of an expression that numbers events, and then of an event's row, its number."""

    def absent(self, table: str, name: str, event: Row, place: Location) -> Unknown:
        """Why a field of an event has no value."""
        if table not in self.keys:
            return make_unknown(catalogue.ABSENT, place, name=name)
        return make_unknown(catalogue.ABSENT_OF, place, name=name, table=table, key=self.key(table, event))

    def same_order(self, nth: Nth, event: Row, tied: Sequence[Row], order: Sequence[Value]) -> Unknown:
        """Why an event has no number, though all that it depends on is known."""
        keys = sorted(self.key(nth.table, row) for row in (event, *tied))  # all of them give the same reason
        params = {"key": keys[0], "others": ", ".join(keys[1:]), "order": ", ".join(map(format_value, order))}
        return make_unknown(catalogue.SAME_ORDER, nth.place, table=nth.table, **params)

    def key(self, table: str, event: Row) -> str:
        """What makes an event unique, for people."""
        return " ".join(format_value(event[name]) for name in self.keys.get(table, ()))


def make_unknown(kind: DiagnosticKind, place: Location, **params: object) -> Unknown:
    """An unknown value with one cause."""
    return Unknown((Diagnostic(kind, place, {name: str(param) for name, param in params.items()}),))


def format_value(value: object) -> str:
    """A value as people write it."""
    return format_decimal(value) if isinstance(value, Decimal) else str(value)
