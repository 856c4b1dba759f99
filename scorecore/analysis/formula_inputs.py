"""What a formula reads, with the values that it had: of the subject, of an event, and what tables and events give."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, Final

from attrs import evolve, field, frozen

from scorecore.analysis.recorder import ValueRecorder, record_values
from scorecore.evaluate.period_context import in_force
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.observer import Row
from scorecore.facts.model import SubjectFacts
from scorecore.language.bands import Band
from scorecore.language.expressions import (
    ByText,
    EventFold,
    Exists,
    Expression,
    Field,
    GroupValue,
    Lookup,
    Nth,
    ParameterOn,
    Rate,
    Read,
    RowsValue,
    Streak,
    subexpressions,
    walk,
)
from scorecore.language.operators import EXACT
from scorecore.language.operators.arithmetic import multiply
from scorecore.language.printer import print_formula
from scorecore.language.rows import KeyedField
from scorecore.program.model import Program
from scorecore.program.schema import EventTable
from scorecore.values.canonical_json import format_decimal
from scorecore.values.period import Period
from scorecore.values.unknown import Unknown


@frozen
class FormulaInput:
    """A value that a formula reads."""

    name: str
    """Its name in the language, such as `parameters.rate`; of a table, how it is looked up."""
    label: str
    """Its name in words; empty if the policy has none."""
    value: Any
    """None if it is not known, or absent."""
    details: "tuple[FormulaInput, ...]" = ()
    """Of an event: what its table has shown of it."""
    slices: tuple[str, ...] = ()
    """Of a marginal table: what each band gives, such as `1000 × 0.1 = 100`."""
    expression: Expression | None = field(default=None, eq=False, repr=False)
    """The part of the formula that has this value; None for a fact, or an event, that is shown by itself."""


@frozen
class InputReader:
    """Reads the values of one subject's decision."""

    program: Program
    facts: SubjectFacts
    environment: Environment
    labels: Mapping[str, str]
    period: Period

    @property
    def tables(self) -> dict[str, EventTable]:
        return {table.name: table for table in self.program.schema.events}

    def list_inputs(
        self, formula: Expression, event: Row | None = None, *, shows_events: bool = False
    ) -> Iterator[FormulaInput]:
        """What a formula reads, each once; with `shows_events` also the events for which it holds."""
        for node in dict.fromkeys(_walk_inputs(formula)):
            if isinstance(node, Read):
                yield evolve(self.show_value(node.name), expression=node)
                continue
            with localcontext(EXACT):
                recorder = record_values(self.environment, node, event)
            value = known(recorder.value(node, event))
            slices = self._slices(node, recorder, event)
            yield FormulaInput(print_formula(node), self._field_label(node), value, slices=slices, expression=node)
            if isinstance(node, EventFold):
                yield from self._list_events(node, recorder, shows_all=shows_events)

    def show_value(self, name: str) -> FormulaInput:
        return FormulaInput(name, self.labels.get(name, ""), known(self.environment.values[name]))

    def _field_label(self, node: Expression) -> str:
        table = self.tables.get(node.table) if isinstance(node, Field) else None
        return next((column.label for column in table.columns if column.name == node.name), "") if table else ""  # type: ignore[attr-defined]  # it is a field

    def _slices(self, node: Expression, recorder: ValueRecorder, event: Row | None) -> tuple[str, ...]:
        """What each band of a marginal table gives of a number."""
        lookup = node.lookup if isinstance(node, Rate) else node
        if not isinstance(lookup, Lookup):
            return ()
        table = next(table for table in self.program.tables if table.name == lookup.table)
        key = recorder.value(lookup.key, event)
        if table.kind != "marginal" or not isinstance(key, Decimal | int):
            return ()
        return tuple(_print_slices(in_force(table.versions, self.period.end), Decimal(key)))

    def _list_events(self, fold: EventFold, recorder: ValueRecorder, *, shows_all: bool) -> Iterator[FormulaInput]:
        """The events that went into a value one by one, where their table has something shown of them."""
        table = self.tables.get(fold.table)
        rows = self.facts.rows.get(fold.table, ())
        if table is None or isinstance(rows, Unknown) or not (table.shown or shows_all):
            return
        bodies = [part for part in subexpressions(fold) if part is not fold.where]
        for row in rows:
            if fold.where is None or recorder.value(fold.where, row) is True:
                value = recorder.value(bodies[0], row) if bodies else True
                if table.shown or (isinstance(fold, Exists) and value is True):
                    name = f"{table.label or table.name} {event_key(table, row)}"
                    yield FormulaInput(name, "", known(value), tuple(list_details(table, row)))


_INPUTS: Final = (
    ByText | Read | Field | Lookup | Rate | ParameterOn | KeyedField | Streak | GroupValue | Nth | RowsValue
)
"""What an explanation shows the value of, beside a formula."""


def _walk_inputs(node: Expression) -> Iterator[Expression]:
    """The nodes whose values are shown; inside of them only values of the subject, and what a table is asked for."""
    if isinstance(node, _INPUTS):
        yield node
        fields = (
            set(_walk_fields(node)) if isinstance(node, ByText | Lookup | Rate | ParameterOn | KeyedField) else set()
        )
        yield from (part for part in walk(node) if part is not node and (isinstance(part, Read) or part in fields))
    else:
        for part in subexpressions(node):
            yield from _walk_inputs(part)


def _walk_fields(node: Expression) -> Iterator[Field]:
    """The fields of the event that is looked at; those inside a fold are of its own events."""
    for part in subexpressions(node):
        if isinstance(part, Field):
            yield part
        elif not isinstance(part, RowsValue):
            yield from _walk_fields(part)


def _print_slices(bands: Sequence[Band], key: Decimal) -> Iterator[str]:
    starts = [Decimal(band.start) for band in bands]
    for band, start, end in zip(bands, starts, [*starts[1:], None], strict=True):
        width = (key if end is None else min(key, end)) - start
        if width > 0:
            with localcontext(EXACT):
                points = multiply(width, Decimal(band.value))
            yield f"{format_decimal(width)} × {format_decimal(Decimal(band.value))} = {format_decimal(points)}"


def known(value: Any) -> Any:  # noqa: ANN401  a value of any type
    """A value as it is shown; None where there is none."""
    return None if isinstance(value, Unknown) else value


def event_key(table: EventTable, event: Row) -> str:
    return " ".join(str(event[name]) for name in table.key)


def list_days(table: EventTable, event: Row) -> Iterator[date]:
    """When an event was: the day by which its table is dated, or the days of its key."""
    names = (table.dated_by,) if table.dated_by else table.key
    yield from (event[name] for name in names if isinstance(event[name], date))


def list_details(table: EventTable, event: Row) -> Iterator[FormulaInput]:
    """What a table has shown of its events."""
    for column in table.columns:
        value = event[column.name]
        if column.name in table.shown and value is not None and not isinstance(value, Unknown):
            yield FormulaInput(column.name, column.label, value)
