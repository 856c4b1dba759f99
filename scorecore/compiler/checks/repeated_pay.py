"""Lines of pay that are due once, and that nothing keeps from being paid in every period."""

from collections.abc import Iterator

from scorecore.compiler.checks.guarded_walk import Steps
from scorecore.compiler.checks.inputs import find_inputs
from scorecore.policy import model as policy
from scorecore.program.schema import FactColumn, Schema
from scorecore.values.step_id import StepId
from scorecore.values.types import TypeKind

_MOMENTS = frozenset({TypeKind.DATE, TypeKind.TIMESTAMP})


def find_repeated_pay(
    declared: policy.Policy, schema: Schema, steps: Steps
) -> Iterator[tuple[policy.PayDeclaration, str]]:
    """Lines that are the same in every period, each with a condition by which it would be due once.

    They apply to all and read nothing but facts of a subject that has dates of its own: what was agreed, done, paid.
    A line with a `when`, and one that reads a date, an event, an earlier period or other subjects, is left alone.
    """
    days = {column.name: column for column in schema.columns if column.type.kind in _MOMENTS}
    example = min(days.values(), key=lambda column: column.optional, default=None)
    facts = {column.name for column in schema.columns}
    if example is None:
        return
    for line in declared.pay:
        inputs = find_inputs(StepId("pay", line.id), steps)
        is_same = inputs <= facts | {name for name in inputs if name.startswith("parameters.")}
        if line.when is None and inputs & facts and is_same and not inputs & days.keys():
            yield line, _write_condition(example)


def _write_condition(column: FactColumn) -> str:
    """That a day lies in the period."""
    day = f"date({column.name})" if column.type.kind is TypeKind.TIMESTAMP else column.name
    there = f"has({column.name}) && " if column.optional else ""
    return f"{there}{day} >= period.start && {day} <= period.end"
