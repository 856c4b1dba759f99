"""Waivers of which the facts do not say who decided them, and under which clause."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from scorecore.compiler.checks.guarded_walk import Steps
from scorecore.compiler.checks.inputs import find_inputs
from scorecore.compiler.checks.marks import mark_call
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.expressions import Apply, Expression, Field, Read, walk
from scorecore.policy.load import Document
from scorecore.program.schema import EventTable, Schema
from scorecore.program.steps import Account, EntryRule
from scorecore.values.step_id import StepId
from scorecore.values.types import TypeKind

WAIVED: Final = "waived"
"""The reason of an entry of 0 in place of one that was waived."""
_TEXTS: Final = 2
"""One for the person, and one for the clause."""


def note_unnamed_waivers(schema: Schema, steps: Steps, documents: Sequence[Document], diagnostics: Diagnostics) -> None:
    """Note waivers beside which there are too few texts to say it."""
    tables = {table.name: table for table in schema.events}
    accounts = (step for step in steps.values() if isinstance(step, Account))
    for due, waived in (pair for account in accounts for pair in pairwise(account.entries)):
        waiver = _find_waiver(due, waived)
        if waiver is not None and len(_list_texts(_list_read(waiver, steps), schema, tables.get(waived.each))) < _TEXTS:
            place = mark_call(waived.place, documents)
            diagnostics.add(catalogue.UNNAMED_WAIVER, *place, table=waived.each or schema.subject)


def _find_waiver(due: EntryRule, waived: EntryRule) -> Expression | None:
    """The condition by which the second of two rules takes what the first one leaves."""
    if waived.reason != WAIVED or waived.each != due.each:
        return None
    match due.when, waived.when:
        case Apply(operator="not", operands=(waiver,)), condition if condition == waiver:
            return waiver
        case (
            Apply(operator="and", operands=(_, Apply(operator="not", operands=(waiver,)))),
            Apply(operator="and", operands=(_, condition)),
        ) if condition == waiver:
            return waiver
    return None


def _list_texts(asked: Iterable[str], schema: Schema, table: EventTable | None) -> set[str]:
    """Texts that the waiver asks for, or that are shown beside its event and need not be there."""
    columns = table.columns if table else schema.columns
    shown = {column.name for column in columns if table and column.name in table.shown and column.optional}
    key = table.key if table else ()
    texts = {column.name for column in columns if column.type.kind is TypeKind.STRING and column.name not in key}
    return {*asked, *shown} & texts


def _list_read(waiver: Expression, steps: Steps) -> Iterator[str]:
    for part in walk(waiver):
        match part:
            case Field(name=name):
                yield name
            case Read(name=StepId() as name):
                yield from find_inputs(name, steps)
            case Read(name=name):
                yield name
