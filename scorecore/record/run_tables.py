"""The tables of a recorded run, from the record alone: the same that were written when it was decided."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import polars as pl
from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.decisions import (
    NET,
    PARTIAL,
    decimal_series,
    net_type,
    pay_places,
    points_places,
    quantity_places,
    value_series,
)
from scorecore.evaluate.result_tables import TABLES
from scorecore.facts.model import SubjectRow
from scorecore.program.model import Program, result_name
from scorecore.program.schema import EventTable
from scorecore.record.corrections.adjustments import read_adjustments
from scorecore.record.corrections.payroll import NAME, adjustments_table, build_payroll, find_payable
from scorecore.record.runs.manifest import Run
from scorecore.record.runs.payload import Payload, read_causes, read_value
from scorecore.record.runs.payload_order import number_rules
from scorecore.record.runs.recorded import Recorded
from scorecore.values.types import Type, TypeKind, Value
from scorecore.values.unknown import Unknown

Say = Callable[[Diagnostic], str]
"""What a diagnostic says, in the reader's language."""
_NO_EVENT: Final = -1


def build_run_tables(recorded: Recorded, run: Run, say: Say) -> dict[str, pl.DataFrame]:
    """Decisions, entries, pay and holds of a run, and what it pays if it is in force; without whom was erased.

    Raises RecordRejected.
    """
    program = recorded.program(run)
    payloads = [payload for _entry, payload in recorded.decisions(run) if payload is not None]
    tables = _RunTables(program, run.period, payloads)
    frames = dict(zip(TABLES, (tables.decisions(), tables.entries(), tables.pay(), tables.holds(say)), strict=True))
    if program.pay and run in recorded.runs:
        adjustments = list(read_adjustments(recorded, run))
        frames["adjustments"] = adjustments_table(program, adjustments)
        frames["payroll"] = _payroll(recorded, run, payloads)
    return frames


def _payroll(recorded: Recorded, run: Run, payloads: Sequence[Payload]) -> pl.DataFrame:
    """What a run pays; nothing of a correction whose difference a later run pays."""
    program, payable = recorded.program(run), find_payable(recorded, run)
    names = {payload.facts.subject: payload.facts.values.get(NAME) for payload in payloads}
    decided = [payload.facts.subject for payload in payloads if payload.facts.subject in payable]
    others = sorted(payable.keys() - set(decided))
    rows = [(subject, payable[subject].net, payable[subject].adjustment) for subject in (*decided, *others)]
    has_names = any(column.name == NAME for column in program.schema.columns)
    shown = {subject: name if isinstance(name, str) else None for subject, name in names.items()} if has_names else None
    return build_payroll(program, run.period, rows, shown)


@frozen
class _RunTables:
    """The decisions of a run as flat tables."""

    program: Program
    period: str
    payloads: Sequence[Payload]

    def decisions(self) -> pl.DataFrame:
        columns = {name: self.program.step(name).type for name in self.program.results()}
        series = [self.value_column(result_name(name), name, column_type) for name, column_type in columns.items()]
        if self.program.pay:
            series += [
                self.value_column(NET, NET, net_type(self.program)),
                self.value_column(PARTIAL, PARTIAL, Type(TypeKind.BOOL)),
            ]
        return pl.DataFrame([*self.heads([payload.facts.subject for payload in self.payloads]), *series])

    def value_column(self, heading: str, name: str, column_type: Type) -> pl.Series:
        data = [payload.result["values"].get(name) for payload in self.payloads]
        values = [Unknown(()) if value is None else read_value(column_type, value) for value in data]
        return value_series(values, column_type).alias(heading)

    def heads(self, subjects: Sequence[str]) -> tuple[pl.Series, pl.Series]:
        """Who, and for which period."""
        periods = pl.Series("period", [self.period] * len(subjects), dtype=pl.String)
        return pl.Series(self.program.schema.subject, subjects, dtype=pl.String), periods

    def entries(self) -> pl.DataFrame:
        rows = list(self._entry_rows())
        ledger = self.program.ledger
        texts = {
            name: pl.Series(name, [getattr(ledger[row[1]], source) for row in rows], dtype=pl.String)
            for name, source in (
                *(("item", "account"), ("reason", "reason"), ("label", "label")),
                *(("table", "each"), ("authority", "authority")),
            )
        }
        quantities = decimal_series([row[2] for row in rows], quantity_places(self.program)).alias("quantity")
        points = decimal_series([row[3] for row in rows], points_places(self.program)).alias("points")
        event = pl.Series("event", [row[4] for row in rows], dtype=pl.String)
        middle = (texts["item"], texts["reason"], texts["label"], quantities, points, texts["table"], event)
        return pl.DataFrame([*self.heads([row[0] for row in rows]), *middle, texts["authority"]])

    def _entry_rows(self) -> Iterator[tuple[str, int, Decimal | None, Decimal, str | None]]:
        """Who, the number of the rule, quantity, points, and the key of the event; in the order of the policy."""
        numbers = {rule: number for number, rule in enumerate(number_rules(self.program))}
        tables = {table.name: table for table in self.program.schema.events}
        for payload in self.payloads:
            rows = [
                (numbers[account, rule], position, Decimal(points), Decimal(quantity[0]) if quantity else None)
                for account, rule, points, position, *quantity in payload.result["entries"]
            ]
            for number, position, points, quantity in sorted(rows, key=lambda row: row[:2]):
                table = tables.get(self.program.ledger[number].each)
                key = None
                if table and position != _NO_EVENT:
                    their_rows = payload.facts.rows[table.name]
                    key = "" if isinstance(their_rows, Unknown) else _key_text(table, their_rows[position])
                yield payload.facts.subject, number, quantity, points, key

    def pay(self) -> pl.DataFrame:
        rows = [
            (payload.facts.subject, line, Decimal(payload.result["pay"][line.step]))
            for payload in self.payloads
            for line in self.program.pay
            if line.step in payload.result["pay"]
        ]
        steps = [self.program.step(line.step) for _, line, _ in rows]
        amounts = decimal_series([amount for _, _, amount in rows], pay_places(self.program)).alias("amount")
        effects = decimal_series(
            [-amount if line.sign < 0 else amount for _, line, amount in rows], pay_places(self.program)
        )
        return pl.DataFrame(
            [
                *self.heads([subject for subject, _, _ in rows]),
                _text("line", (line.step for _, line, _ in rows)),
                _text("kind", (line.kind for _, line, _ in rows)),
                _text("label", (step.label for step in steps)),
                amounts,
                effects.alias("effect"),
                _text("authority", (step.authority for step in steps)),
            ]
        )

    def holds(self, say: Say) -> pl.DataFrame:
        rows = [
            (payload.facts.subject, step, cause)
            for payload in self.payloads
            for step, causes in self._held(payload.result).items()
            for cause in causes
        ]
        return pl.DataFrame(
            [
                *self.heads([subject for subject, _, _ in rows]),
                _text("step", (result_name(step) for _, step, _ in rows)),
                _text("code", (cause.kind.code for _, _, cause in rows)),
                _text("reason", (say(cause) for _, _, cause in rows)),
                _text("place", (str(cause.location) for _, _, cause in rows)),
            ]
        )

    def _held(self, result: Mapping[str, Any]) -> dict[str, tuple[Diagnostic, ...]]:
        """What is held with its causes, in the order of the steps."""
        held = result.get("held", {})
        ordered = dict.fromkeys([*(step.name for step in self.program.steps if step.name in held), *held])
        return {name: read_causes(held[name]) for name in ordered}


def _text(name: str, texts: Iterable[str]) -> pl.Series:
    return pl.Series(name, list(texts), dtype=pl.String)


def _key_text(table: EventTable, row: SubjectRow) -> str:
    """The key of an event, as the tables of a run write it."""
    types = {column.name: column.type for column in table.columns}
    return " ".join(_value_text(row[name], types[name]) for name in table.key)


def _value_text(value: Value | Unknown | None, value_type: Type) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:.{value_type.places}f}"
    return str(value)
