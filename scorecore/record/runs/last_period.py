"""The last period that a record has before another one, for comparing the two."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from scorecore.analysis.reconciliation import ID, RESULT, PeriodSide, find_result
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.record.runs.recorded import Recorded
from scorecore.values.types import TypeKind


def read_last_period(recorded: Recorded, program: Program, before: str) -> PeriodSide | None:
    """What stands of the last recorded period of a policy before another one; raises RecordRejected.

    Facts are those that the program reads now; one that it did not read then is empty everywhere.
    """
    label = max((label for label in recorded.periods(program.id) if label < before), default=None)
    if label is None:
        return None
    schema, result = program.schema, find_result(program)
    events = [table for table in schema.events if table.use is None]
    subjects: list[dict[str, object]] = []
    rows: dict[str, list[dict[str, str | None]]] = {table.name: [] for table in events}
    for _pseudonym, _run, data in recorded.standing_payloads(program.id, label):
        facts, amount = data["facts"], data["result"]["values"].get(result)
        subject = {ID: data["subject"], **_texts(facts["values"], schema.columns)}
        subjects.append(subject | ({RESULT: None if amount is None else Decimal(amount)} if result else {}))
        for table in events:
            event_rows = facts["tables"].get(table.name, ())
            if isinstance(event_rows, list):  # else the table was not known
                rows[table.name] += [{ID: data["subject"], **_texts(row, table.columns)} for row in event_rows]
    return PeriodSide(
        label,
        _frame(subjects, schema.columns, {RESULT: pl.Decimal(38, 12)} if result else {}),
        {table.name: _frame(rows[table.name], table.columns, {}) for table in events},
    )


def _frame(
    rows: Sequence[Mapping[str, object]], columns: Sequence[FactColumn], more: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    schema = {ID: pl.String(), **{column.name: pl.String() for column in columns}, **more}
    return pl.DataFrame({name: pl.Series([row[name] for row in rows], dtype=dtype) for name, dtype in schema.items()})


def _texts(values: Mapping[str, Any], columns: Sequence[FactColumn]) -> dict[str, str | None]:
    """Facts of a payload as canonical text; what was unknown or absent is None."""
    return {column.name: _text(values.get(column.name), column) for column in columns}


def _text(value: Any, column: FactColumn) -> str | None:  # noqa: ANN401  plain data of a payload
    if value is None or isinstance(value, dict):
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("T", " ") if column.type.kind is TypeKind.TIMESTAMP else text
