"""Holds that stay whatever anybody decides: no fact can make their condition false, or none that a decision leaves."""

from collections.abc import Container

from scorecore.compiler.checks.condition_cases import is_always_true
from scorecore.compiler.checks.guarded_walk import Steps
from scorecore.compiler.checks.inputs import find_inputs, trace_back
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.expressions import Apply, Expression, Field, Read, walk
from scorecore.language.sugar import walk_core
from scorecore.policy import model as policy
from scorecore.program.schema import Schema
from scorecore.program.steps import Step, step_expressions
from scorecore.values.step_id import StepId
from scorecore.values.types import TypeKind

_SAME_FOR_ALL = ("parameters.", "period.")
"""How inputs begin that no fact changes."""
_NUMBERS = frozenset({TypeKind.INT, TypeKind.DECIMAL})
_MEASURES = _NUMBERS | {TypeKind.DATE, TypeKind.TIMESTAMP}
"""What is counted and dated; a decision is a text, or true or false."""
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def note_locked_holds(declared: policy.Policy, schema: Schema, steps: Steps, diagnostics: Diagnostics) -> None:
    """Note holds that read no fact, those whose condition cannot be false, and those of which no decision is a fact.

    A hold on the day of the period, or on a figure of the policy, is noted as well: a person may decide what it says,
    but nothing can tell it that somebody has.
    """
    for hold in declared.holds:
        name = StepId("holds", hold.id)
        step = steps.get(name)
        if not isinstance(step, Step):
            continue
        reads_facts = any(not read.startswith(_SAME_FOR_ALL) for read in find_inputs(name, steps))
        if not reads_facts or is_always_true(step.expression, steps):
            diagnostics.add(catalogue.LOCKED_HOLD, *hold.at("when"), name=str(name))
        elif _reads_measures_only(name, schema, steps):
            diagnostics.add(catalogue.MEASURED_HOLD, *hold.at("when"), name=str(name))


def _reads_measures_only(hold: StepId, schema: Schema, steps: Steps) -> bool:
    """Whether every fact of a hold is counted or dated and always there, and no two of them are compared.

    Two facts that are held against each other are a check of what was typed in, which a correction releases. What
    earlier periods, groups and other policies say is left alone: time and others release it.
    """
    before, inputs = trace_back(hold, steps)
    tables = {table.name: table for table in schema.events if not table.use}
    of_subject = {column.name: column for column in schema.columns}
    if any(name not in tables and name not in of_subject and not name.startswith(_SAME_FOR_ALL) for name in inputs):
        return False
    columns = [of_subject[name] for name in inputs & of_subject.keys()]
    for part in (part for step in before for expression in step_expressions(step) for part in walk_core(expression)):
        match part:
            case Field(table=table, name=name):
                columns += (column for column in tables[table].columns if column.name == name)
            case Apply(operator=operator, operands=operands) if operator in _COMPARISONS:
                if all(_reads_fact(operand, of_subject) for operand in operands):
                    return False
    kinds = {column.type.kind for column in columns}
    return bool(kinds & _NUMBERS) and kinds <= _MEASURES and not any(column.optional for column in columns)


def _reads_fact(operand: Expression, of_subject: Container[str]) -> bool:
    return any(
        isinstance(part, Field) or (isinstance(part, Read) and part.name in of_subject) for part in walk(operand)
    )
