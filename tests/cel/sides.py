"""Both sides: what an expression gives by us, and by Google's CEL."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

from cel_expr_python import cel

from cel.facts import COLUMNS, MISSING, TABLES, Given, cel_of, ours_of
from cel.support import Refusal, compiled, evaluated
from scorecore.values.types import TypeKind
from scorecore.values.unknown import Unknown

CEL_TYPES: Final = {
    TypeKind.INT: cel.Type.INT,
    TypeKind.DECIMAL: cel.Type.DOUBLE,
    TypeKind.STRING: cel.Type.STRING,
    TypeKind.BOOL: cel.Type.BOOL,
}
NONE: Final = "no value"
"""Stands for an unknown value of ours, and for an error of CEL; no fact is such a text."""


@cache
def environment() -> cel.Env:
    """CEL with the facts of the strategies, and the sums that it has not."""
    listed = cel.Type.List(cel.Type.DYN)

    def summing(kind: TypeKind, zero: float) -> cel.FunctionDecl:
        name = f"sum_of_{kind.value}"
        overload = cel.Overload(
            name, CEL_TYPES[kind], [listed], is_member=True, impl=lambda values: sum(values, start=zero)
        )
        return cel.FunctionDecl(name, [overload])

    events = cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN))
    return cel.NewEnv(
        variables={
            **{name: CEL_TYPES[column.type.kind] for name, column in COLUMNS.items()},
            **dict.fromkeys(TABLES, events),
        },
        functions=[summing(TypeKind.INT, 0), summing(TypeKind.DECIMAL, 0.0)],
    )


def by_us(text: str, *record: Given) -> list[Any] | Refusal:
    """The value for each of several subjects, NONE where it is unknown."""
    expression = compiled(text, COLUMNS, dict.fromkeys(TABLES, COLUMNS))
    if isinstance(expression, Refusal):
        return expression
    values = []
    for one in record:
        rows = {table: [ours_of(row) for row in one[table]] if one[table] is not None else MISSING for table in TABLES}
        value = evaluated(expression, ours_of({name: one[name] for name in COLUMNS}), rows)
        values.append(NONE if isinstance(value, Unknown) else value)
    return values


def accepted(text: str, *records: Given) -> list[Any]:
    """The values of an expression that has to be one."""
    values = by_us(text, *records)
    assert not isinstance(values, Refusal), str(values)
    return values


def by_cel(text: str, *records: Given) -> list[Any]:
    """The value for each of several subjects, NONE where it is an error."""
    program = environment().compile(text)
    values = []
    for cells in records:
        tables = {table: [cel_of(row) for row in cells[table]] for table in TABLES if cells[table] is not None}
        outcome = program.eval(data={**cel_of({name: cells[name] for name in COLUMNS}), **tables})
        value = outcome.plain_value()
        value = Decimal(repr(value)) if isinstance(value, float) else value
        values.append(NONE if outcome.type() == cel.Type.ERROR else value)
    return values


def typed(values: Sequence[Any]) -> list[tuple[type, Any]]:
    """Values that differ where their types do: 1, true and 1.0 are three."""
    return [(type(value), value) for value in values]
